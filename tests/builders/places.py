"""What stands along the way of goods, and what is shown first, as tests need it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from kernel import clock
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.money import Fen
from marketplace.catalogue.commands.displays import NewSlot, ask_for_slot
from marketplace.catalogue.models.displays import DisplaySlot
from marketplace.catalogue.models.listings import Listing, ListingId, ListingStatus, StorageBand
from marketplace.deliveries.commands.places import (
    NewFacility,
    NewPoint,
    NewRoute,
    open_facility,
    open_point,
    publish_route,
)
from marketplace.deliveries.models.places import (
    ColdChainFacility,
    DeliveryRoute,
    PickUpPoint,
)
from marketplace.deliveries.rules.places import Stop
from registry.accounts.models import Role
from registry.organisations.models import Organisation
from registry.regions.models import Region
from tests.builders import registry
from tests.builders.marketplace import NOW, TODAY

SINCE = date(2026, 1, 1)
FRONT = "000000"


def point(by: Actor, **said: Any) -> PickUpPoint:
    """Open a pick-up point in the township of Longgui."""
    new = {"name": "龙归自提点", "region_code": registry.LONGGUI, "since_on": SINCE}
    made = open_point(NewPoint(**{**new, "address": "龙归镇演示街 1 号", **said}), by=by, now=NOW)
    found: PickUpPoint = made.row
    return found


def route(by: Actor, *stops: Stop, per_kg: int = 35, **said: Any) -> DeliveryRoute:
    """Publish a route from Wujiang; without a stop it goes everywhere."""
    new: dict[str, Any] = {"name": "武江线", "region_code": registry.WUJIANG, "since_on": SINCE}
    new |= {"per_kg_fen": Fen(per_kg), "stops": stops or (Stop(region_code=FRONT),), **said}
    found: DeliveryRoute = publish_route(NewRoute(**new), by=by, now=NOW).row
    return found


def facility(by: Actor, low: int = 0, high: int = 4, **said: Any) -> ColdChainFacility:
    """Register a chilled store in Wujiang."""
    new: dict[str, Any] = {"name": "演示冷库", "region_code": registry.WUJIANG, "since_on": SINCE}
    new |= {"address": "演示路 2 号", "tonnes": Decimal(50), "min_c": low, "max_c": high}
    new |= {"storage_band": StorageBand.CHILLED, **said}
    found: ColdChainFacility = open_facility(NewFacility(**new), by=by, now=NOW).row
    return found


def slot(
    by: Actor,
    listing_id: ListingId,
    *,
    place: str = FRONT,
    since_on: date = TODAY,
    days: int = 7,
    now: datetime = NOW,
) -> DisplaySlot:
    """Ask that a listing is shown."""
    until_on = since_on + timedelta(days=days)
    new = NewSlot(listing_id, place, since_on, until_on, "应季滞销")
    return ask_for_slot(new, by=by, now=now).slot


def mark_something() -> None:
    """Leave a point, a route past it, a cold store and a wish to be shown later, of one seller."""
    listing = db.session.scalars(
        select(Listing).where(Listing.status == ListingStatus.LISTED).order_by(Listing.id).limit(1)
    ).one()
    seller = db.session.get_one(Organisation, listing.supplier_id)
    by, now = registry.actor_of(registry.user(seller, [Role.COOP_CLERK])), clock.now()
    home = seller.region_code[:6]
    towns = select(Region.code).where(Region.parent_code == home).order_by(Region.code).limit(1)
    made = point(by, region_code=db.session.scalars(towns).one())
    route(by, Stop(made.id), region_code=home)
    facility(by, region_code=home)
    later = shanghai_day(now) + timedelta(days=60)
    slot(by, listing.id, place=home, since_on=later, now=now)
