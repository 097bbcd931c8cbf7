"""Doors to pick-up points, delivery routes and cold stores; anybody may read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from marketplace.deliveries.commands import places as commands
from marketplace.deliveries.commands.places import NewFacility, NewPoint, NewRoute
from marketplace.deliveries.models.places import (
    ColdChainFacility,
    DeliveryRoute,
    KeptPlace,
    PickUpPoint,
)
from marketplace.deliveries.queries import places as queries
from marketplace.deliveries.queries.places import KeptView
from marketplace.deliveries.schemas.places import (
    FACILITIES,
    DeliveryRouteIn,
    DeliveryRouteOut,
    FacilitiesQuery,
    FacilityIn,
    FacilityOut,
    PickUpPointIn,
    PickUpPointOut,
    PlaceEndIn,
    PointsQuery,
    RoutesQuery,
)
from registry.accounts.models import Role

places = Blueprint("places", __name__, url_prefix="/api/v1")
KEEPS = frozenset({Role.COOP_CLERK, Role.COUNTY_REVIEWER})


@places.post("/pick-up-points")
@endpoint(places, allow=KEEPS, accepts=PickUpPointIn(), returns=PickUpPointOut(), status=201)
def open_point(body: NewPoint) -> KeptView:
    """Register a pick-up point in a township of the own county."""
    return commands.open_point(body, by=current_actor(), now=clock.now())


@places.get("/pick-up-points")
@endpoint(
    places,
    allow=PUBLIC,
    accepts=PointsQuery(),
    location="query",
    returns=page_schema(PickUpPointOut),
)
def list_points(query: dict[str, Any]) -> Page[KeptView]:
    """List the pick-up points of a region that are open on a day."""
    return queries.list_points(current_actor(), **_on(query))


@places.post("/pick-up-points/<uuid:point_id>/end")
@endpoint(places, allow=KEEPS, accepts=PlaceEndIn(), returns=PickUpPointOut(), etag=True)
def end_point(body: dict[str, Any], point_id: UUID) -> KeptView:
    """Close a pick-up point of the own organisation or office's county."""
    return _end(PickUpPoint, point_id, body)


@places.post("/delivery-routes")
@endpoint(places, allow=KEEPS, accepts=DeliveryRouteIn(), returns=DeliveryRouteOut(), status=201)
def publish_route(body: NewRoute) -> KeptView:
    """Publish a route from the own county, with what a kilogram costs by it."""
    return commands.publish_route(body, by=current_actor(), now=clock.now())


@places.get("/delivery-routes")
@endpoint(
    places,
    allow=PUBLIC,
    accepts=RoutesQuery(),
    location="query",
    returns=page_schema(DeliveryRouteOut),
)
def list_routes(query: dict[str, Any]) -> Page[KeptView]:
    """List the routes that come to a place on a day, the cheapest first, with a weight's cost."""
    return queries.list_routes(current_actor(), **_on(query))


@places.post("/delivery-routes/<uuid:route_id>/end")
@endpoint(places, allow=KEEPS, accepts=PlaceEndIn(), returns=DeliveryRouteOut(), etag=True)
def end_route(body: dict[str, Any], route_id: UUID) -> KeptView:
    """End a route of the own organisation or office's county; another price is another route."""
    return _end(DeliveryRoute, route_id, body)


@places.post("/cold-chain-facilities")
@endpoint(places, allow=KEEPS, accepts=FacilityIn(), returns=FacilityOut(), status=201)
def open_facility(body: NewFacility) -> KeptView:
    """Register a cold store: the own, or as an office one of the county."""
    return commands.open_facility(body, by=current_actor(), now=clock.now())


@places.get("/cold-chain-facilities")
@endpoint(
    places,
    allow=PUBLIC,
    accepts=FacilitiesQuery(),
    location="query",
    returns=page_schema(FacilityOut),
)
def list_facilities(query: dict[str, Any]) -> Page[KeptView]:
    """List the cold stores of a region that are in use on a day."""
    return queries.list_facilities(current_actor(), **_on(query))


export_door(places, "/cold-chain-facilities/export", of=list_facilities, sheet=FACILITIES)


@places.post("/cold-chain-facilities/<uuid:facility_id>/end")
@endpoint(places, allow=KEEPS, accepts=PlaceEndIn(), returns=FacilityOut(), etag=True)
def end_facility(body: dict[str, Any], facility_id: UUID) -> KeptView:
    """Take a cold store of the own organisation or office's county out of use."""
    return _end(ColdChainFacility, facility_id, body)


def _end(kind: type[KeptPlace], key: UUID, body: dict[str, Any]) -> KeptView:
    return commands.end_place(
        kind,
        key,
        until_on=body["until_on"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


def _on(query: dict[str, Any]) -> dict[str, Any]:
    """Ask about today where no day is named."""
    return {**query, "on": query["on"] or shanghai_day(clock.now())}
