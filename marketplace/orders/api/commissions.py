"""Doors to plots that are adopted: the order, milestones, the harvest, and its failure."""

from __future__ import annotations

from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from marketplace.campaigns.commands.commissions import Proof
from marketplace.campaigns.models.commissions import (
    FailureRule,
    FarmingCommissionId,
    FarmingMilestone,
    FarmingMilestoneId,
)
from marketplace.campaigns.queries.commissions import CommissionView
from marketplace.campaigns.schemas.commissions import CommissionOut, MilestoneOut, ProofIn
from marketplace.lots.queries import LotView
from marketplace.lots.schemas import LotOut
from marketplace.orders.api.orders import PLACES, SUPPLIES
from marketplace.orders.commands import commissions as commands
from marketplace.orders.commands import milestones
from marketplace.orders.commands.commissions import NewAdoption, NewHarvest
from marketplace.orders.queries.showing import OrderView
from marketplace.orders.schemas.commissions import AdoptionIn, HarvestIn, OutcomeIn
from marketplace.orders.schemas.orders import OrderOut, SendBackIn

adoptions = Blueprint("adoptions", __name__, url_prefix="/api/v1")

PLOT = "/farming-commissions/<uuid:farming_commission_id>"
MILESTONE = "/farming-milestones/<uuid:farming_milestone_id>"


@adoptions.post(f"{PLOT}/adopt")
@endpoint(
    adoptions,
    allow=PLACES,
    accepts=AdoptionIn(),
    returns=OrderOut(),
    status=201,
    idempotent=True,
)
def adopt(body: NewAdoption, farming_commission_id: UUID) -> OrderView:
    """Adopt a plot: its order is placed on its terms, paid before the season and by milestone."""
    return commands.adopt_plot(
        FarmingCommissionId(farming_commission_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@adoptions.post(f"{MILESTONE}/evidence")
@endpoint(adoptions, allow=SUPPLIES, accepts=ProofIn(), returns=MilestoneOut())
def show_evidence(body: Proof, farming_milestone_id: UUID) -> FarmingMilestone:
    """Show that the work of a milestone was done."""
    return milestones.show_milestone(
        FarmingMilestoneId(farming_milestone_id), body, by=current_actor(), now=clock.now()
    )


@adoptions.post(f"{MILESTONE}/accept")
@endpoint(adoptions, allow=PLACES, returns=MilestoneOut())
def accept(farming_milestone_id: UUID) -> FarmingMilestone:
    """Accept the work of a milestone; its part of the price is due."""
    return milestones.accept_milestone(
        FarmingMilestoneId(farming_milestone_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@adoptions.post(f"{MILESTONE}/return")
@endpoint(adoptions, allow=PLACES, accepts=SendBackIn(), returns=MilestoneOut())
def give_back(body: dict[str, str], farming_milestone_id: UUID) -> FarmingMilestone:
    """Send the evidence of a milestone back with a reason."""
    return milestones.return_milestone(
        FarmingMilestoneId(farming_milestone_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@adoptions.post(f"{PLOT}/harvests")
@endpoint(
    adoptions,
    allow=SUPPLIES,
    accepts=HarvestIn(),
    returns=LotOut(),
    status=201,
    idempotent=True,
)
def harvest(body: NewHarvest, farming_commission_id: UUID) -> LotView:
    """Record a harvest of a plot as a lot that is held for its order."""
    return commands.harvest_plot(
        FarmingCommissionId(farming_commission_id), body, by=current_actor(), now=clock.now()
    )


@adoptions.post(f"{PLOT}/failure")
@endpoint(adoptions, allow=SUPPLIES, accepts=ProofIn(), returns=CommissionOut())
def fail(body: Proof, farming_commission_id: UUID) -> CommissionView:
    """Report that nothing can be harvested; the terms say what follows."""
    return commands.report_failure(
        FarmingCommissionId(farming_commission_id), body, by=current_actor(), now=clock.now()
    )


@adoptions.post(f"{PLOT}/settlement")
@endpoint(adoptions, allow=PLACES, accepts=OutcomeIn(), returns=CommissionOut())
def settle(body: dict[str, FailureRule], farming_commission_id: UUID) -> CommissionView:
    """Choose like goods or the money back after a harvest failed."""
    return commands.settle_failure(
        FarmingCommissionId(farming_commission_id),
        body["outcome"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
