"""Who belongs to a household, and who comes first for shares; masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.masks import mask, mask_name
from kernel.paging import Page, page_in_turn
from registry.households.models.households import (
    Household,
    HouseholdClass,
    HouseholdId,
    HouseholdState,
)
from registry.households.models.members import (
    Health,
    HouseholdMember,
    Labour,
    LeaveReason,
    MemberId,
    Relation,
    Sex,
)
from registry.households.queries.households import get_household, inside, visible

HELPED = (HouseholdState.LISTED, HouseholdState.OBSERVED)


@dataclass(frozen=True)
class MemberView:
    """A member of a household, masked."""

    id: MemberId
    name: str
    document_number: str
    relation: Relation
    sex: Sex
    health: Health
    disability_grade: int | None
    labour: Labour
    willing: bool
    joined_on: date
    left_on: date | None
    left_reason: LeaveReason | None
    version: int


@dataclass(frozen=True)
class Priority:
    """A household's place in the order of asset income: 1 with disabled members, 2 unable, 3."""

    rank: int
    code: str
    village_code: str
    household_class: HouseholdClass
    members: int
    able_labour: int


def list_members(actor: Actor, household_id: HouseholdId) -> list[MemberView]:
    """List the members of a household in the actor's sight, those who left too, by entry."""
    household = get_household(actor, household_id)
    rows = db.session.execute(
        select(HouseholdMember)
        .where(HouseholdMember.household_id == household.id)
        .order_by(HouseholdMember.id)
    ).scalars()
    return [view_of(one) for one in rows]


def view_of(one: HouseholdMember) -> MemberView:
    """Mask a member: surname; the first three and the last character of the document."""
    return MemberView(
        id=one.id,
        name=mask_name(one.name),
        document_number=mask(one.document_number, first=3, last=1),
        relation=one.relation,
        sex=one.sex,
        health=one.health,
        disability_grade=one.disability_grade,
        labour=one.labour,
        willing=one.willing,
        joined_on=one.joined_on,
        left_on=one.left_on,
        left_reason=one.left_reason,
        version=one.version,
    )


def lock_member(actor: Actor, member_id: MemberId) -> tuple[HouseholdMember, Household]:
    """Give a member of a household in the actor's sight with it, both locked, or NotFound."""
    row = db.session.execute(
        select(HouseholdMember, Household)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.id == member_id, visible(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def lock_present_members(actor: Actor, household_id: HouseholdId) -> list[HouseholdMember]:
    """List who belongs to a household that the caller found in the actor's sight, locked."""
    del actor
    return list(
        db.session.scalars(
            select(HouseholdMember)
            .where(HouseholdMember.household_id == household_id, HouseholdMember.left_on.is_(None))
            .order_by(HouseholdMember.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def list_priorities(
    actor: Actor, *, region_prefix: str, limit: int, cursor: str | None
) -> Page[Priority]:
    """List the helped households of a region in the order in which asset income reaches them.

    First those with a disabled member, then those that nobody of can work, then the others,
    each by village and code.
    """
    disabled = has_disabled_member()
    helped = select(Household).where(
        visible(actor),
        inside(Household.village_code, region_prefix),
        Household.state.in_(HELPED),
    )
    unable = Household.able_labour == 0
    found = page_in_turn(
        [helped.where(disabled), helped.where(~disabled, unable), helped.where(~disabled, ~unable)],
        keys=[(Household.village_code, False), (Household.code, False)],
        limit=limit,
        cursor=cursor,
        filters={"region": region_prefix},
    )
    return Page(
        [
            Priority(
                rank=turn + 1,
                code=one.code,
                village_code=one.village_code,
                household_class=one.household_class,
                members=one.members,
                able_labour=one.able_labour,
            )
            for turn, one in found.items
        ],
        found.next_cursor,
    )


def has_disabled_member() -> ColumnElement[bool]:
    """Say, of `Household`, that somebody who belongs to it has a disability."""
    return exists(
        select(HouseholdMember.id).where(
            HouseholdMember.household_id == Household.id,
            HouseholdMember.left_on.is_(None),
            HouseholdMember.disability_grade.is_not(None),
        )
    )
