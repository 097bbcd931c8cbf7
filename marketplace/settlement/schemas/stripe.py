"""JSON of what Stripe has to do with payments."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Money, PositiveMoney, Schema, Text
from marketplace.settlement.commands.transfers import NewAccount, NewTransfer
from marketplace.settlement.models.stripe import (
    DisputeStatus,
    IntentStatus,
    MovementKind,
    MovementStatus,
    StripeWay,
)


class StripeAccountIn(Schema):
    """Where a seller is paid at Stripe."""

    makes = NewAccount

    organisation_id = Key(required=True)
    account_id = Text(max=64, required=True, validate=ma.validate.Regexp(r"acct_[A-Za-z0-9]+\Z"))


class StripeAccountOut(Schema):
    """Where a seller is paid at Stripe."""

    organisation_id = Key(required=True)
    account_id = fields.String(required=True)


class StripeTransferIn(Schema):
    """So much of a payment to the seller."""

    makes = NewTransfer

    amount_fen = PositiveMoney(required=True)


class StripeMovementOut(Schema):
    """A refund, transfer or reversal, and how far Stripe is with it."""

    id = Key(required=True)
    payment_id = Key(required=True)
    kind = EnumField(MovementKind, required=True)
    amount_fen = Money(required=True)
    status = EnumField(MovementStatus, required=True)
    refund_id = Key(required=True, allow_none=True)
    trouble = fields.String(required=True, allow_none=True)
    wanted_at = Instant(required=True)


class StripeDisputeOut(Schema):
    """A buyer's objection at their bank."""

    id = Key(required=True)
    payment_id = Key(required=True)
    amount_fen = Money(required=True)
    reason = fields.String(required=True)
    status = EnumField(DisputeStatus, required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)


class StripeIntentOut(Schema):
    """A payment at Stripe; its secret and next step only for who pays, while it is open."""

    payment_id = Key(required=True)
    order_id = Key(required=True)
    way = EnumField(StripeWay, required=True)
    status = EnumField(IntentStatus, required=True)
    received_fen = Money(required=True)
    currency = fields.String(required=True, allow_none=True)
    parked_reason = fields.String(required=True, allow_none=True)
    parked_at = Instant(required=True, allow_none=True)
    trouble = fields.String(required=True, allow_none=True)
    client_secret = fields.String(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)
    movements = fields.List(fields.Nested(StripeMovementOut), required=True)
    disputes = fields.List(fields.Nested(StripeDisputeOut), required=True)
