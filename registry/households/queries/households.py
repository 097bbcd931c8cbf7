"""Which households and benefit links an actor sees, with the persons masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.masks import mask, mask_name
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.households.models.households import (
    Cause,
    Household,
    HouseholdChange,
    HouseholdClass,
    HouseholdId,
    HouseholdState,
)
from registry.households.models.links import BenefitLink, HouseholdConsent
from registry.organisations.models import SELLERS, Organisation, OrganisationId
from registry.regions.rules import COUNTY_DIGITS

VILLAGE_DIGITS = 12


@dataclass(frozen=True)
class HouseholdView:
    """A household with its persons masked: 张*, 4…5, 138…34, …5678."""

    id: HouseholdId
    code: str
    village_code: str
    head_name: str
    id_number: str
    phone: str | None
    bank_card: str | None
    members: int
    able_labour: int
    willing: bool
    household_class: HouseholdClass
    state: HouseholdState
    observed_until_on: date | None
    cause: Cause | None
    registered_at: datetime
    version: int


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `Household`, that the actor sees it.

    An office sees the households of its region; whoever sells those that it, or what stands
    under it, ever had a benefit link with.
    """
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.NONE or not actor.lineage:
        return false()
    region = inside(Household.village_code, actor.region_prefix)
    if actor.sight is Sight.REGION and actor.organisation_kind not in SELLERS:
        return region
    linked = exists(
        select(BenefitLink.id)
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .where(
            BenefitLink.household_id == Household.id,
            Organisation.lineage.startswith(actor.lineage),
        )
    )
    return or_(linked, region) if actor.sight is Sight.REGION else linked


def inside(
    code: InstrumentedAttribute[str] | ColumnElement[str], prefix: str
) -> ColumnElement[bool]:
    """Say that a code lies in a region's subtree, as a range that an index walks in its order."""
    return and_(code >= prefix, code <= prefix.ljust(VILLAGE_DIGITS, "9"))


def get_household(actor: Actor, household_id: HouseholdId) -> Household:
    """Give a household in the actor's sight with its persons in clear, or NotFound."""
    return one(select(Household).where(Household.id == household_id, visible(actor)))


def get_household_view(actor: Actor, household_id: HouseholdId) -> HouseholdView:
    """Give a household in the actor's sight, masked, or NotFound."""
    return _view_of(get_household(actor, household_id))


def lock_household(actor: Actor, household_id: HouseholdId) -> Household:
    """Give a household in the actor's sight, locked, or NotFound."""
    return _lock(household_id, visible(actor))


def lock_household_to_link(
    actor: Actor, household_id: HouseholdId, *, organisation_id: OrganisationId
) -> Household:
    """Give a household that the actor's organisation may link, locked, or NotFound.

    One in sight; for the first link one of the own county, which its exact code finds; one of
    another county only where its village recorded its consent to the organisation.
    """
    agreed = exists(
        select(HouseholdConsent.id).where(
            HouseholdConsent.household_id == Household.id,
            HouseholdConsent.organisation_id == organisation_id,
            HouseholdConsent.until_on.is_(None),
        )
    )
    return _lock(household_id, or_(visible(actor), in_own_county(actor), agreed))


def find_household_by_id_number(actor: Actor, id_number_index: bytes) -> HouseholdView | None:
    """Find the household in the actor's sight under the blind index of an identity number."""
    household = db.session.execute(
        select(Household).where(Household.id_number_index == id_number_index, visible(actor))
    ).scalar_one_or_none()
    return None if household is None else _view_of(household)


def list_households(
    actor: Actor,
    *,
    code: str | None,
    village_prefix: str,
    household_class: HouseholdClass | None,
    state: HouseholdState | None = None,
    limit: int,
    cursor: str | None,
) -> Page[HouseholdView]:
    """List households in the actor's sight, masked, by village and code.

    With an exact `code` a cooperative also finds a household of its own county that it is not
    linked to yet: the first link begins with a lookup.
    """
    seen = visible(actor)
    statement = select(Household)
    if village_prefix:
        statement = statement.where(inside(Household.village_code, village_prefix))
    if code is not None:
        statement = statement.where(Household.code == code)
        seen = or_(seen, in_own_county(actor))
    if household_class is not None:
        statement = statement.where(Household.household_class == household_class)
    if state is not None:
        statement = statement.where(Household.state == state)
    found = page(
        statement.where(seen),
        keys=[(Household.village_code, False), (Household.code, False)],
        limit=limit,
        cursor=cursor,
        filters={
            "code": code,
            "village": village_prefix,
            "class": household_class,
            "state": state,
        },
    )
    return Page([_view_of(household) for household in found.items], found.next_cursor)


def list_changes(actor: Actor, household_id: HouseholdId) -> list[HouseholdChange]:
    """List how a household in the actor's sight stood from day to day, the first first."""
    household = get_household(actor, household_id)
    return list(
        db.session.execute(
            select(HouseholdChange)
            .where(HouseholdChange.household_id == household.id)
            .order_by(HouseholdChange.from_on, HouseholdChange.position)
        ).scalars()
    )


def get_standing(actor: Actor, household_id: HouseholdId, *, on: date) -> HouseholdChange:
    """Give how a household in the actor's sight stood on a day (NotFound: before its first)."""
    household = get_household(actor, household_id)
    return one(
        select(HouseholdChange)
        .where(HouseholdChange.household_id == household.id, HouseholdChange.from_on <= on)
        .order_by(HouseholdChange.from_on.desc(), HouseholdChange.position.desc())
        .limit(1)
    )


def list_due_observations(actor: Actor, *, on: date, limit: int) -> list[Household]:
    """List households whose observation is over on a day, locked; what others hold is skipped."""
    return list(
        db.session.execute(
            select(Household)
            .where(
                Household.state == HouseholdState.OBSERVED,
                Household.observed_until_on <= on,
                visible(actor),
            )
            .order_by(Household.observed_until_on)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).scalars()
    )


def _lock(household_id: HouseholdId, seen: ColumnElement[bool]) -> Household:
    return locked(select(Household).where(Household.id == household_id, seen))


def _view_of(household: Household) -> HouseholdView:
    """Mask a household's persons: surname; first 3 and last 1; first 3 and last 4; last 4."""
    return HouseholdView(
        id=household.id,
        code=household.code,
        village_code=household.village_code,
        head_name=mask_name(household.head_name),
        id_number=mask(household.id_number, first=3, last=1),
        phone=None if household.phone is None else mask(household.phone, first=3, last=4),
        bank_card=(
            None if household.bank_card is None else mask(household.bank_card, first=0, last=4)
        ),
        members=household.members,
        able_labour=household.able_labour,
        willing=household.willing,
        household_class=household.household_class,
        state=household.state,
        observed_until_on=household.observed_until_on,
        cause=household.cause,
        registered_at=household.registered_at,
        version=household.version,
    )


def in_own_county(actor: Actor) -> ColumnElement[bool]:
    """Say, of `Household`, that it lies in the county of an actor who sells."""
    if actor.organisation_kind not in SELLERS:
        return false()
    return inside(Household.village_code, actor.region_prefix[:COUNTY_DIGITS])
