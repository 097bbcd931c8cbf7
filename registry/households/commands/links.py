"""Link households to organisations with their consent, prove what came of it, end the links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import list_documents
from registry.documents.rules import check_clear_of_identity
from registry.errors.households import ConsentWithdrawn
from registry.households.models.households import HouseholdId
from registry.households.models.links import (
    BenefitLink,
    BenefitLinkDocument,
    BenefitLinkId,
    BenefitLinkResult,
    BenefitWay,
    ConsentId,
    HouseholdConsent,
)
from registry.households.queries import links as queries
from registry.households.queries.households import lock_household, lock_household_to_link
from registry.households.rules import links as rules
from registry.households.rules.households import check_helped
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.rules import check_reach


@dataclass(frozen=True)
class NewBenefitLink:
    """How an organisation is going to help a household; terms in words, and in figures."""

    household_id: HouseholdId
    organisation_id: OrganisationId
    way: BenefitWay
    since_on: date
    terms: str
    product: str | None = None
    yearly_quantity: Decimal | None = None
    unit: Unit | None = None
    price_fen: Fen | None = None
    promised_fen: Fen | None = None
    document_ids: Sequence[DocumentId] = ()


@dataclass(frozen=True)
class NewResult:
    """What a household had of a link in a year, and the paper that proves it."""

    year: int
    benefit_fen: Fen
    document_id: DocumentId | None = None


def link_household(new: NewBenefitLink, *, by: Actor, now: datetime) -> BenefitLink:
    """Link a household to an organisation in the actor's sight.

    The household is in sight, of the own county, or its village recorded its consent. Refuses
    NotFound (organisation, household or paper), LinkPartyUnfit, HouseholdNotListed,
    TermsIncomplete, BenefitLinkInForce, IdentityInText.
    """
    organisation = get_organisation(by, new.organisation_id)
    rules.check_link_party(organisation)
    check_clear_of_identity(new.terms, pointer="/terms")
    check_clear_of_identity(new.product, pointer="/product")
    rules.check_terms(
        product=new.product,
        has_quantity=new.yearly_quantity is not None,
        has_unit=new.unit is not None,
    )
    household = lock_household_to_link(by, new.household_id, organisation_id=organisation.id)
    check_helped(household)
    earlier = queries.list_like_links(
        by, household_id=household.id, organisation_id=organisation.id, way=new.way
    )
    rules.check_no_overlap(earlier, since_on=new.since_on)
    consent = queries.find_consent(by, household_id=household.id, organisation_id=organisation.id)
    link = BenefitLink(
        id=BenefitLinkId(new_id()),
        household_id=household.id,
        organisation_id=organisation.id,
        way=new.way,
        since_on=new.since_on,
        terms=new.terms,
        product=new.product,
        yearly_quantity=new.yearly_quantity,
        unit=new.unit,
        price_fen=new.price_fen,
        promised_fen=new.promised_fen,
        consent_id=None if consent is None else consent.id,
        created_at=now,
    )
    db.session.add(link)
    db.session.flush()
    _keep_papers(link, new.document_ids, by=by)
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
    link = queries.lock_benefit_link(by, benefit_link_id)
    rules.check_end(link, until_on=until_on)
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


def record_result(
    benefit_link_id: BenefitLinkId, new: NewResult, *, by: Actor, now: datetime
) -> BenefitLinkResult:
    """Record what a household had of a link in a year; a later row of the year replaces it.

    Refuses NotFound, DocumentUnknown, ResultOutsideLink.
    """
    link = queries.lock_benefit_link(by, benefit_link_id)
    rules.check_result_year(link, year=new.year)
    if new.document_id is not None:
        list_documents(by, [new.document_id])
    result = BenefitLinkResult(
        id=new_id(),
        benefit_link_id=link.id,
        year=new.year,
        benefit_fen=new.benefit_fen,
        document_id=new.document_id,
        recorded_by_id=UserId(by.user_id),
        recorded_at=now,
    )
    db.session.add(result)
    db.session.flush()
    audit.write(
        "record_benefit_result",
        subject=("benefit_link", link.id),
        by=by,
        now=now,
        after={"year": new.year, "benefit_fen": new.benefit_fen},
    )
    return result


def record_consent(
    household_id: HouseholdId, *, organisation_id: OrganisationId, by: Actor, now: datetime
) -> HouseholdConsent:
    """Record that a household of the actor's village lets an organisation link it.

    Refuses NotFound, NotAllowed (another region), LinkPartyUnfit, ConsentInForce. The
    organisation may be of any place: its key is known from its own papers.
    """
    household = lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    organisation = get_organisation(SYSTEM, organisation_id)
    rules.check_link_party(organisation)
    consent = HouseholdConsent(
        id=ConsentId(new_id()),
        household_id=household.id,
        organisation_id=organisation.id,
        since_on=shanghai_day(now),
        recorded_by_id=UserId(by.user_id),
        recorded_at=now,
    )
    db.session.add(consent)
    db.session.flush()
    audit.write("record_consent", subject=("household", household.id), by=by, now=now)
    return consent


def withdraw_consent(consent_id: ConsentId, *, by: Actor, now: datetime) -> HouseholdConsent:
    """Record that a household takes its consent back; links that stand go on to their end.

    Refuses NotFound, ConsentWithdrawn.
    """
    consent = queries.lock_consent(by, consent_id)
    if consent.until_on is not None:
        raise ConsentWithdrawn(until_on=consent.until_on)
    consent.until_on = shanghai_day(now)
    db.session.flush()
    audit.write("withdraw_consent", subject=("household", consent.household_id), by=by, now=now)
    return consent


def _keep_papers(link: BenefitLink, document_ids: Sequence[DocumentId], *, by: Actor) -> None:
    wanted = list(dict.fromkeys(document_ids))
    list_documents(by, wanted)
    if wanted:
        db.session.execute(
            insert(BenefitLinkDocument),
            [
                {"benefit_link_id": link.id, "document_id": one, "position": place}
                for place, one in enumerate(wanted)
            ],
        )
