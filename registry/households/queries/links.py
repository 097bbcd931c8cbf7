"""Which benefit links an actor sees, which hold on a day, and where help is counted twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    any_,
    exists,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked
from registry.documents.models import DocumentId
from registry.households.models.households import Household, HouseholdId
from registry.households.models.links import (
    BenefitLink,
    BenefitLinkDocument,
    BenefitLinkId,
    BenefitWay,
    ConsentId,
    DoubleLink,
    HouseholdConsent,
)
from registry.households.queries.households import inside, visible
from registry.organisations.models import SELLERS, Organisation, OrganisationId
from registry.organisations.queries import visible as visible_organisations


@dataclass(frozen=True)
class DoubleCount:
    """One household that two organisations count in one way over the same days.

    `same_quantity` says that even product, quantity and unit are the same.
    """

    household_code: str
    way: BenefitWay
    benefit_link_id: BenefitLinkId
    organisation_id: OrganisationId
    other_benefit_link_id: BenefitLinkId
    other_organisation_id: OrganisationId
    same_quantity: bool


def list_linked_households(
    actor: Actor,
    *,
    organisation_id: OrganisationId,
    household_ids: Collection[HouseholdId],
    on: date,
) -> list[Household]:
    """List those of the households that have a link in force with the organisation on a day.

    Empty for an organisation out of the actor's sight; by code.
    """
    return list(
        db.session.execute(
            select(Household)
            .where(
                Household.id.in_(household_ids),
                exists(
                    select(BenefitLink.id)
                    .join(Organisation, Organisation.id == BenefitLink.organisation_id)
                    .where(
                        BenefitLink.household_id == Household.id,
                        BenefitLink.organisation_id == organisation_id,
                        link_in_force(on),
                        visible_organisations(actor),
                    )
                ),
            )
            .order_by(Household.code)
        ).scalars()
    )


def list_linked_codes(
    actor: Actor, codes: Collection[str], *, organisation_ids: Collection[OrganisationId], on: date
) -> set[str]:
    """Say which of these codes are of a household, or of a village with one, that is linked.

    To one of the organisations, on the day; beyond the actor's sight, who learns no more.
    """
    del actor
    linked = (
        select(BenefitLink.household_id)
        .where(BenefitLink.organisation_id.in_(organisation_ids), link_in_force(on))
        .scalar_subquery()
    )
    found = (
        select(column.label("code")).where(column.in_(codes), Household.id.in_(linked))
        for column in (Household.code, Household.village_code)
    )
    return set(db.session.scalars(union(*found)))


def list_benefit_links(
    actor: Actor, benefit_link_ids: Sequence[BenefitLinkId]
) -> list[BenefitLink]:
    """Give those of the links that are in the actor's sight, in the order they are named."""
    rows = db.session.execute(
        select(BenefitLink)
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .where(BenefitLink.id.in_(benefit_link_ids), visible_organisations(actor))
    ).scalars()
    found = {link.id: link for link in rows}
    return [found[link_id] for link_id in benefit_link_ids if link_id in found]


def list_links_in_sight(
    actor: Actor,
    *,
    household_id: HouseholdId | None,
    organisation_id: OrganisationId | None,
    limit: int,
    cursor: str | None,
) -> Page[BenefitLink]:
    """List the benefit links of organisations in the actor's sight, the newest first."""
    statement = (
        select(BenefitLink)
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .where(visible_organisations(actor))
    )
    if household_id is not None:
        statement = statement.where(BenefitLink.household_id == household_id)
    if organisation_id is not None:
        statement = statement.where(BenefitLink.organisation_id == organisation_id)
    return page(
        statement,
        keys=[(BenefitLink.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"household": household_id, "organisation": organisation_id},
    )


def lock_benefit_link(actor: Actor, benefit_link_id: BenefitLinkId) -> BenefitLink:
    """Give a benefit link in the actor's sight, locked, or NotFound."""
    return locked(
        select(BenefitLink)
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .where(BenefitLink.id == benefit_link_id, visible_organisations(actor)),
        of=BenefitLink,
    )


def list_like_links(
    actor: Actor, *, household_id: HouseholdId, organisation_id: OrganisationId, way: BenefitWay
) -> list[BenefitLink]:
    """List the links of one household, organisation and way, ended ones too."""
    del actor
    return list(
        db.session.execute(
            select(BenefitLink).where(
                BenefitLink.household_id == household_id,
                BenefitLink.organisation_id == organisation_id,
                BenefitLink.way == way,
            )
        ).scalars()
    )


def get_link_document_ids(actor: Actor, benefit_link_id: BenefitLinkId) -> list[DocumentId]:
    """Give the papers of a link in the actor's sight, in their order, or NotFound."""
    if not list_benefit_links(actor, [benefit_link_id]):
        raise NotFound
    return list(
        db.session.execute(
            select(BenefitLinkDocument.document_id)
            .where(BenefitLinkDocument.benefit_link_id == benefit_link_id)
            .order_by(BenefitLinkDocument.position)
        ).scalars()
    )


def list_double_counts(
    actor: Actor,
    *,
    organisation_id: OrganisationId | None,
    region_prefix: str,
    on: date,
    limit: int,
    cursor: str | None,
) -> Page[DoubleCount]:
    """List the households that two organisations count in one way on a day, each pair once.

    With `organisation_id` the pairs of that one. The households are those in the actor's
    sight, by village and code; both organisations are named by their keys only.
    """
    statement = select(
        DoubleLink.benefit_link_id, DoubleLink.other_benefit_link_id, DoubleLink.household_code
    ).where(
        _in_sight(actor),
        inside(DoubleLink.village_code, region_prefix),
        DoubleLink.since_on <= on,
        or_(DoubleLink.until_on.is_(None), DoubleLink.until_on > on),
    )
    if organisation_id is not None:
        pair = (DoubleLink.organisation_id, DoubleLink.other_organisation_id)
        of_it = select(BenefitLink.household_id).where(
            BenefitLink.organisation_id == organisation_id
        )
        statement = statement.where(_among(of_it), or_(*(one == organisation_id for one in pair)))
    found = page(
        statement,
        keys=[
            (DoubleLink.village_code, False),
            (DoubleLink.household_code, False),
            (DoubleLink.benefit_link_id, False),
            (DoubleLink.other_benefit_link_id, False),
        ],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"organisation": organisation_id, "region": region_prefix, "on": on},
    )
    keys = {key for *pair, _ in found.items for key in pair}
    rows = db.session.scalars(select(BenefitLink).where(BenefitLink.id.in_(keys)))
    links = {link.id: link for link in rows}
    doubles = [_double(links[one], links[other], code) for one, other, code in found.items]
    return Page(doubles, found.next_cursor)


def _in_sight(actor: Actor) -> ColumnElement[bool]:
    """Say, of `DoubleLink`, that the actor sees its household."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION and actor.organisation_kind not in SELLERS:
        return inside(DoubleLink.village_code, actor.region_prefix)
    return _among(select(Household.id).where(visible(actor)))


def _among(household_ids: Select[HouseholdId]) -> ColumnElement[bool]:
    """Say, of `DoubleLink`, that its household is one of these, which are read once."""
    found = func.array(household_ids.scalar_subquery(), type_=ARRAY(Uuid))
    return DoubleLink.household_id == any_(found)


def _double(one: BenefitLink, other: BenefitLink, code: str) -> DoubleCount:
    figures = [(link.product, link.yearly_quantity, link.unit) for link in (one, other)]
    return DoubleCount(
        household_code=code,
        way=one.way,
        benefit_link_id=one.id,
        organisation_id=one.organisation_id,
        other_benefit_link_id=other.id,
        other_organisation_id=other.organisation_id,
        same_quantity=figures[0] == figures[1] and one.yearly_quantity is not None,
    )


def lock_consent(actor: Actor, consent_id: ConsentId) -> HouseholdConsent:
    """Give the consent of a household in the actor's sight, locked, or NotFound."""
    return locked(
        select(HouseholdConsent)
        .join(Household, Household.id == HouseholdConsent.household_id)
        .where(HouseholdConsent.id == consent_id, visible(actor)),
        of=HouseholdConsent,
    )


def find_consent(
    actor: Actor, *, household_id: HouseholdId, organisation_id: OrganisationId
) -> HouseholdConsent | None:
    """Find the consent in force of a household to an organisation, for whoever links the two."""
    del actor
    return db.session.execute(
        select(HouseholdConsent).where(
            HouseholdConsent.household_id == household_id,
            HouseholdConsent.organisation_id == organisation_id,
            HouseholdConsent.until_on.is_(None),
        )
    ).scalar_one_or_none()


def link_in_force(on: date) -> ColumnElement[bool]:
    """Say, of `BenefitLink`, that it holds on a day."""
    return and_(
        BenefitLink.since_on <= on, or_(BenefitLink.until_on.is_(None), BenefitLink.until_on > on)
    )
