"""Registering what stands along the way of goods, and ending it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed, check_version
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.catalogue.models.listings import StorageBand
from marketplace.catalogue.rules.terms import check_degrees
from marketplace.deliveries.models.places import (
    ColdChainFacility,
    DeliveryRoute,
    KeptPlace,
    PickUpPoint,
    RouteId,
    RouteStop,
)
from marketplace.deliveries.queries import places as queries
from marketplace.deliveries.queries.places import KeptView
from marketplace.deliveries.rules import places as rules
from marketplace.deliveries.rules.places import Stop
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId
from registry.organisations.queries import find_live_organisation
from registry.regions.models import RegionLevel
from registry.regions.queries import get_live_region
from registry.regions.rules import NATION


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """What every place says: who runs it (without one, the own organisation), where, and when."""

    name: str
    region_code: str
    since_on: date
    until_on: date | None = None
    operator_id: OrganisationId | None = None


@dataclass(frozen=True, kw_only=True)
class NewPoint(NewPlace):
    """A pick-up point of a township."""

    address: str


@dataclass(frozen=True, kw_only=True)
class NewRoute(NewPlace):
    """A way from `region_code` past its stops, at so many fen a kilogram."""

    per_kg_fen: Fen
    stops: Sequence[Stop]


@dataclass(frozen=True, kw_only=True)
class NewFacility(NewPlace):
    """A cold store, and between which degrees it keeps how many tonnes."""

    address: str
    tonnes: Decimal
    storage_band: StorageBand
    min_c: int
    max_c: int


def open_point(new: NewPoint, *, by: Actor, now: datetime) -> KeptView:
    """Register a pick-up point in a township of the own county.

    Refuses RegionUnknown, RegionUnfit, NotAllowed, OperatorUnknown, Invalid, PlaceKnown,
    IdentityInText.
    """
    rules.check_level(new.region_code, levels=[RegionLevel.TOWN])
    rules.check_home(new.region_code, by=by)
    check_clear_of_identity(new.address, pointer="/address")
    point = PickUpPoint(address=new.address)
    return _open(point, new, by=by, now=now)


def publish_route(new: NewRoute, *, by: Actor, now: datetime) -> KeptView:
    """Publish a route that begins in the own county, with what it costs.

    Refuses what `open_point` does.
    """
    rules.check_level(new.region_code, levels=rules.WITHIN_COUNTY)
    rules.check_home(new.region_code, by=by)
    rules.check_stops(new.stops)
    route = DeliveryRoute(id=RouteId(new_id()), per_kg_fen=new.per_kg_fen)
    stops = _stops(new, route)
    view = _open(route, new, by=by, now=now)
    db.session.add_all(stops)
    db.session.flush()
    return KeptView(view.row, view.operator, view.region, stops)


def open_facility(new: NewFacility, *, by: Actor, now: datetime) -> KeptView:
    """Register a cold store: the own, or as an office one of an organisation of the county.

    Refuses what `open_point` does.
    """
    rules.check_store(new.region_code, by=by)
    check_degrees(new.min_c, new.max_c, pointer="/max_c")
    check_clear_of_identity(new.address, pointer="/address")
    facility = ColdChainFacility(
        address=new.address,
        tonnes=new.tonnes,
        storage_band=new.storage_band,
        min_c=new.min_c,
        max_c=new.max_c,
    )
    return _open(facility, new, by=by, now=now)


def end_place(
    kind: type[KeptPlace],
    key: UUID,
    *,
    until_on: date,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> KeptView:
    """End a place that the own organisation runs, or that lies in the own office's region.

    Refuses NotFound, VersionStale, PlaceEnded, Invalid.
    """
    place = queries.lock_kept(by, kind, key)
    check_version(place.version, expected_version)
    rules.check_ending(place, until_on=until_on, today=shanghai_day(now))
    place.until_on = until_on
    return _written(place, "place_ended", by=by, now=now)


def _open(place: KeptPlace, new: NewPlace, *, by: Actor, now: datetime) -> KeptView:
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(new.name, pointer="/name")
    rules.check_period(new.since_on, new.until_on)
    get_live_region(SYSTEM, new.region_code, on=shanghai_day(now), pointer="/region_code")
    operator_id = new.operator_id or OrganisationId(by.organisation_id)
    rules.check_operator(find_live_organisation(SYSTEM, operator_id), by=by)
    place.id = place.id or new_id()
    place.operator_id, place.region_code, place.name = operator_id, new.region_code, new.name
    place.since_on, place.until_on, place.created_at = new.since_on, new.until_on, now
    db.session.add(place)
    return _written(place, "place_opened", by=by, now=now)


def _stops(new: NewRoute, route: DeliveryRoute) -> list[RouteStop]:
    """Make the stops of a route, unsaved (RegionUnknown, Invalid)."""
    points = queries.list_points_of(
        SYSTEM, [stop.point_id for stop in new.stops if stop.point_id is not None]
    )
    made = []
    for position, stop in enumerate(new.stops):
        if stop.point_id is not None:
            point = rules.check_point_open(
                points.get(stop.point_id), on=new.since_on, position=position
            )
            code = point.region_code
        else:
            code = stop.region_code or NATION
            get_live_region(SYSTEM, code, on=new.since_on, pointer=f"/stops/{position}/region_code")
        made.append(
            RouteStop(
                id=new_id(),
                route_id=route.id,
                position=position + 1,
                region_code=code,
                point_id=stop.point_id,
            )
        )
    return made


def _written(place: KeptPlace, action: str, *, by: Actor, now: datetime) -> KeptView:
    db.session.flush()
    after = {
        "name": place.name,
        "region_code": place.region_code,
        "operator_id": str(place.operator_id),
        "since_on": place.since_on,
        "until_on": place.until_on,
    }
    subject = (place.__tablename__, place.id)
    audit.write(action, subject=subject, by=by, now=now, after=after)
    return queries.get_kept_view(by, place)
