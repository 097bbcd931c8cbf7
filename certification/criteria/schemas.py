"""Schemes and categories in JSON."""

from __future__ import annotations

from marshmallow import fields

from certification.criteria.models import ReviewLevel
from kernel.fields import Code, Day, EnumField, Schema, Text


class SchemeOut(Schema):
    """A version of a certification scheme; periods are half-open."""

    code = Code(required=True)
    version = fields.Integer(required=True)
    name_zh = Text(required=True)
    name_en = Text(required=True)
    origin_kinds = fields.List(Code(), required=True)
    holder_kinds = fields.List(Code(), required=True)
    paper_kinds = fields.List(Code(), required=True)
    review_chain = fields.List(EnumField(ReviewLevel), attribute="levels", required=True)
    notice_working_days = fields.Integer(required=True)
    notice_source = Text(max=1000, required=True)
    validity_months = fields.Integer(required=True)
    validity_source = Text(max=1000, required=True)
    in_force_from_on = Day(required=True)
    in_force_until_on = Day(required=True, allow_none=True)
    source = Text(max=1000, required=True)


class SchemeListOut(Schema):
    """The schemes in force."""

    items = fields.List(fields.Nested(SchemeOut), required=True)


class CategoryOut(Schema):
    """A product category."""

    code = Code(required=True)
    name_zh = Text(required=True)
    name_en = Text(required=True)


class CategoryListOut(Schema):
    """All product categories."""

    items = fields.List(fields.Nested(CategoryOut), required=True)
