"""Lots as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, QuantityField, Schema
from kernel.paging import PageQuery
from kernel.quantity import Unit
from marketplace.lots.commands import NewLot
from marketplace.lots.rules import Contribution

MAX_CONTRIBUTIONS = 500


class ContributionIn(Schema):
    """What one household delivered."""

    makes = Contribution

    household_id = Key(required=True)
    quantity = QuantityField(required=True)
    farm_price_fen = Money(required=True)


class LotIn(Schema):
    """A lot to record."""

    makes = NewLot

    listing_id = Key(required=True)
    harvested_on = Day(required=True)
    expires_on = Day(allow_none=True)
    unit = EnumField(Unit, required=True)
    contributions = fields.List(
        fields.Nested(ContributionIn), validate=ma.validate.Length(max=MAX_CONTRIBUTIONS)
    )
    own_quantity = QuantityField(zero=True)


class LotQueryIn(PageQuery):
    """Which lots to list."""

    listing_id = Key(load_default=None)


class ContributionOut(Schema):
    """What one household put in."""

    household_code = fields.String(required=True)
    quantity = QuantityField(required=True)
    farm_price_fen = Money(required=True)


class LotItemOut(Schema):
    """A lot in a list; quantities in its unit."""

    id = Key(attribute="lot.id", required=True)
    number = fields.String(attribute="lot.number", required=True)
    listing_id = Key(attribute="lot.listing_id", required=True)
    title = fields.String(required=True)
    supplier_id = Key(attribute="lot.supplier_id", required=True)
    harvested_on = Day(attribute="lot.harvested_on", required=True)
    expires_on = Day(attribute="lot.expires_on", required=True, allow_none=True)
    unit = EnumField(Unit, attribute="lot.unit", required=True)
    own_quantity = QuantityField(zero=True, attribute="lot.own_quantity", required=True)
    total = QuantityField(attribute="lot.total", required=True)
    held = QuantityField(zero=True, attribute="lot.held", required=True)
    shipped = QuantityField(zero=True, attribute="lot.shipped", required=True)
    created_at = Instant(attribute="lot.created_at", required=True)


class LotOut(LotItemOut):
    """A lot with what each household put in."""

    contributions = fields.List(fields.Nested(ContributionOut), required=True)
