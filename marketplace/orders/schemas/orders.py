"""Orders as JSON."""

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
    Schema,
    Text,
    Year,
)
from kernel.paging import PageQuery
from kernel.quantity import Unit
from marketplace.campaigns.schemas.donations import DedicationIn
from marketplace.catalogue.models.listings import Channel
from marketplace.orders.commands.consolidating import ConsolidatedPurchase, UnitDemand
from marketplace.orders.commands.placing import LineWish, NewOrder
from marketplace.orders.models.orders import FulfilmentStatus, OrderStatus, PaymentStatus, PayMode
from marketplace.orders.queries.showing import Delivery, OrderView
from procurement.approvals.models import StepAct
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.regions.models import OriginKind

MAX_LINES = 200
MAX_UNITS = 100
DAYS = ma.validate.Range(1, 365)


class LineIn(Schema):
    """A listing and how much of it."""

    makes = LineWish

    listing_id = Key(required=True)
    quantity = QuantityField(required=True)


class DeliveryIn(Schema):
    """Where the goods go; the contact is kept encrypted."""

    makes = Delivery

    address = Text(required=True, max=300)
    contact = Text(max=100, allow_none=True)
    on = Day(allow_none=True)
    note = Text(max=500, allow_none=True)


class OrderIn(Schema):
    """An order to place."""

    makes = NewOrder

    kind = EnumField(OrderKind, required=True)
    bound_unit_id = Key(required=True)
    year = Year(required=True)
    fund = EnumField(Fund, required=True)
    pay_mode = EnumField(PayMode, required=True)
    lines = fields.List(
        fields.Nested(LineIn), required=True, validate=ma.validate.Length(1, MAX_LINES)
    )
    delivery = fields.Nested(DeliveryIn, required=True)
    dedication = fields.Nested(DedicationIn, allow_none=True)
    channel = EnumField(Channel, allow_none=True)
    payment_term_days = fields.Integer(strict=True, allow_none=True, validate=DAYS)


class UnitDemandIn(Schema):
    """What one unit wants of a consolidated purchase, and where it goes."""

    makes = UnitDemand

    bound_unit_id = Key(required=True)
    lines = fields.List(
        fields.Nested(LineIn), required=True, validate=ma.validate.Length(1, MAX_LINES)
    )
    delivery = fields.Nested(DeliveryIn, required=True)


class ConsolidatedIn(Schema):
    """What several units buy as one purchase, at the prices of what all want together."""

    makes = ConsolidatedPurchase

    kind = EnumField(OrderKind, required=True)
    year = Year(required=True)
    fund = EnumField(Fund, required=True)
    pay_mode = EnumField(PayMode, required=True)
    demands = fields.List(
        fields.Nested(UnitDemandIn), required=True, validate=ma.validate.Length(2, MAX_UNITS)
    )


class ReasonIn(Schema):
    """Why an order is turned down or called off."""

    reason = Text(load_default="", min=0, max=500)


class SendBackIn(Schema):
    """What the author is to change before ordering anew."""

    reason = Text(required=True, max=500)


class FreightIn(Schema):
    """What bringing the goods is to cost; not more than was agreed."""

    freight_fen = Money(required=True)


class OrderQueryIn(PageQuery):
    """Which orders to list."""

    order_status = EnumField(OrderStatus, load_default=None)
    fulfilment_status = EnumField(FulfilmentStatus, load_default=None)
    payment_status = EnumField(PaymentStatus, load_default=None)
    bound_unit_id = Key(load_default=None)
    supplier_id = Key(load_default=None)
    checkout_id = Key(load_default=None)
    year = Year(load_default=None)


class LineOut(Schema):
    """One line as agreed, and how far it has come."""

    id = Key(required=True)
    position = fields.Integer(required=True)
    listing_id = Key(required=True)
    certificate_number = fields.String(required=True)
    title = fields.String(required=True)
    unit = EnumField(Unit, required=True)
    quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    amount_fen = Money(required=True)
    origin_kind = EnumField(OriginKind, required=True)
    origin_region_code = fields.String(required=True)
    shipped_quantity = QuantityField(zero=True, required=True)
    accepted_quantity = QuantityField(zero=True, required=True)
    rejected_quantity = QuantityField(zero=True, required=True)
    substituted_quantity = QuantityField(zero=True, required=True)
    accepted_fen = Money(required=True)


class DeliveryOut(Schema):
    """Where the goods go."""

    address = fields.String(required=True)
    contact = fields.String(required=True, allow_none=True)
    on = Day(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class QuotaHeldOut(Schema):
    """Approved money still held."""

    origin_kind = EnumField(OriginKind, required=True)
    amount_fen = PositiveMoney(required=True)


class CapacityHeldOut(Schema):
    """What is still held of a certificate's year."""

    order_line_id = Key(required=True)
    certificate_number = fields.String(required=True)
    quantity = QuantityField(required=True)
    unit = EnumField(Unit, required=True)


class StockHeldOut(Schema):
    """What is still held of a lot."""

    order_line_id = Key(required=True)
    lot_id = Key(required=True)
    quantity = QuantityField(required=True)
    unit = EnumField(Unit, required=True)


class HoldsOut(Schema):
    """What an order keeps from others while it is open."""

    quota = fields.List(fields.Nested(QuotaHeldOut), required=True)
    capacity = fields.List(fields.Nested(CapacityHeldOut), required=True)
    stock = fields.List(fields.Nested(StockHeldOut), required=True)


class OrderItemOut(Schema):
    """An order in a list."""

    id = Key(required=True)
    number = fields.String(required=True)
    kind = EnumField(OrderKind, required=True)
    buyer_id = Key(required=True)
    author_id = Key(required=True)
    bound_unit_id = Key(required=True)
    year = fields.Integer(required=True)
    fund = EnumField(Fund, required=True)
    supplier_id = Key(required=True)
    pay_mode = EnumField(PayMode, required=True)
    channel = EnumField(Channel, required=True, allow_none=True)
    payment_term_days = fields.Integer(required=True, allow_none=True)
    goods_fen = Money(required=True)
    freight_fen = Money(required=True)
    total_fen = Money(required=True)
    accepted_fen = Money(required=True)
    paid_fen = Money(required=True)
    refunded_fen = Money(required=True)
    order_status = EnumField(OrderStatus, required=True)
    fulfilment_status = EnumField(FulfilmentStatus, required=True)
    payment_status = EnumField(PaymentStatus, required=True)
    placed_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    extended_at = Instant(required=True, allow_none=True)
    replaces_id = Key(required=True, allow_none=True)
    checkout_id = Key(required=True, allow_none=True)


class ApprovalStepOut(Schema):
    """A decision on an order; `right_of` is who was away where somebody stood in."""

    position = fields.Integer(required=True)
    act = EnumField(StepAct, required=True)
    by_user_id = Key(required=True)
    right_of = Key(required=True)
    at = Instant(required=True)


class OrderOut(OrderItemOut):
    """An order with its lines and what it holds."""

    dedication = fields.Dict(required=True, allow_none=True)
    approvals_wanted = fields.Integer(required=True)
    approval_due_at = Instant(required=True, allow_none=True)
    escalated_at = Instant(required=True, allow_none=True)
    steps = fields.List(fields.Nested(ApprovalStepOut), required=True)
    decided_at = Instant(required=True, allow_none=True)
    decided_for = Key(required=True, allow_none=True)
    confirmed_at = Instant(required=True, allow_none=True)
    completed_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    close_reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    delivery = fields.Nested(DeliveryOut, required=True)
    lines = fields.List(fields.Nested(LineOut), required=True)
    holds = fields.Nested(HoldsOut, required=True)

    def get_attribute(self, obj: OrderView, attr: str, default: object) -> object:
        """Read what is the order's own from the order inside the view."""
        inside = obj if attr in {"delivery", "lines", "holds", "steps"} else obj.order
        return super().get_attribute(inside, attr, default)


class CheckoutOut(Schema):
    """The orders that were placed at once, one with each supplier for each unit."""

    id = Key(required=True)
    orders = fields.List(fields.Nested(OrderOut), required=True)
