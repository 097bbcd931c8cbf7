"""Substitutes as JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import (
    EnumField,
    Instant,
    Key,
    Money,
    PositiveMoney,
    QuantityField,
    Schema,
    Text,
)
from marketplace.deliveries.models.goods import SubstitutionStatus
from marketplace.deliveries.rules.substituting import NewSubstitute


class SubstitutionIn(Schema):
    """Other goods instead of so much of a line."""

    makes = NewSubstitute

    order_line_id = Key(required=True)
    listing_id = Key(required=True)
    quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    reason = Text(required=True, max=500)


class SubstitutionOut(Schema):
    """A proposal; `new_line_id` is the line that accepting it made."""

    id = Key(required=True)
    order_id = Key(required=True)
    order_line_id = Key(required=True)
    listing_id = Key(required=True)
    quantity = QuantityField(required=True)
    unit_price_fen = Money(required=True)
    reason = fields.String(required=True)
    status = EnumField(SubstitutionStatus, required=True)
    proposed_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    new_line_id = Key(required=True, allow_none=True)
    version = fields.Integer(required=True)
