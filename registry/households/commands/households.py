"""Put households on the register, change them, let them leave, and read them in clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import blind_index
from kernel.database import db
from kernel.errors import NotFound, check_version
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.commands.disclosures import record_disclosure
from registry.documents.rules import check_clear_of_identity
from registry.households.models.households import (
    Cause,
    ChangeReason,
    Household,
    HouseholdChange,
    HouseholdClass,
    HouseholdId,
    HouseholdState,
)
from registry.households.queries import households as queries
from registry.households.queries.households import HouseholdView
from registry.households.rules.households import check_labour, check_village
from registry.regions.queries import get_live_region
from registry.regions.rules import COUNTY_DIGITS, check_reach

ID_NUMBER_INDEX = "household.id_number"
STANDING = frozenset({"members", "able_labour", "willing"})
"""What the history keeps besides class and state."""
BATCH = 500


@dataclass(frozen=True)
class NewHousehold:
    """A household to put on the register; the identity number has been checked at the door."""

    village_code: str
    head_name: str = field(repr=False)
    id_number: str = field(repr=False)
    members: int
    able_labour: int
    household_class: HouseholdClass
    willing: bool = True
    phone: str | None = field(default=None, repr=False)
    bank_card: str | None = field(default=None, repr=False)
    cause: Cause | None = None


def register_household(new: NewHousehold, *, by: Actor, now: datetime) -> Household:
    """Put a household of the actor's region on the register.

    Refuses RegionUnknown, RegionUnfit (no village), NotAllowed (another region),
    LabourAboveMembers, IdNumberTaken.
    """
    return add_household(new, state=HouseholdState.LISTED, by=by, now=now)


def add_household(
    new: NewHousehold,
    *,
    state: HouseholdState,
    by: Actor,
    now: datetime,
    observed_until_on: date | None = None,
    reason: ChangeReason = ChangeReason.REGISTERED,
    reason_id: UUID | None = None,
) -> Household:
    """Add a household in a state, with the first row of its history."""
    village = get_live_region(by, new.village_code, on=shanghai_day(now), pointer="/village_code")
    check_village(village)
    check_reach(village.code, by=by)
    check_labour(members=new.members, able_labour=new.able_labour)
    household = Household(
        id=HouseholdId(new_id()),
        code=next_number("BF-H", region_code=village.code[:COUNTY_DIGITS], year=shanghai_year(now)),
        village_code=village.code,
        head_name=new.head_name,
        id_number=new.id_number,
        id_number_index=blind_index(new.id_number, purpose=ID_NUMBER_INDEX),
        phone=new.phone,
        bank_card=new.bank_card,
        members=new.members,
        able_labour=new.able_labour,
        willing=new.willing,
        household_class=new.household_class,
        state=state,
        observed_until_on=observed_until_on,
        cause=new.cause,
        registered_at=now,
    )
    db.session.add(household)
    db.session.flush()
    write_change(household, reason=reason, reason_id=reason_id, by=by, now=now)
    audit.write(
        "register_household",
        subject=("household", household.id),
        by=by,
        now=now,
        after={"code": household.code, "village_code": household.village_code, "state": state},
    )
    return household


def edit_household(
    household_id: HouseholdId,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Household:
    """Change heads, labour, will, cause or how to reach a household of the actor's region.

    Refuses NotFound, NotAllowed, VersionStale, LabourAboveMembers.
    """
    household = queries.lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    check_version(household.version, expected_version)
    for name, value in changes.items():
        setattr(household, name, value)
    check_labour(members=household.members, able_labour=household.able_labour)
    db.session.flush()
    if not STANDING.isdisjoint(changes):
        write_change(household, reason=ChangeReason.EDIT, reason_id=None, by=by, now=now)
    audit.write(
        "edit_household",
        subject=("household", household.id),
        by=by,
        now=now,
        after={"changed": sorted(changes)},
    )
    return household


def write_change(
    household: Household,
    *,
    by: Actor,
    now: datetime,
    reason: ChangeReason = ChangeReason.REGISTERED,
    reason_id: UUID | None = None,
    left_village_code: str | None = None,
) -> None:
    """Keep how the household stands from today on; the rows before stay as they are."""
    db.session.add(
        HouseholdChange(
            id=new_id(),
            household_id=household.id,
            household_class=household.household_class,
            state=household.state,
            members=household.members,
            able_labour=household.able_labour,
            willing=household.willing,
            left_village_code=left_village_code,
            from_on=shanghai_day(now),
            reason=reason,
            reason_id=reason_id,
            by_id=by.user_id,
            at=now,
        )
    )
    db.session.flush()


def end_observations(*, now: datetime) -> int:
    """Let the households leave whose observation is over; gives how many it was this time."""
    due = queries.list_due_observations(SYSTEM, on=shanghai_day(now), limit=BATCH)
    for household in due:
        household.state, household.observed_until_on = HouseholdState.EXITED, None
        write_change(
            household, reason=ChangeReason.OBSERVATION_OVER, reason_id=None, by=SYSTEM, now=now
        )
        audit.write("end_observation", subject=("household", household.id), by=SYSTEM, now=now)
    return len(due)


def look_up_household(id_number: str, *, by: Actor, now: datetime) -> HouseholdView:
    """Find a household in sight by its head's identity number, masked; the look-up is kept.

    Refuses NotFound; the refusal leaves its row too.
    """
    found = queries.find_household_by_id_number(by, blind_index(id_number, purpose=ID_NUMBER_INDEX))
    if found is None:
        raise NotFound
    audit.write("look_up_household", subject=("household", found.id), by=by, now=now)
    return found


def disclose_household(
    household_id: HouseholdId, *, purpose: str, by: Actor, now: datetime
) -> Household:
    """Give a household in clear for a stated purpose; who, why and when is kept for good.

    Refuses NotFound (also out of sight) and IdentityInText (in the purpose).
    """
    household = queries.get_household(by, household_id)
    check_clear_of_identity(purpose, pointer="/purpose")
    record_disclosure(("household", household.id), purpose=purpose, by=by, now=now)
    return household
