"""What waits for somebody's approval: their own, as a stand-in, or told upwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, case, false, func, literal, null, or_, select
from sqlalchemy.orm import defer

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.paging import Page, page
from marketplace.orders.models.orders import OrderStatus, PurchaseOrder
from marketplace.orders.queries.finding import bound_to
from procurement.approvals.models import ApprovalStep
from procurement.approvals.queries import list_delegators
from registry.accounts.models import Role, UserId
from registry.organisations.models import Organisation


class Standing(StrEnum):
    """Why an order that waits is shown to somebody; who is only told of it cannot decide."""

    APPROVER = "approver"
    STAND_IN = "stand_in"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits, how many approved it, and why it is shown."""

    order: PurchaseOrder
    approvals_given: int
    standing: Standing
    stands_in_for: UserId | None


def list_waiting(actor: Actor, *, now: datetime, limit: int, cursor: str | None) -> Page[Waiting]:
    """List what waits for the actor, what is due first before all else.

    An approver's own units' orders; who is none, the orders of who lets them approve today; a
    unit's administrator also what was told upwards. Never what the actor wrote or decided.
    """
    mine: ColumnElement[bool] = false()
    standing_in: list[tuple[UserId, Any]] = []
    if actor.has(Role.UNIT_APPROVER):
        mine = and_(bound_to(actor), *_untouched_by(UserId(actor.user_id)))
    else:
        delegators = list_delegators(actor, on=shanghai_day(now))
        nearest = sorted(delegators, key=lambda one: len(one[1]), reverse=True)
        standing_in = [(user_id, _stands_in(actor, user_id, place)) for user_id, place in nearest]
    told = and_(bound_to(actor), PurchaseOrder.escalated_at.is_not(None))
    ways = [mine, *(way for _, way in standing_in)]
    if actor.has(Role.UNIT_ADMIN):
        ways.append(told)
    away = case(
        *((way, literal(user_id, Uuid)) for user_id, way in standing_in), else_=null()
    ) if standing_in else null()  # fmt: skip
    step = ApprovalStep.order_id == PurchaseOrder.id
    found = page(
        select(
            PurchaseOrder,
            select(func.count()).where(step).scalar_subquery(),
            mine,
            away,
        )
        .options(defer(PurchaseOrder.delivery_contact, raiseload=True))
        .where(
            PurchaseOrder.order_status == OrderStatus.PENDING_APPROVAL,
            PurchaseOrder.approval_due_at.is_not(None),
            or_(*ways),
        ),
        keys=[(PurchaseOrder.approval_due_at, False), (PurchaseOrder.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
    )
    return Page([_waiting(*row) for row in found.items], found.next_cursor)


def find_late_order(actor: Actor, *, now: datetime) -> PurchaseOrder | None:
    """Find and lock the order that has waited too long first and was not told of yet."""
    del actor  # only the timer asks
    return db.session.scalar(
        select(PurchaseOrder)
        .where(
            PurchaseOrder.approval_due_at <= now,
            PurchaseOrder.order_status == OrderStatus.PENDING_APPROVAL,
            PurchaseOrder.escalated_at.is_(None),
        )
        .order_by(PurchaseOrder.approval_due_at, PurchaseOrder.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )


def _waiting(order: PurchaseOrder, given: int, mine: bool, away: UserId | None) -> Waiting:  # noqa: FBT001 - a row
    own = Standing.APPROVER if mine else Standing.ESCALATED
    return Waiting(order, given, own if away is None else Standing.STAND_IN, away)


def _untouched_by(user_id: UserId) -> tuple[ColumnElement[bool], ...]:
    """Say, of `PurchaseOrder`, that somebody neither wrote it nor decided on it."""
    hand = or_(ApprovalStep.by_user_id == user_id, ApprovalStep.right_of == user_id)
    decided = select(ApprovalStep.id).where(ApprovalStep.order_id == PurchaseOrder.id, hand)
    return PurchaseOrder.author_id != user_id, ~decided.exists()


def _stands_in(actor: Actor, delegator_id: UserId, lineage: str) -> Any:
    below = select(Organisation.id).where(Organisation.lineage.startswith(lineage))
    return and_(
        PurchaseOrder.bound_unit_id.in_(below),
        *_untouched_by(UserId(actor.user_id)),
        *_untouched_by(delegator_id),
    )
