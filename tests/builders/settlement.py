"""A market with goods of known households, and orders brought to where money is about to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from certification.certificates.models.certificates import Certificate
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.commands.listings import NewListing, create_listing, publish_listing
from marketplace.catalogue.models.listings import Channel, ListingId
from marketplace.deliveries.commands.receiving import NewReceipt, receive_goods
from marketplace.deliveries.commands.shipping import NewShipment, ship_goods
from marketplace.deliveries.rules.goods import Sending, Taking
from marketplace.lots.commands.stock import NewLot, record_lot
from marketplace.lots.models import LotId
from marketplace.lots.rules import Contribution
from marketplace.orders.commands.deciding import confirm_order
from marketplace.orders.commands.placing import LineWish, NewOrder, place_order
from marketplace.orders.models.orders import OrderId, OrderLine, PayMode, PurchaseOrder
from marketplace.orders.queries.finding import list_lines
from marketplace.orders.queries.showing import Delivery
from marketplace.settlement.commands.payments import NewPayment, confirm_payment, register_payment
from marketplace.settlement.models.payments import PaymentMethod
from marketplace.settlement.queries.payments import PaymentView
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota
from registry.accounts.models import AppUser, Role
from registry.households.models.households import Household
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import certification, procurement, registry

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""Monday noon in Shanghai."""
TODAY = date(2026, 6, 1)
PRICE = 3_000
"""Fen a kilogram, as in example 1 of `docs/rules/attribution.md`."""


@dataclass(frozen=True)
class Market:
    """A school with its people, a cooperative with its, three households, and one listing.

    The listing's lots are example 1's: lot A of 80 kg and lot B of 40 kg.
    """

    unit: Organisation
    buyer: AppUser
    finance: AppUser
    quota: Quota
    cooperative: Organisation
    clerk: AppUser
    manager: AppUser
    households: Sequence[Household]
    certificate: Certificate
    listing_id: ListingId
    lots: Sequence[LotId]

    def by(self, who: str) -> Actor:
        """Give one of the people as an actor: buyer, finance, clerk, manager."""
        user: AppUser = getattr(self, who)
        return registry.actor_of(user)


def market() -> Market:
    """Set up the market of example 1."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    cooperative = registry.organisation()
    clerk = registry.user(cooperative, [Role.COOP_CLERK])
    households = sorted((registry.household() for _ in range(3)), key=lambda one: one.id)
    for one in households:
        registry.benefit_link(one, cooperative)
    certificate = certification.certificate(cooperative, yearly_quantity="100000")
    by = registry.actor_of(clerk)
    listing_id = listing(certificate, by=by)
    first, second, third = households
    lots = (
        lot(listing_id, {first: (30, 1_800), second: (40, 1_800)}, own=10, by=by),
        lot(listing_id, {first: (10, 2_000), third: (25, 2_000)}, own=5, by=by),
    )
    return Market(
        unit=unit,
        buyer=registry.user(unit, [Role.CANTEEN_BUYER]),
        finance=registry.user(unit, [Role.UNIT_FINANCE]),
        quota=procurement.quota(unit),
        cooperative=cooperative,
        clerk=clerk,
        manager=registry.user(cooperative, [Role.COOP_MANAGER]),
        households=households,
        certificate=certificate,
        listing_id=listing_id,
        lots=lots,
    )


def second_listing(there: Market) -> ListingId:
    """Offer 100 kg of the cooperative's own of another origin kind, at the same price."""
    by = there.by("clerk")
    certificate = certification.certificate(
        there.cooperative, yearly_quantity="100000", origin_kind=OriginKind.NATIONAL_832
    )
    listing_id = listing(certificate, by=by)
    lot(listing_id, {}, own=100, by=by)
    return listing_id


def listing(certificate: Certificate, *, by: Actor) -> ListingId:
    """Put a certified product on sale by the half kilogram."""
    new = NewListing(
        certificate_id=certificate.id,
        title="演示香菇",
        unit=Unit.KG,
        step=Decimal("0.5"),
        unit_price_fen=Fen(PRICE),
    )
    made = create_listing(new, by=by, now=NOW)
    publish_listing(made.id, expected_version=None, by=by, now=NOW)
    return made.id


def lot(
    listing_id: ListingId, grown: Mapping[Household, tuple[int, int]], *, own: int, by: Actor
) -> LotId:
    """Record a lot: by household, kilograms and farm price; and the cooperative's own."""
    contributions = [
        Contribution(household.id, Decimal(quantity), price)
        for household, (quantity, price) in grown.items()
    ]
    new = NewLot(
        listing_id=listing_id,
        harvested_on=TODAY,
        unit=Unit.KG,
        contributions=contributions,
        own_quantity=Decimal(own),
    )
    return record_lot(new, by=by, now=NOW).lot.id


def ordered(
    there: Market,
    *quantities: str,
    mode: PayMode = PayMode.PAY_FIRST,
    also: ListingId | None = None,
    confirm: bool = True,
    channel: Channel | None = None,
) -> OrderId:
    """Order so much of the listing (and of another), and let the supplier take the order on."""
    listings = [there.listing_id, also]
    wishes = [
        LineWish(listing_id, Decimal(quantity))
        for listing_id, quantity in zip(listings, quantities, strict=False)
        if listing_id is not None
    ]
    new = NewOrder(
        kind=OrderKind.RESERVED_SHARE,
        bound_unit_id=there.unit.id,
        year=2026,
        fund=Fund.CANTEEN,
        pay_mode=mode,
        lines=wishes,
        delivery=Delivery("演示路1号"),
        channel=channel,
    )
    order_id = place_order(new, by=there.by("buyer"), now=NOW).order.id
    if confirm:
        confirm_order(order_id, expected_version=None, by=there.by("manager"), now=NOW)
    return order_id


def shipped(
    there: Market, order_id: OrderId, *quantities: tuple[int, LotId | None], final: bool = False
) -> None:
    """Send goods of the first line: kilograms, and the lot they come from."""
    line = lines_of(order_id)[0]
    sendings = [Sending(line.id, Decimal(quantity), lot_id) for quantity, lot_id in quantities]
    new = NewShipment(carrier="演示车队", lines=sendings, final=final)
    ship_goods(new, order_id=order_id, expected_version=None, by=there.by("clerk"), now=NOW)


def received(there: Market, order_id: OrderId, accepted: str, rejected: str = "0") -> None:
    """Take goods of the first line in, and turn some away."""
    line = lines_of(order_id)[0]
    reason = "受潮" if Decimal(rejected) else None
    taking = Taking(line.id, Decimal(accepted), Decimal(rejected), reason)
    new = NewReceipt(lines=[taking])
    receive_goods(new, order_id=order_id, expected_version=None, by=there.by("buyer"), now=NOW)


def paid(there: Market, order_id: OrderId, amount: int, *, confirm: bool = True) -> PaymentView:
    """Let finance pay, and the manager see the money come."""
    new = NewPayment(PaymentMethod.BANK_TRANSFER, Fen(amount), "流水001")
    payment = register_payment(new, order_id=order_id, by=there.by("finance"), now=NOW)
    if not confirm:
        return payment
    return confirm_payment(payment.id, by=there.by("manager"), now=NOW)


def order_of(order_id: OrderId) -> PurchaseOrder:
    """Read an order as it stands now."""
    db.session.flush()
    return db.session.scalars(
        select(PurchaseOrder)
        .where(PurchaseOrder.id == order_id)
        .execution_options(populate_existing=True)
    ).one()


def lines_of(order_id: OrderId) -> list[OrderLine]:
    """Read an order's lines as they stand now."""
    return list_lines(SYSTEM, order_id)


def quota_of(there: Market) -> tuple[int, int]:
    """Read what the unit's quota holds and has spent."""
    row = db.session.execute(
        select(Quota.held_fen, Quota.spent_fen).where(Quota.id == there.quota.id)
    ).one()
    return row[0], row[1]
