"""Lots as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Instant, Key, Money, QuantityField, Schema, Text
from kernel.paging import PageQuery
from kernel.quantity import UNIT_LABELS, Unit
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from marketplace.lots.commands.adjusting import NewAdjustment
from marketplace.lots.commands.importing import DeliveredRow
from marketplace.lots.commands.paying import NewContributionPayment
from marketplace.lots.commands.stock import NewLot
from marketplace.lots.models import AdjustmentKind
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
    """What one household put in, and when it was paid; carried over it names its root."""

    id = Key(required=True)
    root_id = Key(required=True, allow_none=True)
    paid_on = Day(required=True, allow_none=True)
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


class AdjustmentIn(Schema):
    """What was lost of a lot, or found, in its unit."""

    makes = NewAdjustment

    kind = EnumField(AdjustmentKind, required=True)
    quantity = QuantityField(required=True)
    reason = Text(required=True, max=500)
    document_id = Key(allow_none=True, load_default=None)

    @ma.validates("kind")
    def _check_kind(self, kind: AdjustmentKind, **_: object) -> None:
        if kind is AdjustmentKind.CORRECTED:
            raise ma.ValidationError("更正请使用更正入口 / a correction has its own door")


class AdjustmentOut(Schema):
    """A loss, a find, or what takes a loss back."""

    id = Key(required=True)
    lot_id = Key(required=True)
    kind = EnumField(AdjustmentKind, required=True)
    quantity = QuantityField(required=True)
    reason = fields.String(required=True)
    document_id = Key(required=True, allow_none=True)
    reverses_id = Key(required=True, allow_none=True)
    recorded_at = Instant(required=True)


class LotReasonIn(Schema):
    """Why something is taken back."""

    reason = Text(required=True, max=500)


class LotSplitIn(LotReasonIn):
    """How much of a lot becomes a new one."""

    quantity = QuantityField(required=True)


class LotMergeIn(LotReasonIn):
    """Which lots become one."""

    lot_ids = fields.List(Key(), required=True, validate=ma.validate.Length(min=2, max=50))


class ContributionPaymentIn(Schema):
    """When contributions were paid, and the proof; without names all that are owed."""

    makes = NewContributionPayment

    paid_on = Day(required=True)
    document_id = Key(required=True)
    contribution_ids = fields.List(
        Key(), load_default=None, validate=ma.validate.Length(min=1, max=MAX_CONTRIBUTIONS)
    )


class ContributionReversalIn(LotReasonIn):
    """Which mark is taken back, and why."""

    contribution_id = Key(required=True)


class DeliveredRowIn(Schema):
    """What one household delivered of one harvest."""

    makes = DeliveredRow

    harvested_on = Day(required=True)
    expires_on = Day(allow_none=True, load_default=None)
    unit = EnumField(Unit, required=True)
    household_code = Code(required=True)
    quantity = QuantityField(required=True)
    farm_price_fen = Money(required=True)


UNITS = labels_of(Unit, **UNIT_LABELS)

LOT_CONTRIBUTIONS = Sheet(
    name="lot_contributions",
    zh="农户交售清单",
    en="Deliveries of households",
    columns=(
        Column("harvested_on", "采收日期", "Harvested on", Kind.DAY),
        Column("expires_on", "保质期至", "Expires on", Kind.DAY),
        Column("unit", "计量单位", "Unit", Kind.CHOICE, labels=UNITS, width=10),
        Column("household_code", "户编号", "Household code", Kind.CODE, width=26),
        Column("quantity", "数量", "Quantity", Kind.QUANTITY),
        Column("farm_price_fen", "收购单价（元）", "Farm price (yuan)", Kind.YUAN),
    ),
    schema=DeliveredRowIn(),
    unique=("harvested_on", "expires_on", "unit", "household_code"),
)
"""Handed in for a listing: the rows of one harvest make a lot."""
