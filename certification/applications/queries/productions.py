"""What holders say they produce, and how much of it is certified."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, true

from certification.applications.models import Production, ProductionHold, ProductionId
from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.quantity import Unit
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations


@dataclass(frozen=True)
class ProductionKey:
    """Whose production of what, where, in which year, in kg or in a counted unit."""

    holder_id: UUID
    category_code: str
    county_code: str
    year: int
    unit: Unit


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say which productions the actor sees: the own, or those of a region."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        if len(actor.region_prefix) > len("440203"):
            return Production.county_code == actor.region_prefix[:6]
        return Production.county_code.startswith(actor.region_prefix, autoescape=True)
    if actor.sight is Sight.ORGANISATION:
        holders = select(Organisation.id).where(visible_organisations(actor))
        return Production.holder_id.in_(holders)
    return false()


def find_production(actor: Actor, key: ProductionKey) -> Production | None:
    """Find a production in the actor's sight by what it is of."""
    query = select(Production).where(
        visible(actor),
        Production.holder_id == key.holder_id,
        Production.category_code == key.category_code,
        Production.county_code == key.county_code,
        Production.year == key.year,
        Production.unit == key.unit,
    )
    return db.session.scalar(query.execution_options(populate_existing=True))


def sum_certified(
    actor: Actor, production_id: ProductionId, source_ids: Collection[UUID]
) -> Decimal:
    """Sum what these applications and changes of scope took of a production for good."""
    del actor  # only decisions ask
    query = select(func.sum(ProductionHold.posted)).where(
        ProductionHold.counter_id == production_id, ProductionHold.source_id.in_(source_ids)
    )
    return db.session.scalar(query) or Decimal()


def lock_production(actor: Actor, production_id: ProductionId) -> Production:
    """Give a production in the actor's sight, locked, or NotFound."""
    query = select(Production).where(Production.id == production_id, visible(actor))
    production = db.session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if production is None:
        raise NotFound
    return production


def list_productions(
    actor: Actor, *, year: int | None, limit: int, cursor: str | None
) -> Page[Production]:
    """List the productions in the actor's sight, the newest first."""
    query = select(Production).where(visible(actor))
    if year is not None:
        query = query.where(Production.year == year)
    keys = [(Production.id, True)]
    return page(query, keys=keys, limit=limit, cursor=cursor, filters={"year": year})
