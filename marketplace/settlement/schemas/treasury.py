"""JSON of treasury orders."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, EnumField, Instant, Key, Money, PositiveMoney, Schema
from kernel.fields import Text as TextField
from marketplace.settlement.commands.treasury import TreasuryPart
from marketplace.settlement.models.payments import PaymentState
from marketplace.settlement.models.treasury import TreasuryOrderStatus

MOST_PARTS = 200


class TreasuryPartIn(Schema):
    """So much for one order."""

    makes = TreasuryPart

    order_id = Key(required=True)
    amount_fen = PositiveMoney(required=True)


class TreasuryOrderIn(Schema):
    """Which orders one voucher pays."""

    parts = fields.List(
        fields.Nested(TreasuryPartIn),
        required=True,
        validate=ma.validate.Length(min=1, max=MOST_PARTS),
    )


class TreasuryPaidIn(Schema):
    """The number of the treasury's voucher."""

    voucher = Code(required=True)


class TreasuryCancelIn(Schema):
    """Why a treasury order is called off."""

    reason = TextField(max=500, required=True)


class TreasuryPaymentOut(Schema):
    """One of the payments."""

    id = Key(required=True)
    number = fields.String(required=True)
    order_id = Key(required=True)
    amount_fen = Money(required=True)
    status = EnumField(PaymentState, required=True)


class TreasuryOrderOut(Schema):
    """A treasury order and the payments that it makes at once."""

    id = Key(required=True, attribute="treasury_order.id")
    number = fields.String(required=True, attribute="treasury_order.number")
    status = EnumField(TreasuryOrderStatus, required=True, attribute="treasury_order.status")
    total_fen = Money(required=True, attribute="treasury_order.total_fen")
    voucher = fields.String(required=True, allow_none=True, attribute="treasury_order.voucher")
    line_id = Key(required=True, allow_none=True, attribute="treasury_order.line_id")
    reason = fields.String(required=True, allow_none=True, attribute="treasury_order.reason")
    drawn_by = Key(required=True, attribute="treasury_order.drawn_by")
    drawn_at = Instant(required=True, attribute="treasury_order.drawn_at")
    decided_by = Key(required=True, allow_none=True, attribute="treasury_order.decided_by")
    decided_at = Instant(required=True, allow_none=True, attribute="treasury_order.decided_at")
    version = fields.Integer(required=True, attribute="treasury_order.version")
    payments = fields.List(fields.Nested(TreasuryPaymentOut), required=True)
