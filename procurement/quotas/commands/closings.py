"""The end of a year: closing quotas, carrying over what the rule says, opening them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.events import record
from kernel.money import Fen
from procurement.events import QuotaClosed
from procurement.quotas import rules
from procurement.quotas.commands.opening import ensure_quota
from procurement.quotas.commands.shifts import Reason, Shift, move
from procurement.quotas.models import MoveKind, Quota, QuotaId, SettingKind
from procurement.quotas.queries import moves
from procurement.quotas.queries import quotas as queries
from registry.documents.rules import check_clear_of_identity

AT_ONCE = 200
"""How many quotas one call of the door closes; who has more calls again."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How many quotas of a year were closed just now, and how many are still to be."""

    year: int
    closed: int
    left: int


@dataclass(frozen=True, slots=True)
class NewReopening:
    """Until when a closed year is open again, and why."""

    until_at: datetime
    source: str


def close_next(*, now: datetime) -> int:
    """Close the next quota whose year is over; give how many there were, 0 or 1.

    A closed year in which money has come free since is closed again: that lapses too.
    """
    return len(_close_due(SYSTEM, year=None, limit=1, by=SYSTEM, now=now))


def close_year(year: int, *, by: Actor, now: datetime) -> Closing:
    """Close the quotas of a year that is over, of units in sight; closed ones stay as they are.

    Refuses YearRunning.
    """
    rules.check_over(year, now=now)
    closed = _close_due(by, year=year, limit=AT_ONCE, by=by, now=now)
    left = moves.count_due(by, year=year, running=shanghai_year(now), now=now)
    return Closing(year, len(closed), left)


def reopen_quota(quota_id: QuotaId, new: NewReopening, *, by: Actor, now: datetime) -> Quota:
    """Open a closed year of a quota again for a while; what had lapsed comes back by an entry.

    What was carried over stays where it is. Refuses NotFound, WrongState, Invalid.
    """
    check_clear_of_identity(new.source, pointer="/source")
    queries.get_quota_by_id(by, quota_id)
    quota = queries.lock_quotas(SYSTEM, {quota_id})[quota_id]
    rules.check_reopening(quota, until_at=new.until_at, now=now)
    lapsed = moves.sum_lapsed(SYSTEM, quota_id)
    reason = Reason(MoveKind.REOPENING, new.source, to_id=quota_id)
    move(reason, [Shift(quota_id, ceiling=lapsed)], by=by, now=now)
    quota.closed_at, quota.reopened_until = None, new.until_at
    db.session.flush()
    return queries.lock_quotas(SYSTEM, {quota_id})[quota_id]


def _close_due(
    actor: Actor, *, year: int | None, limit: int, by: Actor, now: datetime
) -> list[QuotaId]:
    running = shanghai_year(now)
    due = moves.lock_due(actor, year=year, running=running, now=now, limit=limit)
    for quota in due:
        _close(quota, by=by, now=now)
    return [quota.id for quota in due]


def _close(quota: Quota, *, by: Actor, now: datetime) -> None:
    """Let what is free of a locked quota lapse or go to the next year; what is held stays."""
    last_day = date(quota.year, 12, 31)
    setting = moves.find_setting(SYSTEM, SettingKind.CARRY_OVER, unit_id=quota.unit_id, on=last_day)
    carry_bp = setting.value_bp if setting and moves.is_live(SYSTEM, quota.unit_id) else 0
    source = setting.source if setting else "未设结转规则 / no carry-over rule in force"
    carried, lapsed = rules.split_unspent(quota.available_fen, carry_bp=carry_bp)
    if carried:
        next_id = ensure_quota(quota.unit_id, year=quota.year + 1, fund=quota.fund)
        shifts = [Shift(quota.id, ceiling=Fen(-carried)), Shift(next_id, ceiling=carried)]
        move(Reason(MoveKind.CARRY_OVER, source, quota.id, next_id), shifts, by=by, now=now)
    if lapsed:
        shifts = [Shift(quota.id, ceiling=Fen(-lapsed))]
        move(Reason(MoveKind.LAPSE, source, quota.id), shifts, by=by, now=now)
    quota.closed_at, quota.reopened_until = now, None
    db.session.flush()
    record(QuotaClosed(quota_id=quota.id), now=now)
    after = {"carried_fen": carried, "lapsed_fen": lapsed}
    audit.write("close_quota", subject=("quota", quota.id), by=by, now=now, after=after)
