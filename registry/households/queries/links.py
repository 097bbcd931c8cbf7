"""Which benefit links an actor sees, and which of them hold on a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.households.models.households import Household, HouseholdId
from registry.households.models.links import BenefitLink, BenefitLinkId, BenefitWay
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible as visible_organisations


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
    link = db.session.execute(
        select(BenefitLink)
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .where(BenefitLink.id == benefit_link_id, visible_organisations(actor))
        .with_for_update(of=BenefitLink)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if link is None:
        raise NotFound
    return link


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


def link_in_force(on: date) -> ColumnElement[bool]:
    """Say, of `BenefitLink`, that it holds on a day."""
    return and_(
        BenefitLink.since_on <= on, or_(BenefitLink.until_on.is_(None), BenefitLink.until_on > on)
    )
