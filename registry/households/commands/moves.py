"""Let a household move to another village, and let some of its members found their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from registry.errors.households import CaseOpen
from registry.households.commands.households import NewHousehold, add_household, write_change
from registry.households.models.households import ChangeReason, Household, HouseholdId
from registry.households.models.members import (
    HouseholdMember,
    LeaveReason,
    MemberId,
    Relation,
)
from registry.households.models.pairings import Pairing, PairingId
from registry.households.queries.cases import has_open_case
from registry.households.queries.households import lock_household
from registry.households.queries.members import lock_present_members
from registry.households.queries.pairings import lock_pairings_of
from registry.households.rules import moves as rules
from registry.households.rules.households import check_helped, check_village
from registry.households.rules.members import check_leaving, check_sex
from registry.regions.queries import get_live_region
from registry.regions.rules import check_reach

ID_DIGITS = 18


@dataclass(frozen=True)
class NewSplit:
    """Who leaves a household, what they are to the new head, and how many of them can work."""

    relations: Mapping[MemberId, Relation]
    able_labour: int
    willing: bool = True


def move_household(
    household_id: HouseholdId,
    *,
    village_code: str,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Household:
    """Let a household live in another village from today on; its code stays what it was.

    Pairings with it go on in the new village; links and lots name the household, not the place.
    Refuses NotFound, NotAllowed (either village out of reach), VersionStale, RegionUnknown,
    RegionUnfit, SameVillage, CaseOpen.
    """
    household = lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    check_version(household.version, expected_version)
    village = get_live_region(by, village_code, on=shanghai_day(now), pointer="/village_code")
    check_village(village)
    check_reach(village.code, by=by)
    rules.check_move(household, village_code=village.code)
    _check_no_case(household)
    left = household.village_code
    household.village_code = village.code
    db.session.flush()
    write_change(household, reason=ChangeReason.MOVED, left_village_code=left, by=by, now=now)
    carry_pairings(household, by=by, now=now)
    audit.write(
        "move_household",
        subject=("household", household.id),
        by=by,
        now=now,
        before={"village_code": left},
        after={"village_code": village.code},
    )
    return household


def split_household(
    household_id: HouseholdId,
    new: NewSplit,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Household:
    """Let members found a household of their own in the same village, from today on.

    It stands on the register as the old one does, under a code of its own; links, consents,
    pairings, incomes and lots stay with the old one. Refuses NotFound, NotAllowed, VersionStale,
    HouseholdNotListed, SplitUnfit, SexMismatch, PeriodBackwards (joined today), CaseOpen,
    IdNumberTaken.
    """
    household = lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    check_version(household.version, expected_version)
    check_helped(household)
    _check_no_case(household)
    present = {one.id: one for one in lock_present_members(by, household.id)}
    rules.check_split(household, present, relations=new.relations, able_labour=new.able_labour)
    leaving = [(present[one], relation) for one, relation in new.relations.items()]
    for member, relation in leaving:
        check_sex(member.sex, document_number=member.document_number, relation=relation)
        check_leaving(member, left_on=shanghai_day(now))
    household.members -= len(leaving)
    household.able_labour -= new.able_labour
    founded = _found(household, new, leaving, by=by, now=now)
    for member, _ in leaving:
        member.left_on, member.left_reason = shanghai_day(now), LeaveReason.SPLIT
    db.session.flush()
    for member, relation in leaving:
        _join(founded, member, relation=relation, on=shanghai_day(now), now=now)
    write_change(household, reason=ChangeReason.SPLIT, reason_id=founded.id, by=by, now=now)
    audit.write(
        "split_household",
        subject=("household", household.id),
        by=by,
        now=now,
        after={"founded": founded.code, "members": len(leaving)},
    )
    return founded


def carry_pairings(household: Household, *, by: Actor, now: datetime) -> None:
    """Let the pairings with a household that moved go on in its new village from today on."""
    today = shanghai_day(now)
    for pairing in lock_pairings_of(SYSTEM, household.id, on=today):
        if pairing.since_on >= today:
            pairing.village_code = household.village_code
            continue
        until_on, pairing.until_on = pairing.until_on, today
        db.session.add(
            Pairing(
                id=PairingId(new_id()),
                kind=pairing.kind,
                helper_id=pairing.helper_id,
                helper_user_id=pairing.helper_user_id,
                village_code=household.village_code,
                household_id=household.id,
                since_on=today,
                until_on=until_on,
                source=pairing.source,
                created_at=now,
            )
        )
        audit.write("carry_pairing", subject=("pairing", pairing.id), by=by, now=now)
    db.session.flush()


def _check_no_case(household: Household) -> None:
    if has_open_case(SYSTEM, household.id):
        raise CaseOpen


def _found(
    household: Household,
    new: NewSplit,
    leaving: list[tuple[HouseholdMember, Relation]],
    *,
    by: Actor,
    now: datetime,
) -> Household:
    head = next(member for member, relation in leaving if relation is Relation.HEAD)
    return add_household(
        NewHousehold(
            village_code=household.village_code,
            head_name=head.name,
            id_number=head.document_number[:ID_DIGITS],
            members=len(leaving),
            able_labour=new.able_labour,
            household_class=household.household_class,
            willing=new.willing,
            cause=household.cause,
        ),
        state=household.state,
        observed_until_on=household.observed_until_on,
        by=by,
        now=now,
        reason=ChangeReason.SPLIT,
        reason_id=household.id,
    )


def _join(
    household: Household, member: HouseholdMember, *, relation: Relation, on: date, now: datetime
) -> None:
    db.session.add(
        HouseholdMember(
            id=MemberId(new_id()),
            household_id=household.id,
            name=member.name,
            document_number=member.document_number,
            document_index=member.document_index,
            relation=relation,
            sex=member.sex,
            health=member.health,
            disability_grade=member.disability_grade,
            labour=member.labour,
            willing=member.willing,
            joined_on=on,
            created_at=now,
        )
    )
