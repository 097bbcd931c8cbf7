"""Which places wait to be looked through, who watches over them, and what was said before."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from procurement.supervision.models.matters import Cause, Matter
from procurement.supervision.models.reviews import YearReview
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.regions.rules import NATION, ancestor_codes


def list_unreviewed(actor: Actor, *, year: int) -> Sequence[str]:
    """Give the places of live budget units that were not looked through for a year."""
    del actor
    reviewed = select(YearReview.region_code).where(YearReview.year == year)
    statement = select(Organisation.region_code).where(
        Organisation.kind == OrganisationKind.BUDGET_UNIT,
        Organisation.ended_on.is_(None),
        Organisation.region_code.not_in(reviewed),
    )
    return db.session.scalars(statement.distinct().order_by(Organisation.region_code)).all()


def list_bureaus_around(actor: Actor, region_code: str) -> Sequence[Organisation]:
    """Give the live finance bureaus of a place and of the places around it."""
    del actor
    statement = select(Organisation).where(
        Organisation.kind == OrganisationKind.FINANCE_BUREAU,
        Organisation.ended_on.is_(None),
        Organisation.region_code.in_([*ancestor_codes(region_code), NATION]),
    )
    return db.session.scalars(statement).all()


def list_unspoken(
    actor: Actor, unit_ids: Collection[OrganisationId], *, year: int, cause: Cause
) -> Sequence[Organisation]:
    """Give those of the units that live and that no matter of a cause was ever about in a year."""
    del actor
    spoken = select(Matter.unit_id).where(Matter.year == year, Matter.cause == cause)
    statement = select(Organisation).where(
        Organisation.id.in_(unit_ids),
        Organisation.ended_on.is_(None),
        Organisation.id.not_in(spoken),
    )
    return db.session.scalars(statement.order_by(Organisation.id)).all()
