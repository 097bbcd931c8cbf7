"""A school that buys and a cooperative that sells, and orders between them, as tests need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import Certificate
from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.commands.listings import NewListing, create_listing, publish_listing
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.rules.listings import Tier
from marketplace.deliveries.commands.receiving import NewReceipt, receive_goods
from marketplace.deliveries.commands.shipping import NewShipment, ship_goods
from marketplace.deliveries.models.goods import ShipmentLine
from marketplace.deliveries.rules.goods import Sending, Taking
from marketplace.lots.commands.stock import NewLot, record_lot
from marketplace.lots.models import Lot, LotId
from marketplace.lots.rules import Contribution
from marketplace.orders.commands.deciding import confirm_order
from marketplace.orders.commands.placing import LineWish, NewOrder, place_order
from marketplace.orders.models.orders import OrderId, OrderLine, PayMode, PurchaseOrder
from marketplace.orders.models.rebindings import Rebinding, RebindingId, RebindingStatus
from marketplace.orders.queries.showing import Delivery, OrderView
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import certification, procurement, registry

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""Monday noon in Shanghai."""
TODAY = date(2026, 6, 1)
YEAR = 2026
PRICE = 3_000
"""Fen a kilogram."""
DELIVERY = Delivery(address="韶关市武江区演示路 1 号", contact="何示一 13800001234")


@dataclass(frozen=True)
class Scene:
    """A school with buyer, approver and quota; a cooperative with clerk, certificate, listing."""

    unit: Organisation
    buyer: AppUser
    approver: AppUser
    quota: Quota
    cooperative: Organisation
    clerk: AppUser
    certificate: Certificate
    listing_id: ListingId

    def by(self, who: str) -> Actor:
        """Give one of the people as an actor: buyer, approver, clerk."""
        user: AppUser = getattr(self, who)
        return registry.actor_of(user)


def scene(
    *, stock: str = "100", capacity: str = "1000", ceiling: int = 1_000_000_00, step: str = "1"
) -> Scene:
    """Set up a school and a cooperative with one listing of rice at PRICE a kilogram."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    cooperative = registry.organisation()
    clerk = registry.user(cooperative, [Role.COOP_CLERK])
    certificate = certification.certificate(cooperative, yearly_quantity=capacity)
    by = registry.actor_of(clerk)
    listing_id = listing(certificate, by=by, step=step)
    if Decimal(stock):
        lot(listing_id, stock, by=by)
    return Scene(
        unit=unit,
        buyer=registry.user(unit, [Role.CANTEEN_BUYER]),
        approver=registry.user(unit, [Role.UNIT_APPROVER]),
        quota=procurement.quota(unit, ceiling=ceiling),
        cooperative=cooperative,
        clerk=clerk,
        certificate=certificate,
        listing_id=listing_id,
    )


def listing(
    certificate: Certificate,
    *,
    by: Actor,
    unit: Unit = Unit.KG,
    step: str = "1",
    tiers: Sequence[Tier] = (),
) -> ListingId:
    """Put a certified product on sale at PRICE a unit."""
    new = NewListing(
        certificate_id=certificate.id,
        title="演示丝苗米",
        unit=unit,
        step=Decimal(step),
        unit_price_fen=Fen(PRICE),
        tiers=tiers,
        description="一级，散装",
    )
    made = create_listing(new, by=by, now=NOW)
    publish_listing(made.id, expected_version=None, by=by, now=NOW)
    return made.id


def lot(
    listing_id: ListingId,
    own: str,
    *,
    by: Actor,
    unit: Unit = Unit.KG,
    expires_on: date | None = None,
    contributions: Sequence[Contribution] = (),
) -> LotId:
    """Record a lot harvested yesterday."""
    new = NewLot(
        listing_id=listing_id,
        harvested_on=date(2026, 5, 31),
        unit=unit,
        contributions=contributions,
        own_quantity=Decimal(own),
        expires_on=expires_on,
    )
    return record_lot(new, by=by, now=NOW).lot.id


def wishes(*lines: tuple[ListingId, str]) -> list[LineWish]:
    """Say what an order wants."""
    return [LineWish(listing_id, Decimal(quantity)) for listing_id, quantity in lines]


def new_order(there: Scene, *quantities: str, **changes: Any) -> NewOrder:
    """Say what the school orders of the scene's listing, a line for each quantity."""
    said: dict[str, Any] = {
        "kind": OrderKind.RESERVED_SHARE,
        "bound_unit_id": there.unit.id,
        "year": YEAR,
        "fund": Fund.CANTEEN,
        "pay_mode": PayMode.GOODS_FIRST,
        "lines": wishes(*((there.listing_id, quantity) for quantity in quantities)),
        "delivery": DELIVERY,
    }
    return NewOrder(**(said | changes))


def body_of(new: NewOrder) -> dict[str, Any]:
    """Give the same as the JSON of a request."""
    return {
        "kind": new.kind,
        "bound_unit_id": str(new.bound_unit_id),
        "year": new.year,
        "fund": new.fund,
        "pay_mode": new.pay_mode,
        "lines": [
            {"listing_id": str(line.listing_id), "quantity": str(line.quantity)}
            for line in new.lines
        ],
        "delivery": {"address": new.delivery.address, "contact": new.delivery.contact},
        **({"dedication": new.dedication} if new.dedication else {}),
    }


def placed(there: Scene, *quantities: str, now: datetime = NOW, **changes: Any) -> OrderView:
    """Place an order of the scene's listing."""
    return place_order(new_order(there, *quantities, **changes), by=there.by("buyer"), now=now)


def confirmed(there: Scene, *quantities: str, now: datetime = NOW, **changes: Any) -> OrderView:
    """Place an order that the cooperative takes on."""
    made = placed(there, *quantities, now=now, **changes)
    return confirm_order(made.order.id, expected_version=None, by=there.by("clerk"), now=now)


def ship(
    there: Scene,
    order_id: OrderId,
    *quantities: str,
    lot_id: LotId | None = None,
    final: bool = False,
) -> list[ShipmentLine]:
    """Send so much of each line of the order, in their order."""
    sendings = [
        Sending(line.id, Decimal(quantity), lot_id)
        for line, quantity in zip(lines_of(order_id), quantities, strict=False)
    ]
    new = NewShipment(carrier="演示冷链", lines=sendings, final=final)
    by = there.by("clerk")
    view = ship_goods(new, order_id=order_id, expected_version=None, by=by, now=NOW)
    return list(view.lines)


def receive(there: Scene, order_id: OrderId, *takings: tuple[str, str]) -> None:
    """Take in and turn away so much of each line of the order, in their order."""
    lines = [
        Taking(line.id, Decimal(accepted), Decimal(rejected), "烂果" if Decimal(rejected) else None)
        for line, (accepted, rejected) in zip(lines_of(order_id), takings, strict=False)
    ]
    by = there.by("buyer")
    receive_goods(NewReceipt(lines), order_id=order_id, expected_version=None, by=by, now=NOW)


def ask_for_rebinding() -> RebindingId:
    """Apply for some order to be bound to another unit that buys."""
    order = db.session.scalars(select(PurchaseOrder).order_by(PurchaseOrder.id).limit(1)).one()
    other = registry.organisation(OrganisationKind.BUDGET_UNIT)
    asked = Rebinding(
        id=RebindingId(new_id()),
        order_id=order.id,
        from_unit_id=order.bound_unit_id,
        to_unit_id=other.id,
        reason="误选单位",
        status=RebindingStatus.OPEN,
        requested_by=order.author_id,
        requested_at=order.placed_at,
        due_on=date(2026, 6, 9),
    )
    db.session.add(asked)
    db.session.flush()
    return asked.id


def order_of(order_id: OrderId) -> PurchaseOrder:
    """Read an order as it stands now."""
    return db.session.get_one(PurchaseOrder, order_id, populate_existing=True)


def lines_of(order_id: OrderId) -> list[OrderLine]:
    """Read an order's lines as they stand now."""
    query = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def lots_of(listing_id: ListingId) -> list[Lot]:
    """Read a listing's lots as they stand now, the oldest first."""
    query = select(Lot).where(Lot.listing_id == listing_id).order_by(Lot.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def listing_of(listing_id: ListingId) -> Listing:
    """Read a listing as it stands now."""
    return db.session.get_one(Listing, listing_id, populate_existing=True)


@dataclass(frozen=True)
class Figures:
    """The three gates of a scene as they stand: money in fen, the rest in their units."""

    money: tuple[int, int]
    capacity: tuple[Decimal, Decimal]
    stock: tuple[Decimal, Decimal]


def figures(there: Scene) -> Figures:
    """Read what is held and what is spent on each gate of the scene."""
    quota = db.session.get_one(Quota, there.quota.id, populate_existing=True)
    capacity: Capacity = certification.capacity_of(there.certificate)
    lots = lots_of(there.listing_id)
    return Figures(
        money=(quota.held_fen, quota.spent_fen),
        capacity=(capacity.held, capacity.sold),
        stock=(
            sum((lot.held for lot in lots), Decimal(0)),
            sum((lot.shipped for lot in lots), Decimal(0)),
        ),
    )


def held(money: int = 0, capacity: str = "0", stock: str = "0") -> Figures:
    """Say figures of which nothing is spent."""
    nothing = Decimal(0)
    return Figures((money, 0), (Decimal(capacity), nothing), (Decimal(stock), nothing))


def counts(*tables: type[Any]) -> Mapping[str, int]:
    """Count the rows of tables."""
    return {table.__tablename__: db.session.query(table).count() for table in tables}
