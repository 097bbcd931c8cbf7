"""A lot's story from the household to the canteen, households by code alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ColumnElement, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.holds import EntryKind
from kernel.money import Fen
from marketplace.attribution.models.postings import Attribution, AttributionShare, PartyKind
from marketplace.catalogue.models.listings import Listing
from marketplace.deliveries.models.goods import ReceiptLine, Shipment, ShipmentLine
from marketplace.lots.models import (
    AdjustmentKind,
    ContributionPayment,
    Lot,
    LotAdjustment,
    LotCarriage,
    LotContribution,
    LotContributionId,
    LotEntry,
    LotHold,
    LotId,
)
from marketplace.orders.models.orders import OrderId, OrderLine, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from registry.households.models.households import Household
from registry.organisations.models import Organisation
from registry.organisations.queries import visible


@dataclass(frozen=True)
class Grown:
    """What a household put in, the lot it was recorded with, and whether it was paid for."""

    contribution_id: LotContributionId
    household_code: str
    quantity: Decimal
    farm_price_fen: Fen
    recorded_with: str
    paid_on: date | None


@dataclass(frozen=True)
class Carried:
    """What came from, or (below zero) went to, another lot."""

    lot_number: str
    quantity: Decimal
    reason: str
    at: datetime


@dataclass(frozen=True)
class Corrected:
    """What was lost, found, or taken back of a loss."""

    kind: AdjustmentKind
    quantity: Decimal
    reason: str
    at: datetime


@dataclass(frozen=True)
class Moved:
    """An entry of the lot's stock, and for what it was."""

    kind: EntryKind
    source: str
    held: Decimal
    shipped: Decimal
    at: datetime


@dataclass(frozen=True)
class Delivered:
    """What of the lot went out with an order line, was taken in, and what households got of it.

    Quantities in the order line's unit; `attributed_fen` is what stands of the line's split for
    all its households, of whatever lots.
    """

    order_id: OrderId
    order_number: str
    order_line_id: OrderLineId
    title: str
    shipped: Decimal
    accepted: Decimal
    rejected: Decimal
    shipped_at: datetime
    attributed_fen: Fen


@dataclass(frozen=True)
class Story:
    """A lot from its households to the canteens that the actor sees."""

    lot: Lot
    title: str
    contributions: Sequence[Grown]
    carried: Sequence[Carried]
    adjustments: Sequence[Corrected]
    entries: Sequence[Moved]
    deliveries: Sequence[Delivered]


def get_story(actor: Actor, lot_id: LotId) -> Story:
    """Tell the story of a lot whose seller, or an order from which, the actor sees (NotFound)."""
    row = db.session.execute(
        select(Lot, Listing.title)
        .join(Listing, Listing.id == Lot.listing_id)
        .join(Organisation, Organisation.id == Lot.supplier_id)
        .where(Lot.id == lot_id, or_(visible(actor), _was_ordered(actor)))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Story(
        lot=row[0],
        title=row[1],
        contributions=_list_grown(lot_id),
        carried=_list_carried(lot_id),
        adjustments=_list_adjustments(lot_id),
        entries=_list_entries(lot_id),
        deliveries=_list_deliveries(actor, lot_id),
    )


def _was_ordered(actor: Actor) -> ColumnElement[bool]:
    return exists(
        select(ShipmentLine.id)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .join(PurchaseOrder, PurchaseOrder.id == Shipment.order_id)
        .where(ShipmentLine.lot_id == Lot.id, visible_orders(actor))
    )


def _list_grown(lot_id: LotId) -> list[Grown]:
    root, step = aliased(LotContribution), aliased(ContributionPayment)
    last = select(func.max(step.sequence)).where(step.contribution_id == root.id)
    paid = ContributionPayment
    rows = db.session.execute(
        select(
            LotContribution.id,
            Household.code,
            LotContribution.quantity,
            LotContribution.farm_price_fen,
            Lot.number,
            case((paid.sequence % 2 == 1, paid.paid_on)),
        )
        .select_from(LotContribution)
        .join(root, root.id == func.coalesce(LotContribution.root_id, LotContribution.id))
        .join(Lot, Lot.id == root.lot_id)
        .join(Household, Household.id == LotContribution.household_id)
        .outerjoin(
            paid, (paid.contribution_id == root.id) & (paid.sequence == last.scalar_subquery())
        )
        .where(LotContribution.lot_id == lot_id)
        .order_by(Household.code, LotContribution.id)
    )
    return [Grown(*row) for row in rows]


def _list_carried(lot_id: LotId) -> list[Carried]:
    went = LotCarriage.from_lot_id == lot_id
    other = case((went, LotCarriage.to_lot_id), else_=LotCarriage.from_lot_id)
    quantity = case((went, -LotCarriage.quantity), else_=LotCarriage.quantity)
    rows = db.session.execute(
        select(Lot.number, quantity, LotCarriage.reason, LotCarriage.recorded_at)
        .select_from(LotCarriage)
        .join(Lot, Lot.id == other)
        .where(or_(went, LotCarriage.to_lot_id == lot_id))
        .order_by(LotCarriage.id)
    )
    return [Carried(*row) for row in rows]


def _list_adjustments(lot_id: LotId) -> list[Corrected]:
    one = LotAdjustment
    rows = db.session.execute(
        select(one.kind, one.quantity, one.reason, one.recorded_at)
        .where(one.lot_id == lot_id)
        .order_by(one.id)
    )
    return [Corrected(*row) for row in rows]


def _list_entries(lot_id: LotId) -> list[Moved]:
    rows = db.session.execute(
        select(LotEntry.kind, LotHold.source, LotEntry.held, LotEntry.spent, LotEntry.at)
        .select_from(LotEntry)
        .join(LotHold, LotHold.id == LotEntry.hold_id)
        .where(LotEntry.counter_id == lot_id)
        .order_by(LotEntry.position)
    )
    return [Moved(*row) for row in rows]


def _list_deliveries(actor: Actor, lot_id: LotId) -> list[Delivered]:
    received = (
        select(
            ReceiptLine.shipment_line_id,
            func.sum(ReceiptLine.accepted_quantity).label("accepted"),
            func.sum(ReceiptLine.rejected_quantity).label("rejected"),
        )
        .group_by(ReceiptLine.shipment_line_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            PurchaseOrder.id.label("order_id"),
            PurchaseOrder.number.label("order_number"),
            OrderLine.id.label("order_line_id"),
            OrderLine.title,
            ShipmentLine.quantity.label("shipped"),
            func.coalesce(received.c.accepted, 0).label("accepted"),
            func.coalesce(received.c.rejected, 0).label("rejected"),
            Shipment.shipped_at,
            cast(func.coalesce(_attributed(), 0), BigInteger).label("attributed_fen"),
        )
        .select_from(ShipmentLine)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .join(PurchaseOrder, PurchaseOrder.id == Shipment.order_id)
        .outerjoin(received, received.c.shipment_line_id == ShipmentLine.id)
        .where(ShipmentLine.lot_id == lot_id, visible_orders(actor))
        .order_by(ShipmentLine.id)
    )
    return [Delivered(**row) for row in rows.mappings()]


def _attributed() -> ColumnElement[int]:
    """Add up what of an order line's split stands for its households."""
    signed = case(
        (Attribution.reverses_id.is_(None), AttributionShare.amount_fen),
        else_=-AttributionShare.amount_fen,
    )
    statement = (
        select(func.sum(signed))
        .select_from(Attribution)
        .join(AttributionShare, AttributionShare.attribution_id == Attribution.id)
        .where(
            Attribution.order_line_id == OrderLine.id,
            AttributionShare.party_kind == PartyKind.HOUSEHOLD,
        )
    )
    return statement.correlate(OrderLine).scalar_subquery()
