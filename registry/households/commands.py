"""Put households on the register, read them in clear, and link them to organisations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import blind_index
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.commands import record_disclosure
from registry.documents.rules import check_clear_of_identity
from registry.errors.regions import RegionUnknown
from registry.households.models import (
    BenefitLink,
    BenefitLinkId,
    BenefitWay,
    Household,
    HouseholdClass,
    HouseholdId,
)
from registry.households.queries import (
    COUNTY_DIGITS,
    get_household,
    list_like_links,
    lock_benefit_link,
    lock_household,
)
from registry.households.rules import (
    check_end,
    check_labour,
    check_link_party,
    check_no_overlap,
    check_village,
)
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.queries import find_region
from registry.regions.rules import check_reach

ID_NUMBER_INDEX = "household.id_number"


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


@dataclass(frozen=True)
class NewBenefitLink:
    """How an organisation is going to help a household."""

    household_id: HouseholdId
    organisation_id: OrganisationId
    way: BenefitWay
    since_on: date
    terms: str


def register_household(new: NewHousehold, *, by: Actor, now: datetime) -> Household:
    """Put a household of the actor's region on the register.

    Refuses RegionUnknown, RegionUnfit (no village), NotAllowed (another region),
    LabourAboveMembers, IdNumberTaken.
    """
    village = find_region(by, new.village_code, on=shanghai_day(now))
    if village is None:
        raise RegionUnknown(pointer="/village_code", region_code=new.village_code)
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
        registered_at=now,
    )
    db.session.add(household)
    db.session.flush()
    audit.write(
        "register_household",
        subject=("household", household.id),
        by=by,
        now=now,
        after={"code": household.code, "village_code": household.village_code},
    )
    return household


def disclose_household(
    household_id: HouseholdId, *, purpose: str, by: Actor, now: datetime
) -> Household:
    """Give a household in clear for a stated purpose; who, why and when is kept for good.

    Refuses NotFound (also out of sight) and IdentityInText (in the purpose).
    """
    household = get_household(by, household_id)
    check_clear_of_identity(purpose, pointer="/purpose")
    record_disclosure(("household", household.id), purpose=purpose, by=by, now=now)
    return household


def link_household(new: NewBenefitLink, *, by: Actor, now: datetime) -> BenefitLink:
    """Link a household to an organisation in the actor's sight.

    Refuses NotFound (organisation or household), LinkPartyUnfit, BenefitLinkInForce,
    IdentityInText.
    """
    organisation = get_organisation(by, new.organisation_id)
    check_link_party(organisation)
    check_clear_of_identity(new.terms, pointer="/terms")
    household = lock_household(by, new.household_id)
    earlier = list_like_links(
        by, household_id=household.id, organisation_id=organisation.id, way=new.way
    )
    check_no_overlap(earlier, since_on=new.since_on)
    link = BenefitLink(
        id=BenefitLinkId(new_id()),
        household_id=household.id,
        organisation_id=organisation.id,
        way=new.way,
        since_on=new.since_on,
        terms=new.terms,
        created_at=now,
    )
    db.session.add(link)
    db.session.flush()
    audit.write(
        "link_household",
        subject=("benefit_link", link.id),
        by=by,
        now=now,
        after={"household_id": household.id, "organisation_id": organisation.id, "way": new.way},
    )
    return link


def end_benefit_link(
    benefit_link_id: BenefitLinkId, *, until_on: date, by: Actor, now: datetime
) -> BenefitLink:
    """End a benefit link; refuses NotFound, BenefitLinkEnded, PeriodBackwards."""
    link = lock_benefit_link(by, benefit_link_id)
    check_end(link, until_on=until_on)
    link.until_on = until_on
    db.session.flush()
    audit.write(
        "end_benefit_link",
        subject=("benefit_link", link.id),
        by=by,
        now=now,
        after={"until_on": until_on},
    )
    return link
