"""Bands of approval, delegations and split orders in JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Instant, Key, Money, Schema, Text
from kernel.paging import PageQuery, page_schema
from kernel.terms import TermIn, TermOut
from procurement.approvals.commands.delegations import NewDelegation
from procurement.approvals.commands.thresholds import NewThreshold
from procurement.approvals.models import TermCode
from procurement.quotas.models import Fund


class ThresholdIn(Schema):
    """A band for the own unit; `source` names the decision it rests on."""

    makes = NewThreshold

    amount_fen = Money(required=True)
    source = Text(max=500, required=True)
    from_on = Day(load_default=None)
    fund = EnumField(Fund, load_default=None)
    category_code = Code(load_default=None)
    approvers = fields.Integer(
        load_default=1, strict=True, validate=ma.validate.Range(min=1, max=2)
    )


class ThresholdQuery(PageQuery):
    """Which thresholds to list."""

    unit_id = Key(load_default=None)


class ThresholdOut(Schema):
    """An amount strictly above which an order waits; without a unit, the platform's default."""

    id = Key(required=True)
    unit_id = Key(required=True, allow_none=True)
    amount_fen = Money(required=True)
    fund = EnumField(Fund, required=True, allow_none=True)
    category_code = Code(required=True, allow_none=True)
    approvers = fields.Integer(required=True)
    from_on = Day(required=True)
    source = Text(max=500, required=True)
    author_id = Key(required=True, allow_none=True)
    created_at = Instant(required=True)


THRESHOLD_PAGE = page_schema(ThresholdOut)


class DelegationIn(Schema):
    """Who approves for the own person, in [from, until)."""

    makes = NewDelegation

    delegate_id = Key(required=True)
    from_on = Day(load_default=None)
    until_on = Day(required=True)
    reason = Text(max=500, required=True)


class DelegationOut(Schema):
    """Who approves for whom in a unit, in [from, until)."""

    id = Key(required=True)
    unit_id = Key(required=True)
    delegator_id = Key(required=True)
    delegate_id = Key(required=True)
    from_on = Day(required=True)
    until_on = Day(required=True)
    reason = Text(max=500, required=True)
    created_at = Instant(required=True)
    revoked_at = Instant(required=True, allow_none=True)


DELEGATION_PAGE = page_schema(DelegationOut)


class ColleagueOut(Schema):
    """An account of the own organisation, by the name under which it signs in."""

    id = Key(required=True)
    username = fields.String(required=True)


COLLEAGUE_PAGE = page_schema(ColleagueOut)


class SplitPartOut(Schema):
    """An order behind a signal, with what of it counts for the band."""

    order_id = Key(required=True)
    amount_fen = Money(required=True)


class SplitOut(Schema):
    """Orders that each stay within a band and together pass it, placed in [from, until)."""

    id = Key(attribute="signal.id", required=True)
    unit_id = Key(attribute="signal.unit_id", required=True)
    buyer_id = Key(attribute="signal.buyer_id", required=True)
    supplier_id = Key(attribute="signal.supplier_id", required=True)
    threshold_id = Key(attribute="signal.threshold_id", required=True)
    fund = EnumField(Fund, attribute="signal.fund", required=True, allow_none=True)
    category_code = Code(attribute="signal.category_code", required=True, allow_none=True)
    amount_fen = Money(attribute="signal.amount_fen", required=True)
    sum_fen = Money(attribute="signal.sum_fen", required=True)
    from_on = Day(attribute="signal.from_on", required=True)
    until_on = Day(attribute="signal.until_on", required=True)
    completed_by = Key(attribute="signal.completed_by", required=True)
    created_at = Instant(attribute="signal.created_at", required=True)
    orders = fields.List(fields.Nested(SplitPartOut), required=True)


SPLIT_PAGE = page_schema(SplitOut)


class ApprovalTermIn(TermIn):
    """The platform's hours or days from a day on, and what they rest on."""

    code = EnumField(TermCode, required=True)


class ApprovalTermOut(TermOut):
    """The platform's hours or days, and where they come from."""

    code = EnumField(TermCode, required=True)


APPROVAL_TERM_PAGE = page_schema(ApprovalTermOut)
