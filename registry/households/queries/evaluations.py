"""What an organisation's links gave to households in a year, beside what they promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from kernel.actor import Actor
from kernel.money import Fen
from kernel.paging import Page, page
from registry.households.models.links import BenefitLink, BenefitLinkResult
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible as visible_organisations


@dataclass(frozen=True)
class Evaluation:
    """One organisation's year: linked households, what was promised, what is proved.

    `proved_households` are those with a result of the year; `unproved_links` are links of the
    year without one.
    """

    organisation_id: OrganisationId
    year: int
    links: int
    households: int
    promised_fen: Fen
    benefit_fen: Fen
    proved_households: int
    unproved_links: int


def list_evaluations(
    actor: Actor,
    *,
    year: int,
    organisation_id: OrganisationId | None,
    limit: int,
    cursor: str | None,
) -> Page[Evaluation]:
    """List the year of each organisation in the actor's sight that had links in it, by key."""
    last = (
        select(BenefitLinkResult.benefit_link_id, BenefitLinkResult.benefit_fen)
        .ext(distinct_on(BenefitLinkResult.benefit_link_id))
        .where(BenefitLinkResult.year == year)
        .order_by(BenefitLinkResult.benefit_link_id, BenefitLinkResult.position.desc())
        .subquery()
    )
    held = and_(
        BenefitLink.since_on <= date(year, 12, 31),
        or_(BenefitLink.until_on.is_(None), BenefitLink.until_on > date(year, 1, 1)),
    )
    proved = last.c.benefit_link_id.is_not(None)
    statement = (
        select(
            func.count(BenefitLink.id),
            func.count(BenefitLink.household_id.distinct()),
            func.coalesce(func.sum(BenefitLink.promised_fen), 0),
            func.coalesce(func.sum(last.c.benefit_fen), 0),
            func.count(BenefitLink.household_id.distinct()).filter(proved),
            func.count(BenefitLink.id).filter(~proved),
        )
        .join(Organisation, Organisation.id == BenefitLink.organisation_id)
        .outerjoin(last, last.c.benefit_link_id == BenefitLink.id)
        .where(held, visible_organisations(actor))
        .group_by(Organisation.id)
    )
    if organisation_id is not None:
        statement = statement.where(Organisation.id == organisation_id)
    found = page(
        statement.add_columns(Organisation.id),
        keys=[(Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"year": year, "organisation": organisation_id},
    )
    return Page(
        [
            Evaluation(
                organisation_id=row[6],
                year=year,
                links=row[0],
                households=row[1],
                promised_fen=Fen(int(row[2])),
                benefit_fen=Fen(int(row[3])),
                proved_households=row[4],
                unproved_links=row[5],
            )
            for row in found.items
        ],
        found.next_cursor,
    )
