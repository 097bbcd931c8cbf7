"""Schemes and categories in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from certification.criteria.commands import NewScheme
from certification.criteria.models import ReviewLevel
from kernel.fields import Code, Day, EnumField, Flag, PositiveMoney, Schema, Text
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind

MAX_DAYS = 250
MAX_MONTHS = 120
MAX_BP = 100_000
MAX_KINDS = 30
LEVELS = ("town", "county", "city", "province")
NOTICE_PLACES = ("village", *LEVELS)


def _codes(*allowed: str) -> fields.List[Any]:
    """Make a list of codes, of the allowed ones where some are named."""
    one = Code(validate=validate.OneOf(allowed)) if allowed else Code()
    return fields.List(one, required=True, validate=validate.Length(max=MAX_KINDS))


def _number(low: int, high: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=low, max=high))


class _SchemeFields(Schema):
    """What a version says; each `…_source` names the document, or says that there is none."""

    code = Code(required=True)
    name_zh = Text(required=True)
    name_en = Text(required=True)
    papers_source = Text(max=1000, required=True)
    notice_source = Text(max=1000, required=True)
    validity_source = Text(max=1000, required=True)
    price_source = Text(max=1000, required=True)
    goods_value_source = Text(max=1000, required=True)
    deadline_source = Text(max=1000, required=True)
    source = Text(max=1000, required=True)
    in_force_from_on = Day(required=True)
    category_papers = fields.Dict(
        keys=Code(),
        values=fields.List(
            fields.List(Code(), validate=validate.Length(min=1, max=MAX_KINDS)),
            validate=validate.Length(max=MAX_KINDS),
        ),
        required=True,
        metadata={"description": "category → papers, each a list of alternatives"},
    )


class SchemeIn(_SchemeFields):
    """A new version of a scheme, in force from a day to come."""

    makes = NewScheme

    origin_kinds = _codes(*OriginKind)
    holder_kinds = _codes(*OrganisationKind)
    paper_kinds = _codes()
    review_chain = fields.List(
        EnumField(ReviewLevel), required=True, validate=validate.Length(min=1, max=4)
    )
    notice_working_days = _number(1, MAX_DAYS)
    notice_levels = _codes(*NOTICE_PLACES)
    validity_months = _number(1, MAX_MONTHS)
    comparison_prices = _number(0, MAX_KINDS)
    comparison_required = Flag(required=True)
    price_low_bp = _number(1, MAX_BP)
    price_high_bp = _number(1, MAX_BP)
    minimum_goods_value_fen = PositiveMoney(required=True, allow_none=True)
    production_required = Flag(required=True)
    review_working_days = fields.Dict(
        keys=Code(validate=validate.OneOf([*LEVELS, "notice"])),
        values=fields.Integer(strict=True, validate=validate.Range(min=1, max=MAX_DAYS)),
        required=True,
    )


class SchemeOut(_SchemeFields):
    """A version of a certification scheme; periods are half-open."""

    version = fields.Integer(required=True)
    origin_kinds = fields.List(Code(), required=True)
    holder_kinds = fields.List(Code(), required=True)
    paper_kinds = fields.List(Code(), required=True)
    review_chain = fields.List(EnumField(ReviewLevel), attribute="levels", required=True)
    notice_working_days = fields.Integer(required=True)
    notice_levels = fields.List(Code(), required=True)
    validity_months = fields.Integer(required=True)
    comparison_prices = fields.Integer(required=True)
    comparison_required = fields.Boolean(required=True)
    price_low_bp = fields.Integer(required=True)
    price_high_bp = fields.Integer(required=True)
    minimum_goods_value_fen = PositiveMoney(required=True, allow_none=True)
    production_required = fields.Boolean(required=True)
    review_working_days = fields.Dict(keys=Code(), values=fields.Integer(), required=True)
    in_force_until_on = Day(required=True, allow_none=True)


class SchemeListOut(Schema):
    """The schemes in force, or the versions of one."""

    items = fields.List(fields.Nested(SchemeOut), required=True)


class CategoryOut(Schema):
    """A product category."""

    code = Code(required=True)
    name_zh = Text(required=True)
    name_en = Text(required=True)


class CategoryListOut(Schema):
    """All product categories."""

    items = fields.List(fields.Nested(CategoryOut), required=True)
