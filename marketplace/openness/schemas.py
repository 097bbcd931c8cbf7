"""JSON and sheet of what anybody may read."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import OneOf

from kernel.exports.lists import MEDIA_TYPES
from kernel.fields import Instant, Money, RegionCode, Schema, Text, Year
from kernel.sheets.columns import Column, Kind, Sheet
from procurement.completion.schemas import RATE


class OpenFiguresQuery(Schema):
    """Which year, and which region; without one, the country."""

    year = Year(required=True)
    region = RegionCode(load_default=None)


class OpenFiguresFileQuery(OpenFiguresQuery):
    """The same, as a file."""

    format = fields.String(load_default="csv", validate=OneOf(sorted(MEDIA_TYPES)))


class OpenRowOut(Schema):
    """What is said of a region; null where fewer stand behind it than `least`, or to shield them.

    The amounts are of `units`, by where they are registered, and of `households`, by where they
    live.
    """

    code = RegionCode(required=True, allow_none=True)
    name = Text(required=True, allow_none=True)
    units = fields.Integer(required=True, allow_none=True)
    reserved_fen = Money(required=True, allow_none=True)
    paid_fen = Money(required=True, allow_none=True)
    counted_fen = Money(required=True, allow_none=True)
    rate = fields.Decimal(as_string=True, required=True, allow_none=True, metadata=RATE)
    households = fields.Integer(required=True, allow_none=True)
    attributed_fen = Money(required=True, allow_none=True)


class OpenFiguresOut(Schema):
    """A region's year, the regions directly inside it, and those of them together that are hidden.

    Whole less regions is `rest`, exactly.
    """

    region = RegionCode(attribute="region_code", required=True)
    year = fields.Integer(required=True)
    as_of = Instant(required=True)
    least = fields.Integer(required=True)
    whole = fields.Nested(OpenRowOut, required=True)
    regions = fields.List(fields.Nested(OpenRowOut), required=True)
    rest = fields.Nested(OpenRowOut, required=True, allow_none=True)


OPEN_FIGURES = Sheet(
    name="open_figures",
    zh="公开统计",
    en="Open figures",
    columns=(
        Column("code", "地区代码", "Region", Kind.CODE),
        Column("name", "地区", "Name", width=24),
        Column("units", "单位数", "Units", Kind.WHOLE),
        Column("reserved_fen", "预留份额（元）", "Reserved (yuan)", Kind.YUAN),
        Column("paid_fen", "已付款（元）", "Paid (yuan)", Kind.YUAN),
        Column("counted_fen", "计入完成（元）", "Counted (yuan)", Kind.YUAN),
        Column("rate", "完成率", "Rate"),
        Column("households", "受益农户数", "Households", Kind.WHOLE),
        Column("attributed_fen", "农户应得（元）", "Attributed to households (yuan)", Kind.YUAN),
    ),
)
