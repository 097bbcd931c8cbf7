"""JSON of payments and refunds, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Money, PositiveMoney, Schema, Text
from marketplace.settlement.commands.payments import NewPayment
from marketplace.settlement.commands.refunds import LineRefund, NewRefund
from marketplace.settlement.models.payments import PaymentMethod, PaymentState
from marketplace.settlement.models.stripe import StripeWay

MOST_LINES = 200


class PaymentIn(Schema):
    """Money that finance sent or is about to send."""

    makes = NewPayment

    method = EnumField(PaymentMethod, required=True)
    amount_fen = PositiveMoney(required=True)
    reference = Text(max=100, load_default=None, allow_none=True)
    way = EnumField(StripeWay, load_default=None, allow_none=True)


class CancellationIn(Schema):
    """Why a payment will not come."""

    reason = Text(max=500, required=True)


class LineRefundIn(Schema):
    """So much of a refund out of one line."""

    makes = LineRefund

    order_line_id = Key(required=True)
    amount_fen = PositiveMoney(required=True)


class RefundIn(Schema):
    """Money that goes back, of named lines or of all alike."""

    makes = NewRefund

    amount_fen = PositiveMoney(required=True)
    reason = Text(max=500, required=True)
    lines = fields.List(
        fields.Nested(LineRefundIn), load_default=(), validate=ma.validate.Length(max=MOST_LINES)
    )


class OnLineOut(Schema):
    """So much money on one line; no line means freight."""

    order_line_id = Key(required=True, allow_none=True)
    amount_fen = Money(required=True)


class RefundOut(Schema):
    """A refund and the lines it was taken from."""

    id = Key(required=True)
    payment_id = Key(required=True)
    order_id = Key(required=True)
    amount_fen = Money(required=True)
    reason = fields.String(required=True)
    refunded_by = Key(required=True, allow_none=True)
    refunded_at = Instant(required=True)
    lines = fields.List(fields.Nested(OnLineOut), required=True)


class PaymentOut(Schema):
    """A payment: pending, confirmed (and spread over lines), or cancelled."""

    id = Key(required=True)
    number = fields.String(required=True)
    order_id = Key(required=True)
    method = EnumField(PaymentMethod, required=True)
    amount_fen = Money(required=True)
    refunded_fen = Money(required=True)
    reference = fields.String(required=True, allow_none=True)
    status = EnumField(PaymentState, required=True)
    registered_by = Key(required=True, allow_none=True)
    registered_at = Instant(required=True)
    decided_by = Key(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(OnLineOut), required=True)
    refunds = fields.List(fields.Nested(RefundOut), required=True)
    client_secret = fields.String(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)
