"""JSON of a lot's story."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, QuantityField, Schema
from kernel.holds import EntryKind
from kernel.quantity import Unit
from marketplace.lots.models import AdjustmentKind


class GrownOut(Schema):
    """What a household put in; by code alone."""

    contribution_id = Key(required=True)
    household_code = fields.String(required=True)
    quantity = QuantityField(required=True)
    farm_price_fen = Money(required=True)
    recorded_with = fields.String(required=True)
    paid_on = Day(required=True, allow_none=True)


class CarriedOut(Schema):
    """What came from another lot, or went to one: below zero."""

    lot_number = fields.String(required=True)
    quantity = fields.String(required=True)
    reason = fields.String(required=True)
    at = Instant(required=True)


class CorrectedOut(Schema):
    """A loss, a find, or what takes a loss back."""

    kind = EnumField(AdjustmentKind, required=True)
    quantity = QuantityField(required=True)
    reason = fields.String(required=True)
    at = Instant(required=True)


class MovedOut(Schema):
    """An entry of the stock; differences, signed."""

    kind = EnumField(EntryKind, required=True)
    source = fields.String(required=True)
    held = fields.String(required=True)
    shipped = fields.String(required=True)
    at = Instant(required=True)


class DeliveredOut(Schema):
    """What went out with an order line, was taken in, and what households got of it."""

    order_id = Key(required=True)
    order_number = fields.String(required=True)
    order_line_id = Key(required=True)
    title = fields.String(required=True)
    shipped = QuantityField(required=True)
    accepted = QuantityField(zero=True, required=True)
    rejected = QuantityField(zero=True, required=True)
    shipped_at = Instant(required=True)
    attributed_fen = Money(required=True)


class LotStoryOut(Schema):
    """A lot from its households to the canteens."""

    id = Key(attribute="lot.id", required=True)
    number = fields.String(attribute="lot.number", required=True)
    title = fields.String(required=True)
    harvested_on = Day(attribute="lot.harvested_on", required=True)
    expires_on = Day(attribute="lot.expires_on", required=True, allow_none=True)
    unit = EnumField(Unit, attribute="lot.unit", required=True)
    own_quantity = QuantityField(zero=True, attribute="lot.own_quantity", required=True)
    total = QuantityField(attribute="lot.total", required=True)
    contributions = fields.List(fields.Nested(GrownOut), required=True)
    carried = fields.List(fields.Nested(CarriedOut), required=True)
    adjustments = fields.List(fields.Nested(CorrectedOut), required=True)
    entries = fields.List(fields.Nested(MovedOut), required=True)
    deliveries = fields.List(fields.Nested(DeliveredOut), required=True)
