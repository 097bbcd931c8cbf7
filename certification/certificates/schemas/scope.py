"""Wishes for another scope, in JSON."""

from __future__ import annotations

from marshmallow import fields

from certification.certificates.models.scope import ScopeStatus
from kernel.fields import EnumField, Flag, Instant, Key, QuantityField, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet


class ScopeChangeIn(Schema):
    """The scope that is wanted, whole, and why."""

    product_name = Text(max=100, required=True)
    specification = Text(max=200, required=True)
    yearly_quantity = QuantityField(required=True)
    reason = Text(max=2000, required=True)


class ScopeDecisionIn(Schema):
    """A decision on a wish, and why."""

    accept = Flag(required=True)
    opinion = Text(max=2000, required=True)


class ScopeChangeQuery(PageQuery):
    """Which wishes to list."""

    status = EnumField(ScopeStatus, load_default=None)
    certificate_id = Key(load_default=None)


class FormerScopeOut(Schema):
    """What an accepted wish replaced, with the statement that was signed until then."""

    product_name = Text(required=True)
    specification = Text(required=True)
    yearly_quantity = fields.String(required=True)
    revision = fields.Integer(required=True)
    payload = fields.String(required=True)
    key_id = fields.String(required=True)
    signature = fields.String(required=True)


class ScopeChangeOut(Schema):
    """A wish for another scope."""

    id = Key(required=True)
    certificate_id = Key(required=True)
    status = EnumField(ScopeStatus, required=True)
    product_name = Text(required=True)
    specification = Text(required=True)
    yearly_quantity = QuantityField(required=True)
    reason = Text(max=2000, required=True)
    requested_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    opinion = Text(max=2000, required=True, allow_none=True)
    before = fields.Nested(FormerScopeOut, required=True, allow_none=True)


SCOPE_CHANGES = Sheet(
    name="scope_changes",
    zh="认定范围变更清单",
    en="Changes of scope",
    columns=(
        Column("certificate_id", "证书标识", "Certificate", width=38),
        Column("status", "状态", "Status"),
        Column("product_name", "产品名称", "Product", width=24),
        Column("specification", "规格", "Specification", width=24),
        Column("yearly_quantity", "年供应量", "Yearly quantity", Kind.QUANTITY),
        Column("reason", "理由", "Reason", width=40),
        Column("requested_at", "提出时间", "Requested", width=24),
        Column("decided_at", "决定时间", "Decided", width=24),
        Column("opinion", "意见", "Opinion", width=40),
    ),
)
