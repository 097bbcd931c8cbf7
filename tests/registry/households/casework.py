"""Everybody who has a hand in a case, and the steps they take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.households.commands import cases as commands
from registry.households.commands.cases import NewCase, NewStep
from registry.households.models.cases import (
    CaseDecision,
    CaseId,
    CaseKind,
    CaseStep,
    ClueSource,
    HouseholdCase,
)
from registry.households.models.households import HouseholdClass, HouseholdId
from registry.households.models.settings import IncomeLine
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build

OFFICE = OrganisationKind.AUTHORITY
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
NOTICE_OVER = datetime(2026, 3, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    """One person for each hand: the cadre, the comparer, the town, the county."""

    cadre: Actor
    comparer: Actor
    town: Actor
    county: Actor


def cast() -> Cast:
    """Give four people in offices of their levels."""
    return Cast(
        cadre=build.person(Role.VILLAGE_CADRE, kind=OFFICE, region_code=build.LONGGUI),
        comparer=build.person(Role.COUNTY_REVIEWER, kind=OFFICE),
        town=build.person(Role.TOWN_CHECKER, kind=OFFICE, region_code=build.LONGGUI),
        county=build.person(Role.COUNTY_REVIEWER, kind=OFFICE),
    )


def income_line(per_head_fen: int = 600_000, year: int = 2025) -> None:
    """Put a line of the county in force."""
    db.session.add(
        IncomeLine(
            id=new_id(),
            region_code=build.WUJIANG,
            year=year,
            per_head_fen=per_head_fen,
            price_basis="test",
            source="test",
        )
    )
    db.session.flush()


def opened(
    people: Cast, household_id: UUID, kind: CaseKind = CaseKind.IDENTIFICATION
) -> HouseholdCase:
    """Report a clue about a household of the register."""
    wanted = HouseholdClass.MARGINAL if kind is CaseKind.IDENTIFICATION else None
    new = NewCase(
        kind=kind,
        source=ClueSource.CADRE_VISIT,
        clue="入户走访发现",
        household_id=HouseholdId(household_id),
        wanted_class=wanted,
    )
    return commands.open_case(new, by=people.cadre, now=NOW)


def take(
    case_id: CaseId,
    step: CaseStep,
    by: Actor,
    decision: CaseDecision = CaseDecision.PASS,
    now: datetime = NOW,
) -> HouseholdCase:
    """Take one step, the visit with safe guarantees."""
    safe = True if step is CaseStep.VISIT else None
    new = NewStep(step=step, decision=decision, opinion="属实", guarantees_safe=safe)
    return commands.take_step(case_id, new, by=by, now=now)


def advance(people: Cast, case: HouseholdCase, until: CaseStep) -> HouseholdCase:
    """Take the steps up to one, each by its own person, the town's after the notice."""
    hands = {
        CaseStep.VISIT: (people.cadre, NOW),
        CaseStep.COMPARISON: (people.comparer, NOW),
        CaseStep.NOTICE: (people.cadre, NOW),
        CaseStep.TOWN_CHECK: (people.town, NOTICE_OVER),
        CaseStep.COUNTY_DECISION: (people.county, NOTICE_OVER),
    }
    for step, (by, now) in hands.items():
        take(case.id, step, by, now=now)
        if step is until:
            break
    return case
