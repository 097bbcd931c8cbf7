"""The completion report in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from kernel.fields import EnumField, Flag, Instant, Key, RegionCode, Schema, Text, Year
from kernel.paging import MAX_LIMIT, PageQuery
from procurement.completion.rules import Figures
from procurement.policies.models import OrderKind
from procurement.policies.rules import NotCounted
from procurement.policies.schemas import ResolutionOut, WordsOut
from registry.regions.models import OriginKind

FEN = {"description": "fen (分); refunds of another year's money make it negative"}
RATE = {"pattern": r"^-?[0-9]+\.[0-9]{4}$", "description": "ratio, four places"}


class CompletionQuery(PageQuery):
    """Whose completion, of which year, as of when (RFC 3339; without it, now)."""

    unit_id = Key(load_default=None)
    region = RegionCode(load_default=None)
    year = Year(required=True)
    as_of = Instant(load_default=None)
    limit = fields.Integer(load_default=MAX_LIMIT, validate=Range(min=1, max=MAX_LIMIT))


class ForecastOut(Schema):
    """Where the year ends at the pace so far."""

    counted_fen = fields.Integer(required=True, metadata=FEN)
    rate = fields.Decimal(as_string=True, required=True, allow_none=True, metadata=RATE)
    reaches = Flag(required=True)


class UncountedOut(Schema):
    """Money that was paid and does not count, and why."""

    origin_kind = EnumField(OriginKind, required=True)
    order_kind = EnumField(OrderKind, required=True)
    amount_fen = fields.Integer(required=True, metadata=FEN)
    reason = EnumField(NotCounted, required=True)
    why = fields.Nested(WordsOut, required=True)


class FiguresOut(Schema):
    """The figures of completion; `paid_fen` less `counted_fen` is what `not_counted` adds up to."""

    reserved_fen = fields.Integer(required=True, metadata=FEN)
    ordered_fen = fields.Integer(required=True, metadata=FEN)
    accepted_fen = fields.Integer(required=True, metadata=FEN)
    paid_fen = fields.Integer(required=True, metadata=FEN)
    counted_fen = fields.Integer(required=True, metadata=FEN)
    owed_fen = fields.Integer(required=True, metadata=FEN)
    paid_elsewhere_fen = fields.Integer(
        required=True,
        metadata={"description": "paid on this year's quotas outside this year (fen)"},
    )
    rate = fields.Decimal(as_string=True, required=True, allow_none=True, metadata=RATE)
    rate_note = fields.Nested(WordsOut, required=True, allow_none=True)
    forecast = fields.Nested(ForecastOut, required=True, allow_none=True)
    not_counted = fields.List(fields.Nested(UncountedOut), required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read a figure from the figures of what is shown."""
        of = obj.figures if attr in Figures.__dataclass_fields__ else obj
        return super().get_attribute(of, attr, default)


class UnitFiguresOut(FiguresOut):
    """The completion of one unit by itself."""

    unit_id = Key(attribute="unit.id", required=True)
    name = Text(attribute="unit.name", required=True)
    region_code = RegionCode(attribute="unit.region_code", required=True)


class CompletionOut(FiguresOut):
    """The completion of a unit's tree or a region, and a page of its units; all pages add up."""

    unit_id = Key(required=True, allow_none=True)
    region = RegionCode(attribute="region_code", required=True)
    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    policy = fields.Nested(ResolutionOut, required=True)
    units = fields.List(fields.Nested(UnitFiguresOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
