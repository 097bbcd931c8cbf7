"""Which pick-up points, routes and cold stores there are; all of it is public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.money import Fen, line_amount
from kernel.paging import Page, Sort, page
from kernel.rows import locked, one
from marketplace.catalogue.models.listings import StorageBand
from marketplace.deliveries.models.places import (
    ColdChainFacility,
    DeliveryRoute,
    FacilityId,
    KeptPlace,
    PickUpPoint,
    PointId,
    RouteId,
    RouteStop,
)
from registry.organisations.models import Organisation
from registry.regions.models import Region
from registry.regions.rules import NATION, ancestor_codes, subtree_prefix

K = TypeVar("K", bound=KeptPlace)


@dataclass(frozen=True)
class KeptView:
    """A place with what its operator and its region are called.

    Of a route also its stops, and how many kilograms were asked about.
    """

    row: Any
    operator: str
    region: str
    stops: Sequence[RouteStop] = ()
    weight_kg: Decimal | None = None

    @property
    def cost_fen(self) -> Fen | None:
        """Give what the weight costs by the route (fen); half a fen goes up, once."""
        return None if self.weight_kg is None else line_amount(self.weight_kg, self.row.per_kg_fen)


def list_points(
    actor: Actor, *, region: str, on: date, limit: int, cursor: str | None
) -> Page[KeptView]:
    """List the pick-up points of a region that are open on a day, by place."""
    del actor  # points are public
    return _of_region(PickUpPoint, region, on=on, limit=limit, cursor=cursor)


def list_facilities(
    actor: Actor,
    *,
    region: str,
    storage_band: StorageBand | None,
    on: date,
    limit: int,
    cursor: str | None,
) -> Page[KeptView]:
    """List the cold stores of a region that are in use on a day, by place."""
    del actor  # cold stores are public
    band = {} if storage_band is None else {"storage_band": storage_band}
    return _of_region(ColdChainFacility, region, on=on, limit=limit, cursor=cursor, **band)


def list_routes(
    actor: Actor,
    *,
    region: str | None,
    point_id: PointId | None,
    weight_kg: Decimal | None,
    on: date,
    limit: int,
    cursor: str | None,
) -> Page[KeptView]:
    """List the routes in force on a day, the cheapest first: all, or those that come to a place.

    A route comes to a region when a stop of it lies in the region or around it; to a point when
    it stops there, or serves a region around it (NotFound of a point that is none).
    """
    found = _views(
        DeliveryRoute,
        _comes_to(region, point_id),
        keys=[(DeliveryRoute.per_kg_fen, False), (DeliveryRoute.id, False)],
        on=on,
        limit=limit,
        cursor=cursor,
        asked={"region": region, "point": point_id},
    )
    stops = list_stops(actor, [view.row.id for view in found.items])
    views = [
        replace(view, stops=stops.get(view.row.id, ()), weight_kg=weight_kg) for view in found.items
    ]
    return Page(views, found.next_cursor)


def list_stops(actor: Actor, route_ids: Collection[RouteId]) -> Mapping[UUID, list[RouteStop]]:
    """List where routes come to, each in its order."""
    del actor  # routes are public
    found: defaultdict[UUID, list[RouteStop]] = defaultdict(list)
    statement = select(RouteStop).where(RouteStop.route_id.in_(route_ids))
    for stop in db.session.scalars(statement.order_by(RouteStop.route_id, RouteStop.position)):
        found[stop.route_id].append(stop)
    return found


def list_points_of(actor: Actor, keys: Collection[PointId]) -> dict[PointId, PickUpPoint]:
    """Give those of the points that there are."""
    del actor  # points are public
    found = db.session.scalars(select(PickUpPoint).where(PickUpPoint.id.in_(keys)))
    return {point.id: point for point in found}


def find_facility(actor: Actor, facility_id: FacilityId) -> ColdChainFacility | None:
    """Find a cold store."""
    del actor  # cold stores are public
    return db.session.get(ColdChainFacility, facility_id)


def get_kept_view(actor: Actor, place: KeptPlace) -> KeptView:
    """Get a place as it is shown."""
    kind = type(place)
    row, operator, region = db.session.execute(_named(kind).where(kind.id == place.id)).one()
    return KeptView(row, operator, region, list_stops(actor, [place.id]).get(place.id, ()))


def lock_kept(actor: Actor, kind: type[K], key: UUID) -> K:
    """Lock a place of the actor's organisation, or of the region of an office (NotFound)."""
    own = kind.operator_id == actor.organisation_id
    reach = kind.region_code.startswith(actor.region_prefix)
    theirs = or_(own, reach) if actor.sight is Sight.REGION else own
    return locked(select(kind).where(kind.id == key, theirs))


def _of_region(
    kind: type[KeptPlace], region: str, *, on: date, limit: int, cursor: str | None, **asked: Any
) -> Page[KeptView]:
    inside = kind.region_code.startswith(subtree_prefix(region))
    return _views(
        kind,
        [inside, *(getattr(kind, name) == value for name, value in asked.items())],
        keys=[(kind.region_code, False), (kind.id, False)],
        on=on,
        limit=limit,
        cursor=cursor,
        asked={"region": region, **asked},
    )


def _views(
    kind: type[KeptPlace],
    conditions: Sequence[ColumnElement[bool]],
    *,
    keys: Sequence[Sort],
    on: date,
    limit: int,
    cursor: str | None,
    asked: Mapping[str, Any],
) -> Page[KeptView]:
    lasts = or_(kind.until_on.is_(None), kind.until_on > on)
    found = page(
        _named(kind).where(kind.since_on <= on, lasts, *conditions),
        keys=keys,
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={**asked, "on": on},
    )
    return Page([KeptView(*row) for row in found.items], found.next_cursor)


def _named(kind: type[KeptPlace]) -> Select[Any, str, str]:
    return (
        select(kind, Organisation.name, Region.name)
        .join(Organisation, Organisation.id == kind.operator_id)
        .join(Region, Region.code == kind.region_code)
    )


def _comes_to(region: str | None, point_id: PointId | None) -> list[ColumnElement[bool]]:
    stops = []
    if region is not None:
        inside = RouteStop.region_code.startswith(subtree_prefix(region))
        stops.append(or_(inside, RouteStop.region_code.in_(_around(region))))
    if point_id is not None:
        point = one(select(PickUpPoint).where(PickUpPoint.id == point_id))
        around = RouteStop.region_code.in_(_around(point.region_code))
        stops.append(
            or_(RouteStop.point_id == point_id, and_(RouteStop.point_id.is_(None), around))
        )
    return [DeliveryRoute.id.in_(select(RouteStop.route_id).where(each)) for each in stops]


def _around(region: str) -> list[str]:
    """Give the codes of a region and of all that it lies in."""
    return [*ancestor_codes(region), NATION]
