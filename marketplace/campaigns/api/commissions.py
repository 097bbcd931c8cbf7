"""Doors to farmed plots: offered, looked at, taken back; they are adopted where orders are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page
from marketplace.campaigns.commands import commissions as commands
from marketplace.campaigns.commands.commissions import NewCommission
from marketplace.campaigns.models.commissions import FarmingCommission, FarmingCommissionId
from marketplace.campaigns.queries import commissions as queries
from marketplace.campaigns.queries.commissions import ADOPTS, CommissionView
from marketplace.campaigns.schemas.commissions import (
    COMMISSION_PAGE,
    COMMISSIONS,
    CommissionIn,
    CommissionOut,
    CommissionQueryIn,
)
from registry.accounts.models import REVIEWERS, Role

plots = Blueprint("plots", __name__, url_prefix="/api/v1")

OFFERS = frozenset({Role.COOP_CLERK, Role.COOP_MANAGER})
READS = (
    OFFERS
    | ADOPTS
    | REVIEWERS
    | {
        Role.UNIT_APPROVER,
        Role.UNIT_FINANCE,
        Role.FINANCE_SUPERVISOR,
        Role.MONITOR,
        Role.AUDITOR,
    }
)
PLOT = "/farming-commissions/<uuid:farming_commission_id>"


@plots.post("/farming-commissions")
@endpoint(
    plots,
    allow=OFFERS,
    accepts=CommissionIn(),
    returns=CommissionOut(),
    status=201,
    idempotent=True,
)
def offer(body: NewCommission) -> CommissionView:
    """Offer a plot that is farmed for whoever adopts it."""
    return commands.offer_commission(body, by=current_actor(), now=clock.now())


@plots.get("/farming-commissions")
@endpoint(
    plots, allow=READS, accepts=CommissionQueryIn(), location="query", returns=COMMISSION_PAGE
)
def index(query: dict[str, Any]) -> Page[FarmingCommission]:
    """List plots, the newest first."""
    return queries.list_commissions(current_actor(), **query)


@plots.get(PLOT)
@endpoint(plots, allow=READS, returns=CommissionOut())
def show(farming_commission_id: UUID) -> CommissionView:
    """Show a plot with its growers by code and its milestones."""
    return queries.get_commission_view(current_actor(), FarmingCommissionId(farming_commission_id))


@plots.post(f"{PLOT}/withdraw")
@endpoint(plots, allow=OFFERS, returns=CommissionOut())
def withdraw(farming_commission_id: UUID) -> CommissionView:
    """Take a plot back that nobody adopted."""
    return commands.withdraw_commission(
        FarmingCommissionId(farming_commission_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


export_door(plots, "/farming-commissions/export", of=index, sheet=COMMISSIONS)
