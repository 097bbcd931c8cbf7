"""Moving what an order holds and has spent to the quota of another unit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kernel.actor import SYSTEM, Actor
from procurement.errors.quotas import QuotaMissing
from procurement.quotas import rules
from procurement.quotas.commands.shifts import Reason, move, repoint, shifts_of
from procurement.quotas.models import MoveKind, QuotaId
from procurement.quotas.queries import quotas as queries
from registry.organisations.models import OrganisationId


def transfer(
    *, order_id: UUID, to_unit_id: OrganisationId, source: str, by: Actor, now: datetime
) -> QuotaId:
    """Let a locked order count for another unit from now on; give that unit's quota.

    What is held, spent and accepted leaves one quota and comes to the other of the same year
    and fund, all of it or nothing. Refuses QuotaMissing, QuotaExceeded of the quota that takes
    it on, YearClosed.
    """
    while True:
        held = queries.list_holds(SYSTEM, order_id)
        if not held:
            raise QuotaMissing
        from_id = held[0].counter_id
        to_id = _same_of(from_id, to_unit_id)
        locked = queries.lock_quotas(SYSTEM, {from_id, to_id})
        # a merger may have taken the holds elsewhere while the quotas were waited for
        holds = queries.lock_holds(SYSTEM, quota_id=from_id, order_id=order_id)
        if holds:
            break
    for quota in locked.values():
        rules.check_running(quota, now=now)
    if from_id != to_id:
        reason = Reason(MoveKind.REBINDING, source, from_id, to_id, order_id)
        shifts = shifts_of(holds, from_id=from_id, to_id=to_id, with_room=False)
        if shifts:  # all of it may have been given back
            move(reason, shifts, by=by, now=now)
        repoint(holds, to_id=to_id)
    return to_id


def _same_of(quota_id: QuotaId, unit_id: OrganisationId) -> QuotaId:
    """Give the quota of another unit that has the same year and fund (QuotaMissing)."""
    found = queries.find_counterpart(SYSTEM, quota_id, unit_id=unit_id)
    if found is None:
        raise QuotaMissing
    return found
