"""Let members join and leave a household, and leaders take up and end their work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.crypto import blind_index
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from registry.documents.rules import check_clear_of_identity
from registry.households.models.households import HouseholdId, LeaderId, VillageLeader
from registry.households.models.members import (
    Health,
    HouseholdMember,
    Labour,
    LeaveReason,
    MemberId,
    Relation,
    Sex,
)
from registry.households.queries.households import lock_household
from registry.households.queries.leaders import lock_leader
from registry.households.queries.members import lock_member
from registry.households.rules.households import check_leader_end, check_village
from registry.households.rules.members import check_disability, check_leaving, check_sex
from registry.regions.queries import get_live_region
from registry.regions.rules import check_reach

MEMBER_INDEX = "household_member.document_number"
LEADER_INDEX = "village_leader.id_number"


@dataclass(frozen=True)
class NewMember:
    """Somebody who belongs to a household; the document number has been checked at the door."""

    name: str = field(repr=False)
    document_number: str = field(repr=False)
    relation: Relation
    sex: Sex
    health: Health
    labour: Labour
    joined_on: date
    willing: bool = True
    disability_grade: int | None = None


@dataclass(frozen=True)
class NewLeader:
    """Somebody who leads a village's people to a better income, and by which trade."""

    village_code: str
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    trade: str
    since_on: date


def add_member(
    household_id: HouseholdId, new: NewMember, *, by: Actor, now: datetime
) -> HouseholdMember:
    """Add a member to a household of the actor's region.

    Refuses NotFound, NotAllowed, SexMismatch, DisabilityIncomplete, MemberPresent, HeadPresent.
    """
    household = lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    check_sex(new.sex, document_number=new.document_number, relation=new.relation)
    check_disability(new.health, grade=new.disability_grade)
    member = HouseholdMember(
        id=MemberId(new_id()),
        household_id=household.id,
        name=new.name,
        document_number=new.document_number,
        document_index=blind_index(new.document_number[:18], purpose=MEMBER_INDEX),
        relation=new.relation,
        sex=new.sex,
        health=new.health,
        disability_grade=new.disability_grade,
        labour=new.labour,
        willing=new.willing,
        joined_on=new.joined_on,
        created_at=now,
    )
    db.session.add(member)
    db.session.flush()
    audit.write("add_member", subject=("household_member", member.id), by=by, now=now)
    return member


def let_member_leave(
    member_id: MemberId,
    *,
    left_on: date,
    reason: LeaveReason,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> HouseholdMember:
    """End a member's time in a household; refuses NotFound, VersionStale, MemberLeft."""
    member, household = lock_member(by, member_id)
    check_reach(household.village_code, by=by)
    check_version(member.version, expected_version)
    check_leaving(member, left_on=left_on)
    member.left_on, member.left_reason = left_on, reason
    db.session.flush()
    audit.write(
        "let_member_leave",
        subject=("household_member", member.id),
        by=by,
        now=now,
        after={"left_on": left_on, "reason": reason},
    )
    return member


def add_leader(new: NewLeader, *, by: Actor, now: datetime) -> VillageLeader:
    """Register a leader of a village of the actor's region.

    Refuses RegionUnknown, RegionUnfit, NotAllowed, LeaderInOffice, IdentityInText.
    """
    check_clear_of_identity(new.trade, pointer="/trade")
    village = get_live_region(by, new.village_code, on=shanghai_day(now), pointer="/village_code")
    check_village(village)
    check_reach(village.code, by=by)
    leader = VillageLeader(
        id=LeaderId(new_id()),
        village_code=village.code,
        name=new.name,
        id_number=new.id_number,
        id_number_index=blind_index(new.id_number, purpose=LEADER_INDEX),
        trade=new.trade,
        since_on=new.since_on,
        created_at=now,
    )
    db.session.add(leader)
    db.session.flush()
    audit.write("add_leader", subject=("village_leader", leader.id), by=by, now=now)
    return leader


def end_leader(leader_id: LeaderId, *, until_on: date, by: Actor, now: datetime) -> VillageLeader:
    """End a leader's time; refuses NotFound, LeaderLeft, PeriodBackwards."""
    leader = lock_leader(by, leader_id)
    check_reach(leader.village_code, by=by)
    check_leader_end(leader, until_on=until_on)
    leader.until_on = until_on
    db.session.flush()
    audit.write("end_leader", subject=("village_leader", leader.id), by=by, now=now)
    return leader
