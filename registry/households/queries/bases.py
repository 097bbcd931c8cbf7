"""Which bases the cities have, and which cities lack one on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from registry.households.models.bases import AssistanceBase, AssistanceBaseId
from registry.regions.models import Region, RegionLevel
from registry.regions.queries import region_in_force


@dataclass(frozen=True)
class CityBases:
    """A city and how many bases it has on a day."""

    city_code: str
    name: str
    bases: int


def list_bases(
    actor: Actor, *, region_prefix: str, limit: int, cursor: str | None
) -> Page[AssistanceBase]:
    """List the bases of a region, closed ones too, by city; they are public."""
    del actor
    return page(
        select(AssistanceBase).where(AssistanceBase.city_code.startswith(region_prefix)),
        keys=[(AssistanceBase.city_code, False), (AssistanceBase.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"region": region_prefix},
    )


def lock_base(actor: Actor, base_id: AssistanceBaseId) -> AssistanceBase:
    """Give a base, locked, or NotFound; all are public."""
    del actor
    return locked(select(AssistanceBase).where(AssistanceBase.id == base_id))


def list_city_bases(actor: Actor, *, province_prefix: str, on: date) -> Sequence[CityBases]:
    """Count the bases of every city of a province on a day, cities without one too, by code."""
    del actor
    held = and_(
        AssistanceBase.city_code == Region.code,
        AssistanceBase.since_on <= on,
        or_(AssistanceBase.until_on.is_(None), AssistanceBase.until_on > on),
    )
    rows = db.session.execute(
        select(Region.code, Region.name, func.count(AssistanceBase.id))
        .outerjoin(AssistanceBase, held)
        .where(
            Region.level == RegionLevel.CITY,
            Region.code.startswith(province_prefix),
            region_in_force(on),
        )
        .group_by(Region.code, Region.name)
        .order_by(Region.code)
    )
    return [CityBases(*row) for row in rows]
