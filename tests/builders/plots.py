"""A plot of 100 kg that two of a market's households farm, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from kernel import clock
from kernel.database import db
from kernel.money import Fen
from marketplace.campaigns.commands.commissions import (
    NewCommission,
    Proof,
    offer_commission,
    withdraw_commission,
)
from marketplace.campaigns.models.commissions import (
    FailureRule,
    FarmingCommission,
    FarmingCommissionId,
    FarmingMilestone,
)
from marketplace.campaigns.rules.commissions import GrowerTerms, MilestoneTerms
from marketplace.catalogue.models.listings import Listing
from marketplace.lots.models import LotId
from marketplace.lots.rules import Contribution
from marketplace.orders.commands.commissions import (
    NewAdoption,
    NewHarvest,
    adopt_plot,
    harvest_plot,
)
from marketplace.orders.commands.deciding import confirm_order
from marketplace.orders.commands.milestones import accept_milestone, show_milestone
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries.showing import Delivery
from procurement.quotas.models import Fund
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation
from tests.builders import registry
from tests.builders.settlement import NOW, TODAY, Market

HARVEST_ON = date(2026, 10, 1)
FARM_PRICE = Fen(1_800)
SOWN, TENDED = (
    MilestoneTerms("播种", 2_000, date(2026, 6, 20)),
    MilestoneTerms("田间管护", 2_000, date(2026, 8, 20)),
)
PREPAID, PART, WHOLE = 60_000, 60_000, 300_000
"""What is paid before the season, at each milestone, and in all: 20, 20 and 20 of 100."""
PROOF = Proof("已完成，见田间照片")


def growers(there: Market) -> list[GrowerTerms]:
    """Let the first two households farm 30 and 40 kg, and the cooperative the rest."""
    first, second, _ = there.households
    return [
        GrowerTerms(first.id, Decimal(30), FARM_PRICE),
        GrowerTerms(second.id, Decimal(40), FARM_PRICE),
    ]


def new_plot(there: Market, **changes: Any) -> NewCommission:
    """Say what is offered: 100 kg, a fifth before the season, two milestones of a fifth each."""
    said = NewCommission(
        listing_id=there.listing_id,
        title="石岭村认养稻田",
        village_code=registry.VILLAGE,
        area_mu=Decimal("0.5"),
        quantity=Decimal(100),
        prepaid_bp=2_000,
        milestones=[SOWN, TENDED],
        harvest_by_on=HARVEST_ON,
        on_failure=FailureRule.REFUND,
        growers=growers(there),
    )
    return replace(said, **changes)


def offered(there: Market, **changes: Any) -> FarmingCommissionId:
    """Let the clerk offer the plot."""
    new = new_plot(there, **changes)
    return offer_commission(new, by=there.by("clerk"), now=NOW).commission.id


def adopted(there: Market, plot: FarmingCommissionId, *, confirm: bool = True) -> OrderId:
    """Let the school adopt the plot, and the cooperative take its order on."""
    new = NewAdoption(there.unit.id, Fund.CANTEEN, Delivery("演示路1号"))
    by = there.by("buyer")
    order_id = adopt_plot(plot, new, expected_version=None, by=by, now=NOW).order.id
    if confirm:
        confirm_order(order_id, expected_version=None, by=there.by("manager"), now=NOW)
    return order_id


def shown(there: Market, plot: FarmingCommissionId, position: int = 0) -> FarmingMilestone:
    """Let the clerk show a milestone's work."""
    milestone = milestones_of(plot)[position]
    return show_milestone(milestone.id, PROOF, by=there.by("clerk"), now=NOW)


def accepted(there: Market, plot: FarmingCommissionId, position: int = 0) -> FarmingMilestone:
    """Let the buyer accept a milestone's work that the clerk shows."""
    milestone = shown(there, plot, position)
    return accept_milestone(milestone.id, expected_version=None, by=there.by("buyer"), now=NOW)


def harvested(
    there: Market, plot: FarmingCommissionId, grown: Sequence[int], *, own: int = 0
) -> LotId:
    """Record what each household harvested, and the cooperative's own."""
    contributions = [
        Contribution(household.id, Decimal(quantity), FARM_PRICE)
        for household, quantity in zip(there.households, grown, strict=False)
        if quantity
    ]
    new = NewHarvest(TODAY, contributions, Decimal(own))
    return harvest_plot(plot, new, by=there.by("clerk"), now=NOW).lot.id


def plot_of(plot: FarmingCommissionId) -> FarmingCommission:
    """Read a plot as it stands now."""
    return db.session.get_one(FarmingCommission, plot, populate_existing=True)


def milestones_of(plot: FarmingCommissionId) -> list[FarmingMilestone]:
    """Read the milestones of a plot as they stand now, in their order."""
    query = select(FarmingMilestone).where(FarmingMilestone.commission_id == plot)
    ordered = query.order_by(FarmingMilestone.position).execution_options(populate_existing=True)
    return list(db.session.scalars(ordered))


def farm_something() -> None:
    """Leave a plot that some cooperative offered and took back: what is offered all may see."""
    listing = db.session.scalars(select(Listing).order_by(Listing.id).limit(1)).one()
    supplier = db.session.get_one(Organisation, listing.supplier_id)
    clerk: AppUser = registry.user(supplier, [Role.COOP_CLERK])
    today = clock.now().date()
    by = registry.actor_of(clerk)
    made = offer_commission(
        NewCommission(
            listing_id=listing.id,
            title="演示认养地块",
            village_code=registry.VILLAGE,
            area_mu=Decimal(1),
            quantity=listing.step * 100,
            prepaid_bp=2_000,
            milestones=[replace(SOWN, due_on=today + timedelta(days=30))],
            harvest_by_on=today + timedelta(days=90),
            on_failure=FailureRule.SUBSTITUTE,
        ),
        by=by,
        now=clock.now(),
    )
    withdraw_commission(made.commission.id, expected_version=None, by=by, now=clock.now())
