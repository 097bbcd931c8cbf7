"""Doors of the orders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.money import Fen
from kernel.paging import Page, PageQuery, page_schema
from marketplace.campaigns.models.donations import (
    DonationCampaignId,
)
from marketplace.orders.commands import changing, consolidating, deciding, donations, rebinding
from marketplace.orders.commands.consolidating import ConsolidatedPurchase
from marketplace.orders.commands.placing import NewOrder, place_checkout, place_order
from marketplace.orders.commands.rebinding import NewRebinding
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.models.rebindings import RebindingId
from marketplace.orders.queries.approvals import Waiting, list_waiting
from marketplace.orders.queries.finding import OrderFilter, list_orders
from marketplace.orders.queries.rebindings import (
    RebindingView,
    get_rebinding_view,
    list_rebindings,
)
from marketplace.orders.queries.showing import OrderView, get_order_view
from marketplace.orders.schemas.approvals import WAITING_PAGE
from marketplace.orders.schemas.orders import (
    CheckoutOut,
    ConsolidatedIn,
    FreightIn,
    OrderIn,
    OrderItemOut,
    OrderOut,
    OrderQueryIn,
    ReasonIn,
    SendBackIn,
)
from marketplace.orders.schemas.rebindings import (
    REBINDING_PAGE,
    RebindingIn,
    RebindingOut,
    RebindingQueryIn,
)
from registry.accounts.models import REVIEWERS, Role

orders = Blueprint("orders", __name__, url_prefix="/api/v1")

PLACES = frozenset({Role.CANTEEN_BUYER, Role.CONTRACTOR_BUYER, Role.UNION_OFFICER, Role.UNIT_ADMIN})
APPROVES = frozenset({Role.UNIT_APPROVER, Role.UNIT_ADMIN, Role.UNIT_FINANCE})
"""Approvers, and those whom an approver may let approve for a time."""
CONSENTS = frozenset({Role.UNIT_ADMIN})
SUPPLIES = frozenset({Role.COOP_CLERK, Role.COOP_MANAGER})
CALLS_OFF = PLACES | SUPPLIES
WATCHES = REVIEWERS | {Role.FINANCE_SUPERVISOR, Role.MONITOR, Role.AUDITOR}
READS = PLACES | APPROVES | SUPPLIES | WATCHES | {Role.UNIT_FINANCE}


@orders.post("/orders")
@endpoint(orders, allow=PLACES, accepts=OrderIn(), returns=OrderOut(), status=201, idempotent=True)
def place(body: NewOrder) -> OrderView:
    """Place an order, or refuse it and change nothing."""
    return place_order(body, by=current_actor(), now=clock.now())


@orders.post("/checkouts")
@endpoint(
    orders, allow=PLACES, accepts=OrderIn(), returns=CheckoutOut(), status=201, idempotent=True
)
def check_out(body: NewOrder) -> dict[str, Any]:
    """Place one order with each supplier of what is wanted, all of them or none."""
    placed = place_checkout(body, by=current_actor(), now=clock.now())
    return {"id": placed[0].order.checkout_id, "orders": placed}


@orders.post("/consolidated-purchases")
@endpoint(
    orders,
    allow=PLACES,
    accepts=ConsolidatedIn(),
    returns=CheckoutOut(),
    status=201,
    idempotent=True,
)
def consolidate(body: ConsolidatedPurchase) -> dict[str, Any]:
    """Buy for several units as one, split back into an order for each."""
    placed = consolidating.consolidate(body, by=current_actor(), now=clock.now())
    return {"id": placed[0].order.checkout_id, "orders": placed}


@orders.post("/donation-campaigns/<uuid:donation_campaign_id>/gather")
@endpoint(orders, allow=PLACES, returns=CheckoutOut(), status=201, idempotent=True)
def gather(donation_campaign_id: UUID) -> dict[str, Any]:
    """Order what the members of a campaign want, one order with each supplier, paid first."""
    placed = donations.gather_campaign(
        DonationCampaignId(donation_campaign_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
    return {"id": placed[0].order.checkout_id, "orders": placed}


@orders.get("/orders")
@endpoint(
    orders,
    allow=READS,
    accepts=OrderQueryIn(),
    returns=page_schema(OrderItemOut),
    location="query",
)
def index(query: dict[str, Any]) -> Page[PurchaseOrder]:
    """List orders, the newest first."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    return list_orders(current_actor(), OrderFilter(**query), limit=limit, cursor=cursor)


@orders.get("/orders/approvals")
@endpoint(orders, allow=APPROVES, accepts=PageQuery(), returns=WAITING_PAGE, location="query")
def index_waiting(query: dict[str, Any]) -> Page[Waiting]:
    """List what waits for one's own approval, as a stand-in too, what is due first at the top."""
    return list_waiting(current_actor(), now=clock.now(), **query)


@orders.get("/orders/<uuid:order_id>")
@endpoint(orders, allow=READS, returns=OrderOut())
def show(order_id: UUID) -> OrderView:
    """Show an order with its lines and what it holds."""
    return get_order_view(current_actor(), OrderId(order_id))


@orders.post("/orders/<uuid:order_id>/approve")
@endpoint(orders, allow=APPROVES, returns=OrderOut())
def approve(order_id: UUID) -> OrderView:
    """Approve an order above the threshold; not by its author."""
    return deciding.approve_order(
        OrderId(order_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/reject")
@endpoint(orders, allow=APPROVES, accepts=ReasonIn(), returns=OrderOut())
def reject(body: dict[str, str], order_id: UUID) -> OrderView:
    """Turn an order above the threshold down; not by its author."""
    return deciding.reject_order(
        OrderId(order_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/send-back")
@endpoint(orders, allow=APPROVES, accepts=SendBackIn(), returns=OrderOut())
def send_back(body: dict[str, str], order_id: UUID) -> OrderView:
    """Give an order above the threshold back to its author, with a reason."""
    return deciding.send_back_order(
        OrderId(order_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/confirm")
@endpoint(orders, allow=SUPPLIES, returns=OrderOut())
def confirm(order_id: UUID) -> OrderView:
    """Take an order on, as its supplier."""
    return deciding.confirm_order(
        OrderId(order_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/cancel")
@endpoint(orders, allow=CALLS_OFF, accepts=ReasonIn(), returns=OrderOut(), winds_up=True)
def cancel(body: dict[str, str], order_id: UUID) -> OrderView:
    """Call an order off, before anything is shipped or paid."""
    return deciding.cancel_order(
        OrderId(order_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/extend")
@endpoint(orders, allow=PLACES, returns=OrderOut())
def extend(order_id: UUID) -> OrderView:
    """Give a pay-first order fifteen more days for its money, once."""
    return changing.extend_order(
        OrderId(order_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/freight")
@endpoint(orders, allow=SUPPLIES, accepts=FreightIn(), returns=OrderOut())
def lower_freight(body: dict[str, Fen], order_id: UUID) -> OrderView:
    """Ask less freight than was agreed, before taking the order on."""
    return changing.lower_freight(
        OrderId(order_id),
        freight_fen=body["freight_fen"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/replace")
@endpoint(orders, allow=PLACES, accepts=OrderIn(), returns=OrderOut(), status=201, idempotent=True)
def replace(body: NewOrder, order_id: UUID) -> OrderView:
    """Call an order off and place another in its place, in one step."""
    return changing.replace_order(
        OrderId(order_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@orders.post("/orders/<uuid:order_id>/rebindings")
@endpoint(
    orders,
    allow=PLACES,
    accepts=RebindingIn(),
    returns=RebindingOut(),
    status=201,
    idempotent=True,
)
def request_rebinding(body: NewRebinding, order_id: UUID) -> RebindingView:
    """Apply for an order to be bound to another unit; both units consent first."""
    return rebinding.request_rebinding(OrderId(order_id), body, by=current_actor(), now=clock.now())


@orders.get("/rebindings")
@endpoint(
    orders,
    allow=READS,
    accepts=RebindingQueryIn(),
    returns=REBINDING_PAGE,
    location="query",
)
def index_rebindings(query: dict[str, Any]) -> Page[RebindingView]:
    """List the applications to re-bind orders, the newest first."""
    return list_rebindings(current_actor(), **query)


@orders.get("/rebindings/<uuid:rebinding_id>")
@endpoint(orders, allow=READS, returns=RebindingOut())
def show_rebinding(rebinding_id: UUID) -> RebindingView:
    """Show an application to re-bind an order."""
    return get_rebinding_view(current_actor(), RebindingId(rebinding_id))


@orders.post("/rebindings/<uuid:rebinding_id>/consent")
@endpoint(orders, allow=CONSENTS, returns=RebindingOut())
def consent_to_rebinding(rebinding_id: UUID) -> RebindingView:
    """Consent for one of the two units; the second consent re-binds the order."""
    return rebinding.consent_to_rebinding(
        RebindingId(rebinding_id), by=current_actor(), now=clock.now()
    )


@orders.post("/rebindings/<uuid:rebinding_id>/refuse")
@endpoint(orders, allow=CONSENTS, accepts=ReasonIn(), returns=RebindingOut())
def refuse_rebinding(body: dict[str, str], rebinding_id: UUID) -> RebindingView:
    """Refuse an application for one of the two units."""
    return rebinding.refuse_rebinding(
        RebindingId(rebinding_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )


@orders.post("/rebindings/<uuid:rebinding_id>/withdraw")
@endpoint(orders, allow=PLACES, accepts=ReasonIn(), returns=RebindingOut())
def withdraw_rebinding(body: dict[str, str], rebinding_id: UUID) -> RebindingView:
    """Take an application back, on the side that buys."""
    return rebinding.withdraw_rebinding(
        RebindingId(rebinding_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )
