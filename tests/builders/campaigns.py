"""Standing orders of a school, as tests need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from kernel import clock
from kernel.database import db
from marketplace.campaigns.commands import NewStandingOrder, StandingDelivery, start_standing
from marketplace.campaigns.models import Dish, StandingOrder, StandingOrderId, StandingWeek
from marketplace.catalogue.models.listings import Listing, ListingId, PayMode
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import DELIVERY, NOW, Scene

WORKDAYS = (1, 2, 3, 4, 5)
HEADS = 21


def rice(listing_id: ListingId, grams: int = 100, weekdays: tuple[int, ...] = WORKDAYS) -> Dish:
    """Say how much rice everybody eats."""
    return Dish(listing_id, grams, weekdays)


def new_standing(there: Scene, **changes: Any) -> NewStandingOrder:
    """Say what the school eats: 100 g of rice for 21 heads on each working day."""
    said = NewStandingOrder(
        kind=OrderKind.RESERVED_SHARE,
        bound_unit_id=there.unit.id,
        fund=Fund.CANTEEN,
        pay_mode=PayMode.GOODS_FIRST,
        heads=HEADS,
        menu=[rice(there.listing_id)],
        lead_days=3,
        delivery=StandingDelivery(DELIVERY.address, DELIVERY.contact),
    )
    return replace(said, **changes)


def standing(there: Scene, *, now: datetime = NOW, **changes: Any) -> StandingOrderId:
    """Let the school's buyer set one up."""
    return start_standing(new_standing(there, **changes), by=there.by("buyer"), now=now).id


def standing_of(standing_id: StandingOrderId) -> StandingOrder:
    """Read a standing order as it stands now."""
    return db.session.get_one(StandingOrder, standing_id, populate_existing=True)


def weeks_of(standing_id: StandingOrderId) -> list[StandingWeek]:
    """Read what became of its weeks, in their order."""
    query = select(StandingWeek).where(StandingWeek.standing_order_id == standing_id)
    return list(db.session.scalars(query.order_by(StandingWeek.week_on)))


def eat_something() -> None:
    """Leave a standing order of some unit."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    by = registry.actor_of(registry.user(unit, [Role.CANTEEN_BUYER]))
    listing_id = db.session.scalars(select(Listing.id).order_by(Listing.id).limit(1)).one()
    new = NewStandingOrder(
        kind=OrderKind.RESERVED_SHARE,
        bound_unit_id=unit.id,
        fund=Fund.CANTEEN,
        pay_mode=PayMode.GOODS_FIRST,
        heads=HEADS,
        menu=[rice(listing_id)],
        lead_days=3,
        delivery=StandingDelivery(DELIVERY.address),
    )
    start_standing(new, by=by, now=clock.now())
