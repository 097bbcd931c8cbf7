"""What becomes of the quotas of a unit that has ended."""

from __future__ import annotations

from datetime import datetime

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_year
from kernel.events import record
from kernel.money import Fen
from procurement.events import QuotaMerged
from procurement.quotas.commands.opening import ensure_quota
from procurement.quotas.commands.shifts import Reason, Shift, move, repoint, shifts_of
from procurement.quotas.models import MoveKind, Quota, QuotaId
from procurement.quotas.queries import moves
from procurement.quotas.queries import quotas as queries
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation


def carry_to_successor(
    unit_id: OrganisationId, *, successor_id: OrganisationId, now: datetime
) -> None:
    """Let all that counts against the ended unit's open quotas count against its successor's.

    Ceiling, share, holds and spent money of the running year and later; years that are over stay
    with the ended unit, which stands under its successor. A second run finds nothing to move.
    """
    for quota_id in moves.list_open_of(SYSTEM, unit_id, since=shanghai_year(now)):
        quota = queries.get_quota_by_id(SYSTEM, quota_id)
        into_id = ensure_quota(
            successor_id, year=quota.year, fund=quota.fund, filing_id=quota.filing_id
        )
        locked = queries.lock_quotas(SYSTEM, {quota_id, into_id})
        if _merge(locked[quota_id], into_id, now=now):
            record(QuotaMerged(quota_id=quota_id, into_id=into_id), now=now)


def end_quotas(unit_id: OrganisationId, *, now: datetime) -> None:
    """Let what is free in an abolished unit's quotas lapse, or go to what took its place."""
    unit = get_organisation(SYSTEM, unit_id)
    if unit.successor_id is not None:
        carry_to_successor(unit_id, successor_id=unit.successor_id, now=now)
        return
    ids = moves.list_open_of(SYSTEM, unit_id, since=shanghai_year(now))
    for quota in queries.lock_quotas(SYSTEM, ids).values():
        if quota.available_fen:
            shift = Shift(quota.id, ceiling=Fen(-quota.available_fen))
            reason = Reason(MoveKind.ABOLITION, "单位撤销 / the unit was abolished", quota.id)
            move(reason, [shift], by=SYSTEM, now=now)


def _merge(quota: Quota, into_id: QuotaId, *, now: datetime) -> bool:
    """Empty a locked quota into another locked one; say whether there was anything in it."""
    holds = queries.lock_holds(SYSTEM, quota_id=quota.id)
    shifts = shifts_of(holds, from_id=quota.id, to_id=into_id, with_room=True)
    free, floor = quota.available_fen, quota.floor_fen
    if free or floor:
        shifts.append(Shift(quota.id, ceiling=Fen(-free), floor=Fen(-floor)))
        shifts.append(Shift(into_id, ceiling=free, floor=floor))
    if not shifts:
        return False
    reason = Reason(MoveKind.MERGER, "单位合并 / the unit was merged", quota.id, into_id)
    move(reason, shifts, by=SYSTEM, now=now)
    repoint(holds, to_id=into_id)
    return True
