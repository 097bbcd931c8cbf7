"""Reminding units that have not filed, so many days before their last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from kernel.paging import Page
from procurement.events import FilingDue
from procurement.filings import queries
from procurement.filings.models import FilingReminder, FilingStatus
from procurement.policies.models import SharePolicy
from procurement.policies.queries import list_all_policies
from procurement.policies.rules.resolutions import Resolution, UnitFacts, resolve
from registry.organisations.models import Organisation, OrganisationId


@dataclass(frozen=True, slots=True)
class MissingFiling:
    """A unit that has not handed in its year's promise, and how long it may.

    `days_left` counts Shanghai days to the last one, negative once it is over; None where no
    document names a day.
    """

    unit: Organisation
    status: FilingStatus | None
    deadline_on: date | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A last day of filing, and how many days before it who has not filed is reminded."""

    deadline_on: date
    days_left: int


def list_missing(
    actor: Actor,
    *,
    year: int,
    region_code: str | None,
    today: date,
    limit: int,
    cursor: str | None,
) -> Page[MissingFiling]:
    """List the units in sight that have not handed in the year's promise, by key."""
    found = queries.list_not_filed(
        actor, year=year, region_code=region_code, limit=limit, cursor=cursor
    )
    policies = list_all_policies(actor)
    items = []
    for unit, status in found.items:
        deadline_on = _resolve(policies, unit.region_code, year=year).deadline_on
        left = None if deadline_on is None else (deadline_on - today).days
        items.append(MissingFiling(unit, status, deadline_on, left))
    return Page(items, found.next_cursor)


def remind_units(*, now: datetime, limit: int = 500) -> int:
    """Remind the units whose last day has come near, once for each step; give how many.

    A unit is reminded of the step it is in, not of those that passed before anybody looked.
    """
    today = shanghai_day(now)
    policies = list_all_policies(SYSTEM)
    reminded = 0
    for year in (today.year, today.year + 1):
        for region_code in queries.list_buyer_regions(SYSTEM):
            step = _step(_resolve(policies, region_code, year=year), today=today)
            if step is None or reminded >= limit:
                continue
            unit_ids = queries.list_unreminded(
                SYSTEM,
                region_code=region_code,
                year=year,
                deadline_on=step.deadline_on,
                days_left=step.days_left,
                limit=limit - reminded,
            )
            reminded += sum(_remind(one, step, year=year, now=now) for one in unit_ids)
    return reminded


def _remind(unit_id: OrganisationId, step: Step, *, year: int, now: datetime) -> bool:
    """Remind a unit of a step; a timer that does so at the same moment is left to it."""
    values = {
        "id": new_id(),
        "unit_id": unit_id,
        "year": year,
        "deadline_on": step.deadline_on,
        "days_left": step.days_left,
        "told_at": now,
    }
    statement = insert(FilingReminder).values(values).on_conflict_do_nothing()
    made: UUID | None = db.session.scalar(statement.returning(FilingReminder.id))
    if made is None:
        return False
    record(FilingDue(reminder_id=made, unit_id=unit_id), now=now)
    subject = ("organisation", unit_id)
    after = {"year": year, "days_left": step.days_left}
    audit.write("remind_of_filing", subject=subject, by=SYSTEM, now=now, after=after)
    return True


def _resolve(policies: Sequence[SharePolicy], region_code: str, *, year: int) -> Resolution:
    return resolve(policies, region_code=region_code, year=year, facts=UnitFacts())


def _step(found: Resolution, *, today: date) -> Step | None:
    """Give the step of reminding that a day is in: the nearest one that has been reached."""
    if found.policy is None or found.deadline_on is None:
        return None
    left = (found.deadline_on - today).days
    reached = [days for days in found.policy.reminder_days if days >= left >= 0]
    return Step(found.deadline_on, min(reached)) if reached else None
