"""Doors of the deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from marketplace.catalogue.models.ratings import ListingRating
from marketplace.catalogue.schemas.ratings import RatingOut
from marketplace.deliveries.commands.rating import LineMarks, rate_line
from marketplace.deliveries.commands.receiving import NewReceipt, receive_goods
from marketplace.deliveries.commands.shipping import NewShipment, ship_goods
from marketplace.deliveries.queries import (
    ReceiptView,
    ShipmentView,
    list_receipts,
    list_shipments,
)
from marketplace.deliveries.schemas import (
    LineMarksIn,
    ReceiptIn,
    ReceiptOut,
    ShipmentIn,
    ShipmentOut,
)
from marketplace.orders.models.orders import OrderId
from registry.accounts.models import REVIEWERS, Role

deliveries = Blueprint("deliveries", __name__, url_prefix="/api/v1")

SHIPS = frozenset({Role.COOP_CLERK})
RECEIVES = frozenset({Role.CANTEEN_BUYER, Role.CONTRACTOR_BUYER, Role.UNION_OFFICER})
READS = (
    SHIPS
    | RECEIVES
    | REVIEWERS
    | {
        Role.COOP_MANAGER,
        Role.UNIT_ADMIN,
        Role.UNIT_APPROVER,
        Role.UNIT_FINANCE,
        Role.FINANCE_SUPERVISOR,
        Role.MONITOR,
        Role.AUDITOR,
    }
)


@deliveries.post("/orders/<uuid:order_id>/shipments")
@endpoint(
    deliveries,
    allow=SHIPS,
    accepts=ShipmentIn(),
    returns=ShipmentOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def ship(body: NewShipment, order_id: UUID) -> ShipmentView:
    """Send goods of an order from its lots."""
    return ship_goods(
        body,
        order_id=OrderId(order_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@deliveries.get("/orders/<uuid:order_id>/shipments")
@endpoint(
    deliveries,
    allow=READS,
    accepts=PageQuery(),
    returns=page_schema(ShipmentOut),
    location="query",
)
def shipments(query: dict[str, Any], order_id: UUID) -> Page[ShipmentView]:
    """List the shipments of an order, the newest first."""
    return list_shipments(current_actor(), OrderId(order_id), **query)


@deliveries.post("/orders/<uuid:order_id>/receipts")
@endpoint(
    deliveries,
    allow=RECEIVES,
    accepts=ReceiptIn(),
    returns=ReceiptOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def receive(body: NewReceipt, order_id: UUID) -> ReceiptView:
    """Take goods in, or turn them away, line by line."""
    return receive_goods(
        body,
        order_id=OrderId(order_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@deliveries.get("/orders/<uuid:order_id>/receipts")
@endpoint(
    deliveries,
    allow=READS,
    accepts=PageQuery(),
    returns=page_schema(ReceiptOut),
    location="query",
)
def receipts(query: dict[str, Any], order_id: UUID) -> Page[ReceiptView]:
    """List the receipts of an order, the newest first."""
    return list_receipts(current_actor(), OrderId(order_id), **query)


@deliveries.post("/orders/<uuid:order_id>/ratings")
@endpoint(deliveries, allow=RECEIVES, accepts=LineMarksIn(), returns=RatingOut(), status=201)
def rate(body: LineMarks, order_id: UUID) -> ListingRating:
    """Rate the goods of a line that was taken in, once."""
    return rate_line(body, order_id=OrderId(order_id), by=current_actor(), now=clock.now())
