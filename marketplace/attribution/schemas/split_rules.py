"""JSON of split rules."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Schema, Text
from kernel.money import BASIS_POINTS
from kernel.paging import PageQuery, page_schema
from marketplace.attribution.commands.split_rules import NewSplitRule
from marketplace.attribution.models.split_rules import SplitBasis
from registry.households.models.links import BenefitWay


class SplitRuleIn(Schema):
    """A version to record."""

    makes = NewSplitRule

    way = EnumField(BenefitWay, required=True)
    basis = EnumField(SplitBasis, required=True)
    rate_bp = fields.Integer(
        strict=True, load_default=0, validate=ma.validate.Range(0, BASIS_POINTS)
    )
    from_on = Day(required=True)
    source = Text(required=True, max=500)
    document_id = Key(allow_none=True, load_default=None)


class SplitRuleOut(Schema):
    """A version of a split rule."""

    id = Key(required=True)
    supplier_id = Key(required=True)
    way = EnumField(BenefitWay, required=True)
    version = fields.Integer(required=True)
    basis = EnumField(SplitBasis, required=True)
    rate_bp = fields.Integer(required=True)
    from_on = Day(required=True)
    source = fields.String(required=True)
    document_id = Key(required=True, allow_none=True)
    recorded_at = Instant(required=True)


class SplitRuleQuery(PageQuery):
    """Whose rules, and of which way."""

    supplier_id = Key(load_default=None)
    way = EnumField(BenefitWay, load_default=None)


SPLIT_RULE_PAGE = page_schema(SplitRuleOut)
