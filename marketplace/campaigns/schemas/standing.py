"""Standing orders and their weeks as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, Schema, Text
from kernel.masks import mask_name
from kernel.paging import PageQuery, page_schema
from marketplace.campaigns.commands.standing import (
    NewStandingOrder,
    StandingChange,
    StandingDelivery,
)
from marketplace.campaigns.models.standing import (
    Dish,
    StandingOrder,
    StandingOutcome,
    StandingStatus,
)
from marketplace.catalogue.models.listings import PayMode
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund

MAX_DISHES = 100
MAX_HEADS = 100_000
MAX_GRAMS = 5_000
MAX_LEAD = 27
WEEKDAYS = ma.validate.Range(1, 7)


class DishSchema(Schema):
    """What of a listing everybody eats, in grams, on which days of the week (Monday is 1)."""

    makes = Dish

    listing_id = Key(required=True)
    grams_per_head = fields.Integer(
        strict=True, required=True, validate=ma.validate.Range(1, MAX_GRAMS)
    )
    weekdays = fields.List(
        fields.Integer(strict=True, validate=WEEKDAYS),
        required=True,
        validate=ma.validate.Length(1, 7),
    )


class StandingDeliveryIn(Schema):
    """Where the goods go every week; the contact is kept encrypted."""

    makes = StandingDelivery

    address = Text(required=True, max=300)
    contact = Text(max=100, allow_none=True)
    note = Text(max=500, allow_none=True)


def _heads(**kwargs: object) -> fields.Integer:
    whole = ma.validate.Range(1, MAX_HEADS)
    return fields.Integer(strict=True, validate=whole, **kwargs)  # type: ignore[arg-type]


def _lead(**kwargs: object) -> fields.Integer:
    whole = ma.validate.Range(0, MAX_LEAD)
    return fields.Integer(strict=True, validate=whole, **kwargs)  # type: ignore[arg-type]


def _menu(**kwargs: object) -> fields.List[Any]:
    length = ma.validate.Length(1, MAX_DISHES)
    return fields.List(fields.Nested(DishSchema), validate=length, **kwargs)  # type: ignore[arg-type]


class StandingOrderIn(Schema):
    """What is to be ordered every week, for how many."""

    makes = NewStandingOrder

    kind = EnumField(OrderKind, required=True)
    bound_unit_id = Key(required=True)
    fund = EnumField(Fund, required=True)
    pay_mode = EnumField(PayMode, required=True)
    heads = _heads(required=True)
    menu = _menu(required=True)
    lead_days = _lead(load_default=3)
    delivery = fields.Nested(StandingDeliveryIn, required=True)


class StandingChangeIn(Schema):
    """What is to be different from the next week on."""

    makes = StandingChange

    heads = _heads()
    menu = _menu()
    lead_days = _lead()
    delivery = fields.Nested(StandingDeliveryIn)


class StandingQueryIn(PageQuery):
    """Which standing orders to list."""

    status = EnumField(StandingStatus, load_default=None)
    bound_unit_id = Key(load_default=None)


class StandingOrderOut(Schema):
    """A standing order; the contact is masked, and `due_at` is when the next week is ordered."""

    id = Key(required=True)
    buyer_id = Key(required=True)
    author_id = Key(required=True)
    bound_unit_id = Key(required=True)
    kind = EnumField(OrderKind, required=True)
    fund = EnumField(Fund, required=True)
    pay_mode = EnumField(PayMode, required=True)
    heads = fields.Integer(required=True)
    menu = fields.List(fields.Nested(DishSchema), required=True)
    lead_days = fields.Integer(required=True)
    delivery_address = fields.String(required=True)
    delivery_contact = fields.Method("_masked_contact", required=True, allow_none=True)
    delivery_note = fields.String(required=True, allow_none=True)
    status = EnumField(StandingStatus, required=True)
    next_week_on = Day(required=True)
    due_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)

    def _masked_contact(self, standing: StandingOrder) -> str | None:
        contact = standing.delivery_contact
        return None if contact is None else mask_name(contact)


class StandingWeekOut(Schema):
    """What became of a week; its orders are found by `checkout_id`."""

    id = Key(required=True)
    standing_order_id = Key(required=True)
    week_on = Day(required=True)
    outcome = EnumField(StandingOutcome, required=True)
    heads = fields.Integer(required=True)
    days = fields.Integer(required=True)
    checkout_id = Key(required=True, allow_none=True)
    total_fen = Money(required=True, allow_none=True)
    refusal_code = fields.String(required=True, allow_none=True)
    refusal = fields.String(required=True, allow_none=True)
    at = Instant(required=True)


STANDING_PAGE = page_schema(StandingOrderOut)
WEEK_PAGE = page_schema(StandingWeekOut)
