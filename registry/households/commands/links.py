"""Link households to organisations, and end the links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from registry.documents.rules import check_clear_of_identity
from registry.households.models.households import HouseholdId
from registry.households.models.links import BenefitLink, BenefitLinkId, BenefitWay
from registry.households.queries.households import lock_household
from registry.households.queries.links import list_like_links, lock_benefit_link
from registry.households.rules.links import check_end, check_link_party, check_no_overlap
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation


@dataclass(frozen=True)
class NewBenefitLink:
    """How an organisation is going to help a household."""

    household_id: HouseholdId
    organisation_id: OrganisationId
    way: BenefitWay
    since_on: date
    terms: str


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
