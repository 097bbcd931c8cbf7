"""Drawing up circulars, issuing and withdrawing them, and drawing them up again to compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed, SamePerson, WrongState
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from procurement.events import CircularPublished
from procurement.supervision.commands.standings import late_payments, watch
from procurement.supervision.models.circulars import (
    Circular,
    CircularId,
    CircularStatus,
    PeriodKind,
)
from procurement.supervision.queries.circulars import get_circular, lock_circular
from procurement.supervision.rules.circulars import (
    Ground,
    Period,
    asked_of,
    check_over,
    child_region,
    contents_of,
    digest_of,
)
from procurement.supervision.rules.payments import delays_of
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity
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


def draw_circular(new: NewCircular, *, by: Actor, now: datetime) -> Circular:
    """Draw up the circular of a period that is over, as of its last instant.

    Refuses PeriodUnfit, PeriodNotOver, NotFound (a region out of sight).
    """
    if by.organisation_id is None:
        raise NotAllowed
    period = Period(new.period_kind, new.year, new.period)
    check_over(period, now=now)
    contents = draw_contents(new.region_code, period, by=by)
    circular = Circular(
        id=CircularId(new_id()),
        region_code=new.region_code,
        organisation_id=OrganisationId(by.organisation_id),
        year=new.year,
        period_kind=new.period_kind,
        period=new.period,
        as_of=period.as_of,
        contents=contents,
        digest=digest_of(contents),
        status=CircularStatus.DRAFT,
        drawn_by=UserId(by.user_id),
        drawn_at=now,
    )
    db.session.add(circular)
    _leave_trace(circular, "draw_circular", by=by, now=now)
    return circular


def draw_contents(region_code: str, period: Period, *, by: Actor) -> dict[str, Any]:
    """Make a circular's contents from entries, as of the period's last instant."""
    seen = watch(by, region_code, year=period.year, as_of=period.as_of)
    children = {child_region(one.unit.region_code, within=region_code) for one in seen.units}
    regions = list_regions_of(by, children)
    return contents_of(
        Ground(
            region_code=seen.region.code,
            region_name=seen.region.name,
            period=period,
            terms_code=seen.terms.code,
            units=seen.units,
            delays=delays_of(late_payments(by, region_code, as_of=period.as_of)),
            region_names={code: one.name for code, one in regions.items()},
        )
    )


def compare_circular(circular_id: CircularId, *, by: Actor) -> Comparison:
    """Draw a circular up again from its as-of date and compare it with what was frozen."""
    circular = get_circular(by, circular_id)
    period = Period(circular.period_kind, circular.year, circular.period)
    drawn = draw_contents(circular.region_code, period, by=by)
    again = digest_of(asked_of(drawn, frozen=circular.contents))
    return Comparison(again == circular.digest, circular.digest.hex(), again.hex())


def issue_circular(circular_id: CircularId, *, by: Actor, now: datetime) -> Circular:
    """Issue a circular under a number; another person than who drew it up.

    Refuses NotAllowed, WrongState, SamePerson, CircularIssued.
    """
    circular = _own(circular_id, CircularStatus.DRAFT, by=by)
    if by.user_id in list_accounts_of(by, {circular.drawn_by}):
        raise SamePerson
    circular.number = next_number("BF-TB", region_code=circular.region_code, year=circular.year)
    circular.status = CircularStatus.ISSUED
    circular.issued_by, circular.issued_at = UserId(by.user_id), now
    _leave_trace(circular, "issue_circular", by=by, now=now)
    record(CircularPublished(circular_id=circular.id), now=now)
    return circular


def withdraw_circular(
    circular_id: CircularId, *, reason: str, by: Actor, now: datetime
) -> Circular:
    """Take back a circular that is out, with the reason; it stays readable as withdrawn."""
    check_clear_of_identity(reason, pointer="/reason")
    circular = _own(circular_id, CircularStatus.ISSUED, by=by)
    circular.status, circular.withdrawal_reason = CircularStatus.WITHDRAWN, reason
    _leave_trace(circular, "withdraw_circular", by=by, now=now)
    return circular


def _own(circular_id: CircularId, wanted: CircularStatus, *, by: Actor) -> Circular:
    circular = lock_circular(by, circular_id)
    if circular.organisation_id != by.organisation_id:
        raise NotAllowed
    if circular.status is not wanted:
        raise WrongState(state=circular.status, wanted=wanted)
    return circular


def _leave_trace(circular: Circular, act: str, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    after = {"status": circular.status, "digest": circular.digest.hex()}
    audit.write(act, subject=("circular", circular.id), by=by, now=now, after=after)
