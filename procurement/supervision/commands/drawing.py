"""Asking for circulars, drawing them up in a task, and drawing them up again to compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from kernel.actor import SYSTEM, Actor, actor_of, kept
from kernel.database import db
from kernel.errors import NotAllowed, Refusal
from kernel.identity import new_id
from kernel.progress import ATTEMPTS, GIVEN_UP, begin_attempt, note_progress
from procurement.supervision.commands.circulars import leave_trace, own_circular
from procurement.supervision.commands.standings import (
    Told,
    late_payments,
    watch,
    watched_region,
)
from procurement.supervision.models.circulars import (
    Circular,
    CircularId,
    CircularProgress,
    CircularStatus,
    PeriodKind,
)
from procurement.supervision.queries.circulars import (
    count_attempts,
    get_circular,
    lock_waiting_circular,
)
from procurement.supervision.rules.circulars import (
    Ground,
    Period,
    asked_of,
    check_over,
    child_region,
    contents_of,
    digest_of,
    drawn,
)
from procurement.supervision.rules.payments import delays_of
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId
from registry.regions.queries import list_regions_of


@dataclass(frozen=True, slots=True)
class NewCircular:
    """Of which region and period a circular is drawn up."""

    region_code: str
    year: int
    period_kind: PeriodKind
    period: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a circular drawn up today from its as-of date is the same to the byte."""

    same: bool
    digest: str
    digest_now: str


def ask_circular(new: NewCircular, *, by: Actor, now: datetime) -> Circular:
    """Ask for the circular of a period that is over; a task draws it up.

    Refuses PeriodUnfit, PeriodNotOver, NotFound (a region out of sight), NoSupervisionTerms.
    """
    if by.organisation_id is None:
        raise NotAllowed
    period = Period(new.period_kind, new.year, new.period)
    check_over(period, now=now)
    watched_region(by, new.region_code, as_of=period.as_of)
    circular = Circular(
        id=CircularId(new_id()),
        region_code=new.region_code,
        organisation_id=OrganisationId(by.organisation_id),
        year=new.year,
        period_kind=new.period_kind,
        period=new.period,
        as_of=period.as_of,
    )
    db.session.add(circular)
    _ask(circular, by=by, now=now)
    return circular


def ask_circular_again(circular_id: CircularId, *, by: Actor, now: datetime) -> Circular:
    """Ask for a circular that could not be drawn up.

    Refuses NotAllowed, WrongState, NotFound (a region out of sight), NoSupervisionTerms.
    """
    circular = own_circular(circular_id, CircularStatus.FAILED, by=by)
    watched_region(by, circular.region_code, as_of=circular.as_of)
    db.session.execute(delete(CircularProgress).where(CircularProgress.circular_id == circular.id))
    _ask(circular, by=by, now=now)
    return circular


def advance_circular(*, now: datetime) -> int:
    """Draw up one circular that waits for it; gives how many waited (0 or 1).

    One that another task holds is left to it. A task that broke off leaves the circular as it
    was: it is taken again, and given up after `ATTEMPTS`.
    """
    circular = lock_waiting_circular(SYSTEM)
    if circular is None or circular.actor is None:
        return 0
    by = actor_of(circular.actor)
    if count_attempts(SYSTEM, circular.id) >= ATTEMPTS:
        circular.status, circular.reason = CircularStatus.FAILED, GIVEN_UP
    else:
        begin_attempt(CircularProgress, circular.id, now=now)
        try:
            _draw(circular, by=by)
        except Refusal as refusal:
            circular.status, circular.reason = CircularStatus.FAILED, refusal.code
    circular.actor, circular.drawn_at = None, now
    leave_trace(circular, "draw_circular", by=by, now=now)
    return 1


def compare_circular(circular_id: CircularId, *, by: Actor) -> Comparison:
    """Draw a circular up again from its as-of date and compare it with what was frozen.

    Refuses NotFound, WrongState (it is not drawn up).
    """
    circular = get_circular(by, circular_id)
    frozen = drawn(circular)
    contents = draw_contents(circular.region_code, _period(circular), by=by)
    again = digest_of(asked_of(contents, frozen=frozen.contents))
    return Comparison(again == frozen.digest, frozen.digest.hex(), again.hex())


def draw_contents(
    region_code: str, period: Period, *, by: Actor, told: Told | None = None
) -> dict[str, Any]:
    """Make a circular's contents from entries, as of the period's last instant.

    Whether anybody is `told` how far it is makes no difference to them.
    """
    late = late_payments(by, region_code, as_of=period.as_of)
    seen = watch(by, region_code, year=period.year, as_of=period.as_of, told=told)
    children = {child_region(one.unit.region_code, within=region_code) for one in seen.units}
    regions = list_regions_of(by, children)
    return contents_of(
        Ground(
            region_code=seen.region.code,
            region_name=seen.region.name,
            period=period,
            terms_code=seen.terms.code,
            units=seen.units,
            delays=delays_of(late),
            region_names={code: one.name for code, one in regions.items()},
        )
    )


def _ask(circular: Circular, *, by: Actor, now: datetime) -> None:
    circular.status, circular.reason = CircularStatus.DRAWING, None
    circular.actor = kept(by)
    circular.drawn_by, circular.drawn_at = UserId(by.user_id), now
    leave_trace(circular, "ask_circular", by=by, now=now)


def _draw(circular: Circular, *, by: Actor) -> None:
    def told(done: int, rows: int) -> None:
        note_progress(CircularProgress, circular.id, done=done, rows=rows)

    contents = draw_contents(circular.region_code, _period(circular), by=by, told=told)
    circular.contents, circular.digest = contents, digest_of(contents)
    circular.status = CircularStatus.DRAFT


def _period(circular: Circular) -> Period:
    return Period(circular.period_kind, circular.year, circular.period)
