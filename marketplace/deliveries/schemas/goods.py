"""Shipments and receipts as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Flag, Instant, Key, Money, QuantityField, Schema, Text
from marketplace.catalogue.commands.ratings import Marks
from marketplace.catalogue.models.listings import StorageBand
from marketplace.catalogue.schemas.ratings import MarkFields
from marketplace.deliveries.commands.rating import LineMarks
from marketplace.deliveries.commands.receiving import NewReceipt
from marketplace.deliveries.commands.shipping import NewShipment
from marketplace.deliveries.models.goods import RejectReason
from marketplace.deliveries.rules.goods import Sending, Taking
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLineId,
    OrderStatus,
    PaymentStatus,
)

MAX_LINES = 400
MAX_PHOTOS = 9


class SendingIn(Schema):
    """So much of an order line to send, from the lot that is named or from those held."""

    makes = Sending

    order_line_id = Key(required=True)
    quantity = QuantityField(required=True)
    lot_id = Key(allow_none=True)


class ShipmentIn(Schema):
    """Goods to send; cooled ones may say which cold store they leave from."""

    makes = NewShipment

    carrier = Text(required=True, max=100)
    facility_id = Key(allow_none=True)
    tracking_number = Text(max=100, allow_none=True)
    lines = fields.List(
        fields.Nested(SendingIn), required=True, validate=ma.validate.Length(max=MAX_LINES)
    )
    final = Flag()


class TakingIn(Schema):
    """So much of an order line taken in and turned away."""

    makes = Taking

    order_line_id = Key(required=True)
    accepted_quantity = QuantityField(zero=True)
    rejected_quantity = QuantityField(zero=True)
    weighed_quantity = QuantityField(zero=True, allow_none=True)
    reason_code = EnumField(RejectReason, allow_none=True)
    reason = Text(max=500, allow_none=True)
    photo_ids = fields.List(Key(), validate=ma.validate.Length(max=MAX_PHOTOS))


class ReceiptIn(Schema):
    """What was taken in at the door."""

    makes = NewReceipt

    lines = fields.List(
        fields.Nested(TakingIn), required=True, validate=ma.validate.Length(1, MAX_LINES)
    )


class SentOut(Schema):
    """What of an order line left from one lot, in the line's unit."""

    id = Key(required=True)
    order_line_id = Key(required=True)
    lot_id = Key(required=True)
    quantity = QuantityField(required=True)


class ColdChainOut(Schema):
    """Between which degrees cooled goods travel; `breached_at` is when they first did not."""

    id = Key(required=True)
    storage_band = EnumField(StorageBand, required=True)
    min_c = fields.Integer(required=True)
    max_c = fields.Integer(required=True)
    breached_at = Instant(required=True, allow_none=True)


class OrderStates(Schema):
    """The order as it stands afterwards."""

    order_status = EnumField(OrderStatus, attribute="order.order_status", required=True)
    fulfilment_status = EnumField(
        FulfilmentStatus, attribute="order.fulfilment_status", required=True
    )
    payment_status = EnumField(PaymentStatus, attribute="order.payment_status", required=True)


class ShipmentOut(OrderStates):
    """A shipment with what left from which lot."""

    id = Key(attribute="shipment.id", required=True)
    order_id = Key(attribute="order.id", required=True)
    carrier = fields.String(attribute="shipment.carrier", required=True)
    tracking_number = fields.String(
        attribute="shipment.tracking_number", required=True, allow_none=True
    )
    final = Flag(attribute="shipment.final", required=True)
    facility_id = Key(attribute="shipment.facility_id", required=True, allow_none=True)
    shipped_at = Instant(attribute="shipment.shipped_at", required=True)
    lines = fields.List(fields.Nested(SentOut), required=True)
    cold_chains = fields.List(fields.Nested(ColdChainOut), required=True)


class TakenOut(Schema):
    """What was accepted and rejected of one shipment line."""

    order_line_id = Key(required=True)
    shipment_line_id = Key(required=True)
    accepted_quantity = QuantityField(zero=True, required=True)
    rejected_quantity = QuantityField(zero=True, required=True)
    reason = fields.String(required=True, allow_none=True)
    reason_code = EnumField(RejectReason, required=True, allow_none=True)


class WeighingOut(Schema):
    """What the scale said of what was under way of an order line."""

    order_line_id = Key(required=True)
    sent_quantity = QuantityField(required=True)
    weighed_quantity = QuantityField(zero=True, required=True)
    tolerance_bp = fields.Integer(required=True)
    reason_code = EnumField(RejectReason, required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class ReceiptPhotoOut(Schema):
    """A picture of what was turned away; `/documents/{document_id}/content` gives it."""

    order_line_id = Key(required=True)
    document_id = Key(required=True)


class ReceiptOut(OrderStates):
    """A receipt; `accepted_fen` is the whole order's so far."""

    id = Key(attribute="receipt.id", required=True)
    order_id = Key(attribute="order.id", required=True)
    received_at = Instant(attribute="receipt.received_at", required=True)
    accepted_fen = Money(attribute="order.accepted_fen", required=True)
    lines = fields.List(fields.Nested(TakenOut), required=True)
    weighings = fields.List(fields.Nested(WeighingOut), required=True)
    photos = fields.List(fields.Nested(ReceiptPhotoOut), required=True)


def line_marks(*, order_line_id: OrderLineId, **marks: Any) -> LineMarks:
    """Make marks for a line of a body."""
    return LineMarks(order_line_id, Marks(**marks))


class LineMarksIn(MarkFields):
    """What a buyer thinks of one line of an order."""

    makes = line_marks

    order_line_id = Key(required=True)
