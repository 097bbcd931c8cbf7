"""Who leads the villages; masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, select, true

from kernel.actor import Actor, Sight
from kernel.masks import mask_name
from kernel.paging import Page, page
from kernel.rows import locked
from registry.households.models.households import LeaderId, VillageLeader
from registry.households.queries.households import inside


@dataclass(frozen=True)
class LeaderView:
    """Somebody who leads a village, masked."""

    id: LeaderId
    village_code: str
    name: str
    trade: str
    since_on: date
    until_on: date | None
    version: int


def list_leaders(
    actor: Actor, *, region_prefix: str, limit: int, cursor: str | None
) -> Page[LeaderView]:
    """List the leaders of the villages in the actor's region, by village, masked."""
    found = page(
        select(VillageLeader).where(
            inside(VillageLeader.village_code, region_prefix), _in_region(actor)
        ),
        keys=[(VillageLeader.village_code, False), (VillageLeader.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"region": region_prefix},
    )
    return Page([view_of(one) for one in found.items], found.next_cursor)


def view_of(one: VillageLeader) -> LeaderView:
    """Mask a leader: the surname stays."""
    return LeaderView(
        id=one.id,
        village_code=one.village_code,
        name=mask_name(one.name),
        trade=one.trade,
        since_on=one.since_on,
        until_on=one.until_on,
        version=one.version,
    )


def lock_leader(actor: Actor, leader_id: LeaderId) -> VillageLeader:
    """Give a leader of a village in the actor's region, locked, or NotFound."""
    return locked(select(VillageLeader).where(VillageLeader.id == leader_id, _in_region(actor)))


def _in_region(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return inside(VillageLeader.village_code, actor.region_prefix)
    return false()
