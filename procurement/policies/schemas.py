"""Share policies in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Flag, Key, RegionCode, Schema, Text, Year
from kernel.paging import PageQuery, page_schema
from procurement.policies.models import Denominator, Situation


class WordsOut(Schema):
    """A sentence in both languages."""

    zh = Text(max=2000, required=True)
    en = Text(max=2000, required=True)


class PolicyOut(Schema):
    """A share policy; years are half-open, the floor is in basis points."""

    id = Key(required=True)
    code = Text(required=True)
    region_code = RegionCode(required=True)
    year_from = fields.Integer(required=True)
    year_until = fields.Integer(required=True, allow_none=True)
    carried_from = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "the first year that the document itself does not name"},
    )
    situations = fields.List(Code(), required=True)
    denominator = EnumField(Denominator, required=True)
    floor_bp = fields.Integer(required=True)
    counting_origin_kinds = fields.List(Code(), required=True)
    counting_order_kinds = fields.List(Code(), required=True)
    filing_deadlines = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    source = Text(max=1000, required=True)
    note_zh = Text(max=2000, required=True)
    note_en = Text(max=2000, required=True)


POLICY_PAGE = page_schema(PolicyOut)


class PolicyQuery(PageQuery):
    """Which policies to list."""

    region = RegionCode(load_default=None)


class ResolveQuery(Schema):
    """For which unit to resolve."""

    region = RegionCode(required=True)
    year = Year(required=True)
    situation = EnumField(Situation, load_default=None)


class LosingOut(Schema):
    """A policy that does not hold, and why not."""

    policy = fields.Nested(PolicyOut, required=True)
    why = fields.Nested(WordsOut, required=True)


class ResolutionOut(Schema):
    """The policy in force with its own fields, or `in_force: false` without them."""

    in_force = Flag(required=True)
    region = RegionCode(attribute="region_code", required=True)
    year = fields.Integer(required=True)
    why = fields.Nested(WordsOut, required=True)
    carried = Flag(required=True)
    filing_deadline_on = Day(attribute="deadline_on", required=True, allow_none=True)
    losing = fields.List(fields.Nested(LosingOut), required=True)
    policy_id = Key(attribute="policy.id")
    code = Text(attribute="policy.code")
    region_code = RegionCode(attribute="policy.region_code")
    year_from = fields.Integer(attribute="policy.year_from")
    year_until = fields.Integer(attribute="policy.year_until", allow_none=True)
    situations = fields.List(Code(), attribute="policy.situations")
    denominator = EnumField(Denominator, attribute="policy.denominator")
    floor_bp = fields.Integer(attribute="policy.floor_bp")
    counting_origin_kinds = fields.List(Code(), attribute="policy.counting_origin_kinds")
    counting_order_kinds = fields.List(Code(), attribute="policy.counting_order_kinds")
    source = Text(max=1000, attribute="policy.source")
    note_zh = Text(max=2000, attribute="policy.note_zh")
    note_en = Text(max=2000, attribute="policy.note_en")
