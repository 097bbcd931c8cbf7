"""The completion report in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load
from marshmallow.validate import Range

from kernel.fields import Day, EnumField, Flag, Instant, Key, RegionCode, Schema, Text, Year
from kernel.holds import EntryKind
from kernel.paging import MAX_LIMIT, PageQuery
from procurement.completion.models import Axis, Figure, Narrowing, Ranking
from procurement.completion.rules.figures import Figures
from procurement.completion.rules.pace import Basis
from procurement.policies.models import OrderKind, Purchase, Situation
from procurement.policies.rules.floors import NotCounted
from procurement.policies.schemas.policies import WordsOut
from procurement.policies.schemas.resolutions import ResolutionOut
from procurement.quotas.models import Fund
from registry.organisations.models import Ending, OrganisationKind
from registry.regions.models import OriginKind

FEN = {"description": "fen (分); refunds of another year's money make it negative"}
RATE = {
    "type": "string",
    "pattern": r"^-?[0-9]+\.[0-9]{4}$",
    "description": "ratio, four places",
}


class CompletionQuery(PageQuery):
    """Whose completion, of which year, as of when (RFC 3339; without it, now)."""

    unit_id = Key(load_default=None)
    region = RegionCode(load_default=None)
    year = Year(required=True)
    as_of = Instant(load_default=None)
    limit = fields.Integer(load_default=MAX_LIMIT, validate=Range(min=1, max=MAX_LIMIT))


class OverviewQuery(PageQuery):
    """Which region's overview, as of when, and what its units are ranked by."""

    region = RegionCode(load_default=None)
    year = Year(required=True)
    as_of = Instant(load_default=None)
    by = EnumField(Ranking, load_default=Ranking.RATE)


class WhoseQuery(Schema):
    """Whose completion, of which year, as of when (RFC 3339; without it, now)."""

    unit_id = Key(load_default=None)
    region = RegionCode(load_default=None)
    year = Year(required=True)
    as_of = Instant(load_default=None)


class BreakdownQuery(WhoseQuery):
    """What a year is parted by."""

    by = EnumField(Axis, required=True)


class OpeningQuery(CompletionQuery):
    """Which figure is opened, and which part of it."""

    figure = EnumField(Figure, required=True)
    month = Day(load_default=None)
    fund = EnumField(Fund, load_default=None)
    origin_kind = EnumField(OriginKind, load_default=None)
    order_kind = EnumField(OrderKind, load_default=None)
    category_code = Text(load_default=None)
    buyer_kind = EnumField(OrganisationKind, load_default=None)
    unit_kind = EnumField(OrganisationKind, load_default=None)

    @post_load
    def narrow(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Gather what narrows the figure."""
        month = body.pop("month")
        names = [one for one in Narrowing.__dataclass_fields__ if one != "month"]
        first = None if month is None else month.replace(day=1)
        narrowing = Narrowing(month=first, **{one: body.pop(one) for one in names})
        return body | {"narrowing": narrowing}


class ForecastOut(Schema):
    """Where the year ends at the pace so far, and what that goes by."""

    counted_fen = fields.Integer(required=True, metadata=FEN)
    rate = fields.Decimal(as_string=True, required=True, allow_none=True, metadata=RATE)
    reaches = Flag(required=True)
    basis = EnumField(Basis, required=True)
    why = fields.Nested(WordsOut, required=True)


class UncountedOut(Schema):
    """Money that was paid and does not count, and why."""

    origin_kind = EnumField(OriginKind, required=True)
    order_kind = EnumField(OrderKind, required=True)
    purchase = EnumField(Purchase, required=True, allow_none=True)
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
    not_counted = fields.List(fields.Nested(UncountedOut), required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read a figure from the figures of what is shown."""
        of = obj.figures if attr in Figures.__dataclass_fields__ else obj
        return super().get_attribute(of, attr, default)


class UnitFiguresOut(FiguresOut):
    """The completion of one unit by itself, under the name it bore then."""

    unit_id = Key(attribute="unit.id", required=True)
    name = Text(attribute="row.name", required=True)
    region_code = RegionCode(attribute="unit.region_code", required=True)
    situation = EnumField(Situation, attribute="row.situation", required=True, allow_none=True)
    ending = EnumField(Ending, attribute="row.ending", required=True, allow_none=True)
    forecast = fields.Nested(ForecastOut, required=True, allow_none=True)


class CompletionOut(FiguresOut):
    """The completion of a unit's tree or a region, and a page of its units; all pages add up."""

    unit_id = Key(required=True, allow_none=True)
    region = RegionCode(attribute="region_code", required=True)
    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    forecast = fields.Nested(ForecastOut, required=True, allow_none=True)
    policy = fields.Nested(ResolutionOut, required=True)
    units = fields.List(fields.Nested(UnitFiguresOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RegionFiguresOut(FiguresOut):
    """The completion of all units inside a region."""

    code = RegionCode(required=True)
    name = Text(required=True, allow_none=True)


class RankedUnitOut(FiguresOut):
    """A unit's place and completion; units without a rate have no place."""

    class Meta:
        """What only the unit's own report tells."""

        exclude = ("not_counted", "paid_elsewhere_fen")

    place = fields.Integer(required=True, allow_none=True)
    unit_id = Key(attribute="unit.id", required=True)
    name = Text(attribute="row.name", required=True)
    region_code = RegionCode(attribute="unit.region_code", required=True)


class OverviewOut(FiguresOut):
    """A region, each region directly inside it, and a page of its units by rank."""

    region = RegionCode(attribute="region_code", required=True)
    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    forecast = fields.Nested(ForecastOut, required=True, allow_none=True)
    regions = fields.List(fields.Nested(RegionFiguresOut), required=True)
    units = fields.List(fields.Nested(RankedUnitOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PartFiguresOut(FiguresOut):
    """The completion of one part; a part that nothing is known of has no key."""

    key = fields.String(required=True, allow_none=True)
    name = fields.Nested(WordsOut, required=True)


class BreakdownOut(FiguresOut):
    """A year's completion, and its parts; they add up to it."""

    by = EnumField(Axis, required=True)
    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    parts = fields.List(fields.Nested(PartFiguresOut), required=True)


class CurvePointOut(Schema):
    """A month: what was paid and counted in it and up to its end, and what should be."""

    month = Day(required=True)
    paid_fen = fields.Integer(required=True, metadata=FEN)
    counted_fen = fields.Integer(required=True, metadata=FEN)
    counted_so_far_fen = fields.Integer(required=True, metadata=FEN)
    planned_fen = fields.Integer(required=True, metadata=FEN)
    basis = EnumField(Basis, required=True)


class CurveOut(FiguresOut):
    """A year month by month up to an instant, against its plan."""

    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    planned_fen = fields.Integer(required=True, metadata=FEN)
    behind_fen = fields.Integer(required=True, metadata=FEN)
    months = fields.List(fields.Nested(CurvePointOut), required=True)


class EntryBehindOut(Schema):
    """An entry with what it adds to the figure, and the order behind it."""

    position = fields.Integer(required=True)
    at = Instant(required=True)
    kind = EnumField(EntryKind, required=True)
    amount_fen = fields.Integer(required=True, metadata=FEN)
    quota_id = Key(required=True)
    quota_year = fields.Integer(required=True)
    fund = EnumField(Fund, required=True)
    unit_id = Key(required=True)
    unit_name = Text(required=True)
    order_id = Key(required=True, allow_none=True)
    origin_kind = EnumField(OriginKind, required=True, allow_none=True)
    order_kind = EnumField(OrderKind, required=True, allow_none=True)
    category_code = Text(required=True, allow_none=True)
    buyer_kind = EnumField(OrganisationKind, required=True, allow_none=True)


class OpenedOut(Schema):
    """A page of the entries behind a figure; all pages add up to `total_fen`."""

    figure = EnumField(Figure, required=True)
    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    total_fen = fields.Integer(required=True, metadata=FEN)
    items = fields.List(fields.Nested(EntryBehindOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class LeadTimeRuleOut(Schema):
    """The dated default, and when what was observed takes its place."""

    from_on = Day(required=True)
    delivery_days = fields.Integer(required=True)
    acceptance_days = fields.Integer(required=True)
    payment_days = fields.Integer(required=True)
    quantile_bp = fields.Integer(required=True)
    least_observations = fields.Integer(required=True)
    source_zh = Text(required=True)
    source_en = Text(required=True)


class LastOrderOut(Schema):
    """The last day to order so that delivery, acceptance and payment fall in the year."""

    year = fields.Integer(required=True)
    last_order_on = Day(required=True)
    lead_days = fields.Integer(required=True)
    is_observed = Flag(required=True)
    observations = fields.Integer(required=True)
    rule = fields.Nested(LeadTimeRuleOut, required=True)
