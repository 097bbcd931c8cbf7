"""Doors of the deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from kernel.papers import PDF
from marketplace.catalogue.models.ratings import ListingRating
from marketplace.catalogue.schemas.ratings import RatingOut
from marketplace.deliveries.commands import substituting
from marketplace.deliveries.commands.measuring import NewReadings, record_temperatures
from marketplace.deliveries.commands.rating import LineMarks, rate_line
from marketplace.deliveries.commands.receiving import NewReceipt, receive_goods
from marketplace.deliveries.commands.shipping import NewShipment, ship_goods
from marketplace.deliveries.models.goods import (
    ColdChain,
    ReceiptId,
    ShipmentId,
    Substitution,
    SubstitutionId,
    TemperatureReading,
)
from marketplace.deliveries.queries.goods import (
    ReceiptView,
    ShipmentView,
    get_acceptance,
    list_receipts,
    list_shipments,
    list_substitutions,
    list_temperatures,
)
from marketplace.deliveries.rules.substituting import NewSubstitute
from marketplace.deliveries.schemas.acceptance import print_acceptance
from marketplace.deliveries.schemas.goods import (
    LineMarksIn,
    ReceiptIn,
    ReceiptOut,
    ShipmentIn,
    ShipmentOut,
)
from marketplace.deliveries.schemas.substitutions import SubstitutionIn, SubstitutionOut
from marketplace.deliveries.schemas.temperatures import (
    ColdChainsOut,
    ReadingsIn,
    TemperatureOut,
)
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries.contracts import ContractView, get_contract
from marketplace.orders.schemas.contracts import ContractOut, print_contract
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


@deliveries.post("/shipments/<uuid:shipment_id>/temperatures")
@endpoint(
    deliveries,
    allow=SHIPS | RECEIVES,
    accepts=ReadingsIn(),
    returns=ColdChainsOut(),
    status=201,
    idempotent=True,
)
def measure(body: NewReadings, shipment_id: UUID) -> dict[str, list[ColdChain]]:
    """Keep what thermometers said beside the cooled goods of a shipment."""
    chains = record_temperatures(
        body, shipment_id=ShipmentId(shipment_id), by=current_actor(), now=clock.now()
    )
    return {"items": chains}


@deliveries.get("/shipments/<uuid:shipment_id>/temperatures")
@endpoint(
    deliveries,
    allow=READS,
    accepts=PageQuery(),
    returns=page_schema(TemperatureOut),
    location="query",
)
def temperatures(query: dict[str, Any], shipment_id: UUID) -> Page[TemperatureReading]:
    """List the readings beside a shipment's goods, the earliest first."""
    return list_temperatures(current_actor(), ShipmentId(shipment_id), **query)


@deliveries.get("/receipts/<uuid:receipt_id>/acceptance")
@endpoint(deliveries, allow=READS)
def print_form(receipt_id: UUID) -> Response:
    """Print the form of an acceptance as PDF, to be signed at the door."""
    view = get_acceptance(current_actor(), ReceiptId(receipt_id))
    content = print_acceptance(view)
    return attachment(content, name=f"acceptance-{receipt_id}.pdf", media_type=PDF)


@deliveries.get("/orders/<uuid:order_id>/contract")
@endpoint(deliveries, allow=READS)
def print_agreement(order_id: UUID) -> Response:
    """Print the contract of an order as PDF, once both sides signed it."""
    view = get_contract(current_actor(), OrderId(order_id))
    return attachment(print_contract(view), name=f"contract-{order_id}.pdf", media_type=PDF)


@deliveries.get("/orders/<uuid:order_id>/contract/statement")
@endpoint(deliveries, allow=READS, returns=ContractOut())
def show_agreement(order_id: UUID) -> ContractView:
    """Give what both sides signed, with digest and signature, to be verified offline."""
    return get_contract(current_actor(), OrderId(order_id))


@deliveries.post("/orders/<uuid:order_id>/substitutions")
@endpoint(
    deliveries,
    allow=SHIPS,
    accepts=SubstitutionIn(),
    returns=SubstitutionOut(),
    status=201,
    idempotent=True,
)
def propose(body: NewSubstitute, order_id: UUID) -> Substitution:
    """Offer other goods instead of so much of a line."""
    return substituting.propose_substitute(
        body, order_id=OrderId(order_id), by=current_actor(), now=clock.now()
    )


@deliveries.get("/orders/<uuid:order_id>/substitutions")
@endpoint(
    deliveries,
    allow=READS,
    accepts=PageQuery(),
    returns=page_schema(SubstitutionOut),
    location="query",
)
def substitutions(query: dict[str, Any], order_id: UUID) -> Page[Substitution]:
    """List the substitutes that were proposed for an order, the newest first."""
    return list_substitutions(current_actor(), OrderId(order_id), **query)


@deliveries.post("/substitutions/<uuid:substitution_id>/accept")
@endpoint(deliveries, allow=RECEIVES, returns=SubstitutionOut())
def accept(substitution_id: UUID) -> Substitution:
    """Accept a substitute: its goods are held instead, or nothing changes."""
    return substituting.accept_substitute(SubstitutionId(substitution_id), **_now())


@deliveries.post("/substitutions/<uuid:substitution_id>/refuse")
@endpoint(deliveries, allow=RECEIVES, returns=SubstitutionOut())
def refuse(substitution_id: UUID) -> Substitution:
    """Turn a substitute down; the line stays as it was."""
    return substituting.refuse_substitute(SubstitutionId(substitution_id), **_now())


@deliveries.post("/substitutions/<uuid:substitution_id>/withdraw")
@endpoint(deliveries, allow=SHIPS, returns=SubstitutionOut())
def withdraw(substitution_id: UUID) -> Substitution:
    """Take a proposal back."""
    return substituting.withdraw_substitute(SubstitutionId(substitution_id), **_now())


def _now() -> dict[str, Any]:
    """Say who decides, when, and on which version."""
    return {"expected_version": expected_version(), "by": current_actor(), "now": clock.now()}
