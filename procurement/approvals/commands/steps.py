"""Deciding on an order, in one's own right or another's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from procurement.approvals import queries
from procurement.approvals.models import (
    ApprovalStep,
    StepAct,
)
from procurement.approvals.rules import (
    check_hand,
)
from registry.accounts.models import Role, UserId
from registry.accounts.queries.people import list_accounts_of
from registry.organisations.models import OrganisationId


def approves_for(
    *,
    unit_id: OrganisationId,
    author_id: UserId,
    by: Actor,
    now: datetime,
    hands: Collection[UserId] = (),
) -> UserId | None:
    """Give for whom the actor decides on an order of a unit: None where in their own right.

    Refuses NotAllowed who is no approver and has no delegation from one today who had no part
    in the order yet (`hands`).
    """
    if by.has(Role.UNIT_APPROVER):
        return None
    apart, on = {author_id, *hands}, shanghai_day(now)
    found = queries.find_delegator(by, unit_id=unit_id, apart_from=apart, on=on)
    if found is None:
        raise NotAllowed
    return found


def take_step(
    order_id: UUID,
    act: StepAct,
    *,
    unit_id: OrganisationId,
    author_id: UserId,
    by: Actor,
    now: datetime,
) -> ApprovalStep:
    """Write down the next decision on an order, and in whose right it is.

    Refuses SamePerson (the author, who decided before or in whose right it was, through
    whichever account), NotAllowed, ApprovalStepTaken.
    """
    taken = queries.list_steps(by, order_id)
    hands = list_accounts_of(
        by, {author_id} | {one for step in taken for one in (step.by_user_id, step.right_of)}
    )
    user_id = UserId(by.user_id)
    check_hand(user_id, author_id=author_id, hands=hands)
    away = approves_for(unit_id=unit_id, author_id=author_id, by=by, now=now, hands=hands)
    step = ApprovalStep(
        id=new_id(),
        order_id=order_id,
        position=len(taken) + 1,
        act=act,
        author_id=author_id,
        by_user_id=user_id,
        right_of=away or user_id,
        at=now,
    )
    db.session.add(step)
    db.session.flush()
    return step
