"""JSON of an order's payment clock."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, Key, Money, Schema


class PaymentClockOut(Schema):
    """When money is due by law on a Shanghai day, what of it is late, and the interest."""

    order_id = Key(required=True)
    on = Day(required=True)
    accepted_fen = Money(required=True)
    paid_fen = fields.Integer(required=True, metadata={"description": "fen, less refunds"})
    due_on = Day(required=True, allow_none=True)
    overdue_fen = Money(required=True)
    overdue_days = fields.Integer(required=True)
    interest_fen = Money(required=True)
    term_days = fields.Integer(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
