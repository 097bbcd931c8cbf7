"""Farmed plots as JSON: terms, growers by code, milestones, proof."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import (
    Day,
    EnumField,
    Instant,
    Key,
    Money,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Text,
)
from kernel.money import BASIS_POINTS
from kernel.paging import PageQuery, page_schema
from kernel.quantity import UNIT_LABELS, Unit
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from marketplace.campaigns.commands.commissions import NewCommission, Proof
from marketplace.campaigns.models.commissions import (
    CommissionStatus,
    FailureRule,
    MilestoneStatus,
)
from marketplace.campaigns.queries.commissions import CommissionView
from marketplace.campaigns.rules.commissions import GrowerTerms, MilestoneTerms

MAX_GROWERS = 200
MAX_MILESTONES = 20
MAX_PROOFS = 9
SHARE = ma.validate.Range(1, BASIS_POINTS - 1)


class GrowerTermsIn(Schema):
    """What a household is expected to grow of a plot."""

    makes = GrowerTerms

    household_id = Key(required=True)
    quantity = QuantityField(required=True)
    farm_price_fen = PositiveMoney(required=True)


class MilestoneTermsIn(Schema):
    """Work that is done by a day, and its share of the price in basis points."""

    makes = MilestoneTerms

    title = Text(required=True, max=100)
    share_bp = fields.Integer(strict=True, required=True, validate=SHARE)
    due_on = Day(required=True)


class CommissionIn(Schema):
    """A plot to offer."""

    makes = NewCommission

    listing_id = Key(required=True)
    title = Text(required=True, max=100)
    village_code = RegionCode(required=True)
    area_mu = QuantityField(required=True)
    quantity = QuantityField(required=True)
    prepaid_bp = fields.Integer(strict=True, required=True, validate=SHARE)
    milestones = fields.List(
        fields.Nested(MilestoneTermsIn),
        required=True,
        validate=ma.validate.Length(1, MAX_MILESTONES),
    )
    harvest_by_on = Day(required=True)
    on_failure = EnumField(FailureRule, required=True)
    growers = fields.List(
        fields.Nested(GrowerTermsIn), load_default=(), validate=ma.validate.Length(max=MAX_GROWERS)
    )


class ProofIn(Schema):
    """What shows that work was done or a harvest lost; papers are about the plot."""

    makes = Proof

    text = Text(required=True, max=1000)
    document_ids = fields.List(Key(), load_default=(), validate=ma.validate.Length(max=MAX_PROOFS))


class CommissionQueryIn(PageQuery):
    """Which plots to list."""

    status = EnumField(CommissionStatus, load_default=None)


class CommissionItemOut(Schema):
    """A plot in a list; quantities in `unit`, money in fen without freight."""

    id = Key(required=True)
    number = fields.String(required=True)
    supplier_id = Key(required=True)
    listing_id = Key(required=True)
    title = fields.String(required=True)
    village_code = fields.String(required=True)
    area_mu = QuantityField(required=True)
    unit = EnumField(Unit, required=True)
    quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    total_fen = PositiveMoney(required=True)
    prepaid_fen = PositiveMoney(required=True)
    harvest_by_on = Day(required=True)
    on_failure = EnumField(FailureRule, required=True)
    status = EnumField(CommissionStatus, required=True)
    order_id = Key(required=True, allow_none=True)
    failure = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    adopted_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class GrowerOut(Schema):
    """What a household is expected to grow, known by its code."""

    household_code = fields.String(required=True)
    quantity = QuantityField(required=True)
    farm_price_fen = Money(required=True)


class MilestoneOut(Schema):
    """A milestone of a plot, what shows it, and whether it was accepted."""

    id = Key(required=True)
    commission_id = Key(required=True)
    position = fields.Integer(required=True)
    title = fields.String(required=True)
    due_on = Day(required=True)
    amount_fen = PositiveMoney(required=True)
    status = EnumField(MilestoneStatus, required=True)
    evidence = fields.String(required=True, allow_none=True)
    document_ids = fields.List(Key(), required=True)
    shown_at = Instant(required=True, allow_none=True)
    returned = fields.String(required=True, allow_none=True)
    accepted_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class CommissionOut(CommissionItemOut):
    """A plot with its growers and milestones."""

    growers = fields.List(fields.Nested(GrowerOut), required=True)
    milestones = fields.List(fields.Nested(MilestoneOut), required=True)

    def get_attribute(self, obj: CommissionView, attr: str, default: object) -> object:
        """Read what is the plot's own from the plot inside the view."""
        inside = obj if attr in {"growers", "milestones"} else obj.commission
        return super().get_attribute(inside, attr, default)


COMMISSION_PAGE = page_schema(CommissionItemOut)
STATES = labels_of(
    CommissionStatus,
    offered=("待认种", "on offer"),
    withdrawn=("已撤回", "withdrawn"),
    adopted=("已认种", "adopted"),
    harvested=("已收获", "harvested"),
    failing=("已报歉收", "reported as failing"),
    substituted=("以同类产品抵补", "made good with like goods"),
    failed=("歉收，已退款", "failed, paid back"),
    lapsed=("已失效", "lapsed"),
)
FAILURES = labels_of(
    FailureRule,
    refund=("退款", "pay back"),
    substitute=("以同类产品抵补", "make good with like goods"),
)
COMMISSIONS = Sheet(
    name="farming_commissions",
    zh="代耕代种地块清单",
    en="Farmed plots",
    columns=(
        Column("number", "编号", "Number", width=28),
        Column("title", "地块", "Plot", width=24),
        Column("village_code", "村代码", "Village", Kind.CODE, width=16),
        Column("area_mu", "面积（亩）", "Area (mu)", Kind.QUANTITY),
        Column("unit", "计量单位", "Unit", Kind.CHOICE, labels=labels_of(Unit, **UNIT_LABELS)),
        Column("quantity", "预计产量", "Expected yield", Kind.QUANTITY),
        Column("unit_price_fen", "单价（元）", "Unit price (yuan)", Kind.YUAN),
        Column("total_fen", "总价（元）", "Total (yuan)", Kind.YUAN),
        Column("prepaid_fen", "预付（元）", "Prepaid (yuan)", Kind.YUAN),
        Column("harvest_by_on", "最晚收获日", "Harvested by", Kind.DAY),
        Column("on_failure", "歉收约定", "If it fails", Kind.CHOICE, labels=FAILURES),
        Column("status", "状态", "State", Kind.CHOICE, labels=STATES),
        Column("failure", "歉收情况", "Failure", width=40),
        Column("created_at", "发布时间", "Offered at", width=28),
        Column("adopted_at", "认种时间", "Adopted at", width=28),
        Column("closed_at", "结束时间", "Closed at", width=28),
    ),
)
