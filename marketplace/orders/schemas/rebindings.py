"""Applications to re-bind orders as JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, Schema, Text
from kernel.paging import PageQuery, page_schema
from marketplace.orders.commands.rebinding import NewRebinding
from marketplace.orders.models.orders import FulfilmentStatus, OrderStatus
from marketplace.orders.models.rebindings import RebindingStatus
from marketplace.orders.queries.rebindings import RebindingView
from procurement.quotas.models import Fund


class RebindingIn(Schema):
    """Which unit an order should be bound to, and why; the paper, once it was shipped."""

    makes = NewRebinding

    to_unit_id = Key(required=True)
    reason = Text(required=True, max=500)
    document_id = Key(load_default=None)


class RebindingQueryIn(PageQuery):
    """Which applications to list."""

    order_id = Key(load_default=None)
    status = EnumField(RebindingStatus, load_default=None)


class ReboundOrderOut(Schema):
    """What the unit that is asked has to know of an order."""

    id = Key(required=True)
    number = fields.String(required=True)
    supplier_id = Key(required=True)
    year = fields.Integer(required=True)
    fund = EnumField(Fund, required=True)
    total_fen = Money(required=True)
    paid_fen = Money(required=True)
    refunded_fen = Money(required=True)
    order_status = EnumField(OrderStatus, required=True)
    fulfilment_status = EnumField(FulfilmentStatus, required=True)


class RebindingOut(Schema):
    """An application to re-bind an order; `due_on` is the first day an answer is late."""

    id = Key(required=True)
    order_id = Key(required=True)
    from_unit_id = Key(required=True)
    to_unit_id = Key(required=True)
    reason = fields.String(required=True)
    document_id = Key(required=True, allow_none=True)
    status = EnumField(RebindingStatus, required=True)
    requested_by = Key(required=True)
    requested_at = Instant(required=True)
    due_on = Day(required=True)
    from_consent_by = Key(required=True, allow_none=True)
    from_consent_at = Instant(required=True, allow_none=True)
    to_consent_by = Key(required=True, allow_none=True)
    to_consent_at = Instant(required=True, allow_none=True)
    closed_by = Key(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    close_reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    order = fields.Nested(ReboundOrderOut, required=True)

    def get_attribute(self, obj: RebindingView, attr: str, default: object) -> object:
        """Read what is the application's own from the application inside the view."""
        inside = obj if attr == "order" else obj.rebinding
        return super().get_attribute(inside, attr, default)


REBINDING_PAGE = page_schema(RebindingOut)
