"""What an organisation's links gave to households in a year, beside what they promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true

from kernel.actor import Actor
from kernel.database import db
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
    held = and_(
        BenefitLink.organisation_id == Organisation.id,
        BenefitLink.since_on <= date(year, 12, 31),
        or_(BenefitLink.until_on.is_(None), BenefitLink.until_on > date(year, 1, 1)),
    )
    statement = select(Organisation.id).where(
        visible_organisations(actor), exists(select(BenefitLink.id).where(held))
    )
    if organisation_id is not None:
        statement = statement.where(Organisation.id == organisation_id)
    found = page(
        statement,
        keys=[(Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"year": year, "organisation": organisation_id},
    )
    return Page(_evaluate(found.items, held, year=year), found.next_cursor)


def _evaluate(
    organisation_ids: Sequence[OrganisationId], held: ColumnElement[bool], *, year: int
) -> list[Evaluation]:
    """Sum up the links of organisations that were held in a year, by organisation."""
    last = (
        select(BenefitLinkResult.benefit_fen)
        .where(BenefitLinkResult.benefit_link_id == BenefitLink.id, BenefitLinkResult.year == year)
        .order_by(BenefitLinkResult.position.desc())
        .limit(1)
        .lateral("last")
    )
    proved = last.c.benefit_fen.is_not(None)
    rows = db.session.execute(
        select(
            Organisation.id,
            func.count(BenefitLink.id),
            func.count(BenefitLink.household_id.distinct()),
            func.coalesce(func.sum(BenefitLink.promised_fen), 0),
            func.coalesce(func.sum(last.c.benefit_fen), 0),
            func.count(BenefitLink.household_id.distinct()).filter(proved),
            func.count(BenefitLink.id).filter(~proved),
        )
        .join(BenefitLink, held)
        .outerjoin(last, true())
        .where(Organisation.id.in_(organisation_ids))
        .group_by(Organisation.id)
        .order_by(Organisation.id)
    )
    return [
        Evaluation(
            organisation_id=row[0],
            year=year,
            links=row[1],
            households=row[2],
            promised_fen=Fen(int(row[3])),
            benefit_fen=Fen(int(row[4])),
            proved_households=row[5],
            unproved_links=row[6],
        )
        for row in rows
    ]
