"""Share policies and rules of the union in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from kernel.fields import (
    Code,
    Day,
    EnumField,
    Flag,
    Instant,
    Key,
    Money,
    RegionCode,
    Schema,
    Text,
    Year,
)
from kernel.paging import PageQuery, page_schema
from procurement.policies.commands import NewPolicy, NewUnionRule
from procurement.policies.models import (
    Denominator,
    OrderKind,
    Purchase,
    Situation,
    Standing,
    UnionDenominator,
    Withheld,
)
from registry.organisations.models import BUYERS
from registry.regions.models import OriginKind

WHOLE_BP = 10_000
MAX_DAYS = 366
KINDS = sorted(BUYERS)


class WordsOut(Schema):
    """A sentence in both languages."""

    zh = Text(max=2000, required=True)
    en = Text(max=2000, required=True)


class _RuleFields(Schema):
    code = Text(required=True)
    version = fields.Integer(required=True)
    region_code = RegionCode(required=True)
    year_from = fields.Integer(required=True)
    year_until = fields.Integer(required=True, allow_none=True)
    carried_from = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "the first year that the document itself does not name"},
    )
    situations = fields.List(Code(), required=True)
    buyer_kinds = fields.List(Code(), required=True)
    central = Flag(required=True, allow_none=True)
    subsidised = Flag(required=True, allow_none=True)
    withheld = EnumField(Withheld, required=True, allow_none=True)
    standing = EnumField(Standing, required=True)
    document_number = Text(required=True, allow_none=True)
    source = Text(max=1000, required=True)
    source_url = Text(max=1000, required=True, allow_none=True)
    note_zh = Text(max=2000, required=True)
    note_en = Text(max=2000, required=True)
    recorded_at = Instant(required=True)


class PolicyOut(_RuleFields):
    """A version of a share policy; years are half-open, shares in basis points."""

    id = Key(required=True)
    denominator = EnumField(Denominator, required=True)
    floor_bp = fields.Integer(required=True)
    encouraged_bp = fields.Integer(required=True, allow_none=True)
    not_below_last_year = Flag(required=True)
    contract_clause_required = Flag(required=True)
    zero_filing = Flag(required=True)
    counting_origin_kinds = fields.List(Code(), required=True)
    counting_order_kinds = fields.List(Code(), required=True)
    counting_purchases = fields.List(Code(), required=True)
    filing_deadlines = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    reminder_days = fields.List(fields.Integer(), required=True)


class UnionRuleOut(_RuleFields):
    """A version of a rule of the union; amounts in fen a member."""

    id = Key(required=True)
    denominator = EnumField(UnionDenominator, required=True, allow_none=True)
    floor_bp = fields.Integer(required=True, allow_none=True)
    head_floor_fen = Money(required=True, allow_none=True)
    head_cap_fen = Money(required=True, allow_none=True)
    once_cap_fen = Money(required=True, allow_none=True)
    once_until_on = Day(required=True, allow_none=True)
    warn_once_fen = Money(required=True, allow_none=True)
    not_below_last_year = Flag(required=True)


POLICY_PAGE = page_schema(PolicyOut)
UNION_RULE_PAGE = page_schema(UnionRuleOut)


class PolicyQuery(PageQuery):
    """Which policies to list."""

    region = RegionCode(load_default=None)


def _choices(kind: Any, *, required: bool = True) -> fields.List[Any]:
    default: dict[str, Any] = {} if required else {"load_default": list}
    return fields.List(
        Code(validate=validate.OneOf([str(one) for one in kind])),
        required=required,
        validate=validate.Length(min=1 if required else 0, max=20),
        **default,
    )


def share_field(**options: Any) -> fields.Integer:
    """Give a field for a share in basis points."""
    limits = validate.Range(min=0, max=WHOLE_BP)
    return fields.Integer(strict=True, validate=limits, **options)


class _RuleIn(Schema):
    code = Code(required=True)
    replaces_version = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1, max=10_000)
    )
    region_code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{6}\Z"))
    year_from = Year(required=True)
    year_until = Year(load_default=None, allow_none=True)
    situations = _choices(Situation)
    buyer_kinds = _choices(KINDS, required=False)
    central = Flag(load_default=None, allow_none=True)
    subsidised = Flag(load_default=None, allow_none=True)
    document_number = Text(load_default=None, allow_none=True)
    source = Text(max=1000, required=True)
    source_url = Text(max=1000, load_default=None, allow_none=True)
    note_zh = Text(max=2000, required=True)
    note_en = Text(max=2000, required=True)


class PolicyIn(_RuleIn):
    """A share policy or its next version, which names the newest one as replaced."""

    makes = NewPolicy

    denominator = EnumField(Denominator, required=True)
    floor_bp = share_field(required=True)
    encouraged_bp = share_field(load_default=None, allow_none=True)
    not_below_last_year = Flag(load_default=False)
    contract_clause_required = Flag(load_default=False)
    zero_filing = Flag(load_default=True)
    counting_origin_kinds = _choices(OriginKind)
    counting_order_kinds = _choices(OrderKind)
    counting_purchases = _choices(Purchase)
    filing_deadlines = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^20[0-9]{2}\Z")),
        values=Day(),
        required=True,
        validate=validate.Length(max=100),
    )
    reminder_days = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=0, max=MAX_DAYS)),
        required=True,
        validate=validate.Length(max=20),
    )

    @ma.validates_schema
    def _check_encouraged(self, data: dict[str, Any], **_: Any) -> None:
        encouraged = data.get("encouraged_bp")
        if encouraged is not None and encouraged < data.get("floor_bp", 0):
            raise ma.ValidationError("不得低于下限 / not below the floor", "encouraged_bp")

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> NewPolicy:
        days = {year: day.isoformat() for year, day in data.pop("filing_deadlines").items()}
        return NewPolicy(filing_deadlines=days, **data)


class UnionRuleIn(_RuleIn):
    """A rule of the union or its next version; a floor a head and a cap a head are two things."""

    makes = NewUnionRule

    denominator = EnumField(UnionDenominator, load_default=None, allow_none=True)
    floor_bp = share_field(load_default=None, allow_none=True)
    head_floor_fen = Money(load_default=None, allow_none=True)
    head_cap_fen = Money(load_default=None, allow_none=True)
    once_cap_fen = Money(load_default=None, allow_none=True)
    once_until_on = Day(load_default=None, allow_none=True)
    warn_once_fen = Money(load_default=None, allow_none=True)
    not_below_last_year = Flag(load_default=False)

    @ma.validates_schema
    def _check_pairs(self, data: dict[str, Any], **_: Any) -> None:
        for one, other in (("floor_bp", "denominator"), ("once_cap_fen", "once_until_on")):
            if (data.get(one) is None) is not (data.get(other) is None):
                raise ma.ValidationError("须成对填写 / both or neither", other)
        floor, cap = data.get("head_floor_fen"), data.get("head_cap_fen")
        if floor is not None and cap is not None and floor > cap:
            raise ma.ValidationError("不得低于下限 / not below the floor", "head_cap_fen")
