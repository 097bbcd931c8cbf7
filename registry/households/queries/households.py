"""Which households and benefit links an actor sees, with the persons masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, false, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.households.models.households import Household, HouseholdClass, HouseholdId
from registry.households.models.links import BenefitLink
from registry.organisations.models import SELLERS, Organisation

COUNTY_DIGITS = 6


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
    registered_at: datetime
    version: int


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `Household`, that the actor sees it.

    An office sees the households of its region; a cooperative those that it, or what stands
    under it, ever had a benefit link with.
    """
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.NONE or not actor.lineage:
        return false()
    linked = exists(
        select(BenefitLink.id)
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .where(
            BenefitLink.household_id == Household.id,
            Organisation.lineage.startswith(actor.lineage),
        )
    )
    if actor.sight is Sight.REGION:
        return or_(linked, Household.village_code.startswith(actor.region_prefix))
    return linked


def get_household(actor: Actor, household_id: HouseholdId) -> Household:
    """Give a household in the actor's sight with its persons in clear, or NotFound."""
    household = db.session.execute(
        select(Household).where(Household.id == household_id, visible(actor))
    ).scalar_one_or_none()
    if household is None:
        raise NotFound
    return household


def get_household_view(actor: Actor, household_id: HouseholdId) -> HouseholdView:
    """Give a household in the actor's sight, masked, or NotFound."""
    return _view_of(get_household(actor, household_id))


def lock_household(actor: Actor, household_id: HouseholdId) -> Household:
    """Give a household by its id, locked.

    Whoever links a household was handed its id, or looked it up by its exact code: a key of
    74 random bits is not guessed. So this looks beyond the actor's sight; nothing of the
    household is shown.
    """
    del actor
    household = db.session.execute(
        select(Household)
        .where(Household.id == household_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if household is None:
        raise NotFound
    return household


def list_households(
    actor: Actor,
    *,
    code: str | None,
    village_prefix: str,
    household_class: HouseholdClass | None,
    limit: int,
    cursor: str | None,
) -> Page[HouseholdView]:
    """List households in the actor's sight, masked, by code.

    With an exact `code` a cooperative also finds a household of its own county that it is not
    linked to yet: the first link begins with a lookup.
    """
    seen = visible(actor)
    statement = select(Household).where(Household.village_code.startswith(village_prefix))
    if code is not None:
        statement = statement.where(Household.code == code)
        seen = or_(seen, _in_own_county(actor))
    if household_class is not None:
        statement = statement.where(Household.household_class == household_class)
    found = page(
        statement.where(seen),
        keys=[(Household.code, False)],
        limit=limit,
        cursor=cursor,
        filters={"code": code, "village": village_prefix, "class": household_class},
    )
    return Page([_view_of(household) for household in found.items], found.next_cursor)


def _view_of(household: Household) -> HouseholdView:
    """Mask a household's persons: surname; first 3 and last 1; first 3 and last 4; last 4."""
    return HouseholdView(
        id=household.id,
        code=household.code,
        village_code=household.village_code,
        head_name=household.head_name[:1] + "*" * (len(household.head_name) - 1),
        id_number=_mask(household.id_number, first=3, last=1),
        phone=None if household.phone is None else _mask(household.phone, first=3, last=4),
        bank_card=(
            None if household.bank_card is None else _mask(household.bank_card, first=0, last=4)
        ),
        members=household.members,
        able_labour=household.able_labour,
        willing=household.willing,
        household_class=household.household_class,
        registered_at=household.registered_at,
        version=household.version,
    )


def _mask(number: str, *, first: int, last: int) -> str:
    return number[:first] + "*" * (len(number) - first - last) + number[-last:]


def _in_own_county(actor: Actor) -> ColumnElement[bool]:
    if actor.organisation_kind not in SELLERS:
        return false()
    return Household.village_code.startswith(actor.region_prefix[:COUNTY_DIGITS])
