"""What Stripe has to do with which payment, and what is to be asked of it next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import bound_to, visible_orders
from marketplace.settlement.models.payments import Payment, PaymentId, RefundId
from marketplace.settlement.models.stripe import (
    DisputeId,
    DisputeStatus,
    IntentStatus,
    MovementId,
    MovementKind,
    MovementStatus,
    StripeAccount,
    StripeDispute,
    StripeIntent,
    StripeMovement,
    StripeWay,
)
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId

T = TypeVar("T")
Row = TypeVar("Row", StripeIntent, StripeMovement)


@dataclass(frozen=True, slots=True)
class MovementView:
    """A refund, transfer or reversal, and how far Stripe is with it."""

    id: MovementId
    payment_id: PaymentId
    kind: MovementKind
    amount_fen: Fen
    status: MovementStatus
    refund_id: RefundId | None
    trouble: str | None
    wanted_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute of a payment."""

    id: DisputeId
    payment_id: PaymentId
    amount_fen: Fen
    reason: str
    status: DisputeStatus
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class IntentView:
    """A payment at Stripe. With `client_secret` or `next_step` the buyer goes on; only payers see.

    `parked_reason` says why money that came lies apart.
    """

    payment_id: PaymentId
    order_id: OrderId
    way: StripeWay
    status: IntentStatus
    received_fen: Fen
    currency: str | None
    parked_reason: str | None
    parked_at: datetime | None
    trouble: str | None
    client_secret: str | None
    next_step: str | None
    movements: Sequence[MovementView]
    disputes: Sequence[DisputeView]


def get_intent_view(actor: Actor, payment_id: PaymentId) -> IntentView:
    """Get what Stripe has to do with a payment in the actor's sight (NotFound)."""
    return _views(actor, [one(_seen(actor).where(StripeIntent.payment_id == payment_id))])[0]


def list_parked(actor: Actor, *, limit: int, cursor: str | None) -> Page[IntentView]:
    """List the payments in the actor's sight whose money came and belongs nowhere yet."""
    statement = _seen(actor).where(StripeIntent.status == IntentStatus.PARKED)
    keys = [(StripeIntent.payment_id, False)]
    found = page(statement, keys=keys, limit=limit, cursor=cursor)
    return Page(_views(actor, found.items), found.next_cursor)


def list_failed(actor: Actor, *, limit: int, cursor: str | None) -> Page[MovementView]:
    """List what Stripe would not move, in the actor's sight."""
    statement = (
        select(StripeMovement)
        .join(Payment, Payment.id == StripeMovement.payment_id)
        .join(PurchaseOrder, PurchaseOrder.id == Payment.order_id)
        .where(StripeMovement.status == MovementStatus.FAILED, visible_orders(actor))
    )
    found = page(statement, keys=[(StripeMovement.id, False)], limit=limit, cursor=cursor)
    return Page([_movement_view(row) for row in found.items], found.next_cursor)


def get_movement_view(actor: Actor, movement_id: MovementId) -> MovementView:
    """Get a movement of a payment that was found in the actor's sight before."""
    del actor  # the order that asks was found in the actor's sight
    return _movement_view(one(select(StripeMovement).where(StripeMovement.id == movement_id)))


def get_payment_of_movement(actor: Actor, movement_id: MovementId) -> PaymentId:
    """Get the payment of a movement, so that its order can be locked first (NotFound)."""
    del actor  # the lock on the order looks at the actor
    return one(select(StripeMovement.payment_id).where(StripeMovement.id == movement_id))


def find_account(actor: Actor, organisation_id: OrganisationId) -> str | None:
    """Find a seller's account at Stripe."""
    del actor  # an account is no secret to whoever may pay into it
    wanted = StripeAccount.organisation_id == organisation_id
    return db.session.scalar(select(StripeAccount.account_id).where(wanted))


def find_intent(actor: Actor, stripe_id: str, payment_id: UUID | None) -> StripeIntent | None:
    """Find the intent an event is about: by Stripe's key, or by ours while we lack Stripe's."""
    del actor  # Stripe asks
    known = StripeIntent.stripe_id == stripe_id
    marked = and_(StripeIntent.stripe_id.is_(None), StripeIntent.payment_id == payment_id)
    return db.session.scalar(select(StripeIntent).where(or_(known, marked)))


def find_due_movement(actor: Actor, *, now: datetime) -> StripeMovement | None:
    """Find and lock what is to be moved first; what others are at is left to them."""
    del actor  # only the timer asks
    return _first_due(select(StripeMovement), StripeMovement, now=now)


def find_due_intent(actor: Actor, *, now: datetime) -> StripeIntent | None:
    """Find and lock the intent that is to be asked about first."""
    del actor  # only the timer asks
    return _first_due(select(StripeIntent), StripeIntent, now=now)


def lock_intent(actor: Actor, payment_id: PaymentId) -> StripeIntent:
    """Get an intent, locked; its order was locked before in the actor's sight (NotFound)."""
    del actor  # the order that asks was found in the actor's sight
    return locked(select(StripeIntent).where(StripeIntent.payment_id == payment_id), key_share=True)


def lock_movement(actor: Actor, movement_id: MovementId) -> StripeMovement:
    """Get a movement, locked (NotFound)."""
    del actor  # the order that asks was found in the actor's sight
    return locked(select(StripeMovement).where(StripeMovement.id == movement_id), key_share=True)


def list_movements(actor: Actor, payment_id: PaymentId) -> list[StripeMovement]:
    """List what was or will be moved of a payment, the oldest first."""
    del actor  # the order that asks was found in the actor's sight
    return _of(StripeMovement, [payment_id])


def list_disputes(actor: Actor, payment_id: PaymentId) -> list[StripeDispute]:
    """List the disputes of a payment, the oldest first."""
    del actor  # the order that asks was found in the actor's sight
    return _of(StripeDispute, [payment_id])


def _first_due(statement: Select[Row], row: type[Row], *, now: datetime) -> Row | None:
    return db.session.scalar(
        statement.where(row.due_at <= now)
        .order_by(row.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )


def _of(row: Any, payment_ids: Sequence[PaymentId]) -> list[Any]:
    """List rows of payments as they stand, the oldest first."""
    statement = select(row).where(row.payment_id.in_(payment_ids)).order_by(row.id)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def _seen(actor: Actor) -> Select[StripeIntent]:
    return (
        select(StripeIntent)
        .join(Payment, Payment.id == StripeIntent.payment_id)
        .join(PurchaseOrder, PurchaseOrder.id == Payment.order_id)
        .where(visible_orders(actor))
    )


def _views(actor: Actor, intents: Sequence[StripeIntent]) -> list[IntentView]:
    ids = [intent.payment_id for intent in intents]
    movements: dict[PaymentId, list[MovementView]] = defaultdict(list)
    for movement in _of(StripeMovement, ids):
        movements[movement.payment_id].append(_movement_view(movement))
    disputes: dict[PaymentId, list[DisputeView]] = defaultdict(list)
    for dispute in _of(StripeDispute, ids):
        disputes[dispute.payment_id].append(_shown(dispute, DisputeView))
    rows = db.session.execute(
        select(Payment.id, Payment.order_id, bound_to(actor))
        .join(PurchaseOrder, PurchaseOrder.id == Payment.order_id)
        .where(Payment.id.in_(ids))
    )
    sides = {payment_id: (order_id, pays) for payment_id, order_id, pays in rows}
    return [
        _intent_view(
            intent,
            order_id=sides[intent.payment_id][0],
            pays=sides[intent.payment_id][1] and actor.has(Role.UNIT_FINANCE),
            movements=movements[intent.payment_id],
            disputes=disputes[intent.payment_id],
        )
        for intent in intents
    ]


def _intent_view(intent: StripeIntent, *, pays: bool, **further: Any) -> IntentView:
    shown = {name: getattr(intent, name) for name in _INTENT_FIELDS}
    goes_on = pays and intent.status is IntentStatus.OPEN
    return IntentView(
        **shown,
        client_secret=intent.client_secret if goes_on else None,
        next_step=intent.next_step if goes_on else None,
        **further,
    )


def _movement_view(movement: StripeMovement) -> MovementView:
    return _shown(movement, MovementView)


def _shown(row: Any, view: type[T]) -> T:
    fields: Any = view
    return view(**{name: getattr(row, name) for name in fields.__dataclass_fields__})


_APART = {"order_id", "client_secret", "next_step", "movements", "disputes"}
_INTENT_FIELDS = tuple(name for name in IntentView.__dataclass_fields__ if name not in _APART)
