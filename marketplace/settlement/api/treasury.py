"""The doors of treasury orders (国库集中支付)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from marketplace.settlement.commands import treasury as commands
from marketplace.settlement.commands.treasury import TreasuryPart
from marketplace.settlement.models.treasury import TreasuryOrderId
from marketplace.settlement.queries import treasury as queries
from marketplace.settlement.queries.treasury import TreasuryView
from marketplace.settlement.schemas.treasury import (
    TreasuryCancelIn,
    TreasuryOrderIn,
    TreasuryOrderOut,
    TreasuryPaidIn,
)
from registry.accounts.models import Role

treasury = Blueprint("treasury", __name__, url_prefix="/api/v1")

DRAWS = frozenset({Role.UNIT_FINANCE})
PAYS = frozenset({Role.FINANCE_SUPERVISOR})
READS = DRAWS | PAYS | {Role.AUDITOR}


@treasury.post("/treasury-orders")
@endpoint(
    treasury,
    allow=DRAWS,
    accepts=TreasuryOrderIn(),
    returns=TreasuryOrderOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def draw(body: dict[str, list[TreasuryPart]]) -> TreasuryView:
    """Register payments of several orders that one treasury voucher makes at once."""
    return commands.draw_treasury_order(body["parts"], by=current_actor(), now=clock.now())


@treasury.get("/treasury-orders")
@endpoint(
    treasury,
    allow=READS,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(TreasuryOrderOut),
)
def index_treasury_orders(query: dict[str, Any]) -> Page[TreasuryView]:
    """List the treasury orders in sight, the newest first."""
    return queries.list_treasury_orders(current_actor(), **query)


@treasury.get("/treasury-orders/<uuid:treasury_order_id>")
@endpoint(treasury, allow=READS, returns=TreasuryOrderOut())
def show_treasury_order(treasury_order_id: UUID) -> TreasuryView:
    """Show a treasury order with its payments."""
    return queries.get_treasury_view(current_actor(), TreasuryOrderId(treasury_order_id))


@treasury.post("/treasury-orders/<uuid:treasury_order_id>/confirm")
@endpoint(treasury, allow=PAYS, accepts=TreasuryPaidIn(), returns=TreasuryOrderOut())
def confirm(body: dict[str, str], treasury_order_id: UUID) -> TreasuryView:
    """Say that the treasury paid all of it; all of it counts, or none."""
    return commands.confirm_treasury_order(
        TreasuryOrderId(treasury_order_id),
        voucher=body["voucher"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@treasury.post("/treasury-orders/<uuid:treasury_order_id>/cancel")
@endpoint(
    treasury,
    allow=DRAWS | PAYS,
    accepts=TreasuryCancelIn(),
    returns=TreasuryOrderOut(),
    winds_up=True,
)
def cancel(body: dict[str, str], treasury_order_id: UUID) -> TreasuryView:
    """Call a treasury order off that was not paid."""
    return commands.cancel_treasury_order(
        TreasuryOrderId(treasury_order_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
