"""The real market beside the model: its people, its commands, and what its books say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import Certificate
from kernel import clock, ledger
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.errors import Refusal
from kernel.money import Fen
from kernel.quantity import Unit
from kernel.relay import run_due_deliveries
from kernel.unit_of_work import run
from marketplace.attribution.queries.splits import get_order_split
from marketplace.catalogue.commands.listings import NewListing, create_listing, publish_listing
from marketplace.catalogue.models.listings import ListingId
from marketplace.lots.models import Lot
from marketplace.orders.models.orders import OrderId, OrderLine, PurchaseOrder
from marketplace.settlement.queries.payments import sum_money_by_line
from procurement.approvals.commands.thresholds import NewThreshold, set_threshold
from procurement.quotas.models import Quota
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import certification, procurement, registry
from tests.journeys.story_model import Market
from tests.journeys.story_split import worth
from tests.promises import broken

T = TypeVar("T")
CEILING = 24_000
THRESHOLD = 3_000
DECLARED = Decimal(70)
PRICES = (333, 175)
KINDS = (OriginKind.PROVINCIAL_VILLAGE, OriginKind.NATIONAL_832)
UNITS = (Unit.KG, Unit.JIN)
FACTORS = (Decimal(1), Decimal("0.5"))


@dataclass(frozen=True)
class Stage:
    """One unit, one cooperative, three households, and two certified products: kg and jin."""

    app: Flask
    unit: Organisation
    cooperative: Organisation
    by: Mapping[str, Actor]
    households: Sequence[Household]
    certificates: Sequence[Certificate]
    listings: Sequence[ListingId]
    quota: Quota

    def model(self) -> Market:
        """Give the model of this market before anything happened."""
        return Market(CEILING, DECLARED, FACTORS, self.cooperative.id)

    def attempt(
        self, act: Callable[[], T], *, expected: str | None, perhaps: str | None = None
    ) -> T | None:
        """Run a command in its own transaction; it must be refused just as the model says.

        `perhaps` names a refusal that the model cannot foresee.
        """
        refused: str | None = None
        result: T | None = None
        try:
            result = run(act)
        except Refusal as refusal:
            refused = refusal.code
        assert refused == expected or (refused and refused == perhaps), (refused, expected)
        return result

    def deliver_news(self, now: datetime) -> None:
        """Let every handler that has news take it in."""
        with clock.stopped(now):
            run_due_deliveries()

    def broken_promises(self, now: datetime) -> list[str]:
        """Name the invariants that do not hold."""
        with clock.stopped(now):
            return broken(self.app.extensions["bangfu.invariants"])

    def books(self, model: Market) -> dict[str, Any]:
        """Read everything that the model has an opinion on."""
        db.session.rollback()
        order_ids = [OrderId(order.id) for order in model.orders]
        quota = select(Quota.held_fen, Quota.spent_fen).where(Quota.id == self.quota.id)
        capacities = select(Capacity.certificate_id, Capacity.held, Capacity.sold)
        held = select(Lot.listing_id, func.sum(Lot.held)).group_by(Lot.listing_id)
        listings = {listing: index for index, listing in enumerate(self.listings)}
        certificates = {one.id: index for index, one in enumerate(self.certificates)}
        return {
            "quota": tuple(db.session.execute(quota).one()),
            "capacity": {
                certificates[row[0]]: (row[1], row[2]) for row in db.session.execute(capacities)
            },
            "held": {listings[row[0]]: row[1] for row in db.session.execute(held)},
            "shipped": {row[0]: row[1] for row in db.session.execute(select(Lot.id, Lot.shipped))},
            "orders": {row[0]: tuple(row[1:]) for row in db.session.execute(_ORDERS)},
            "lines": {row[0]: tuple(row[1:]) for row in db.session.execute(_LINES)},
            "money": {
                line: money
                for order_id in order_ids
                for line, money in sum_money_by_line(SYSTEM, order_id).items()
            },
            "shares": {
                (line.order_line_id, share.party_id): share.amount_fen
                for order_id in order_ids
                for line in get_order_split(SYSTEM, order_id).lines
                for share in line.shares
            },
            "ledger": {key: ledger.balance(ledger.account(*key)) for key in _accounts(model)},
        }


_ORDERS = select(
    PurchaseOrder.id,
    PurchaseOrder.order_status,
    PurchaseOrder.fulfilment_status,
    PurchaseOrder.payment_status,
    PurchaseOrder.pending_fen,
    PurchaseOrder.paid_fen,
    PurchaseOrder.refunded_fen,
    PurchaseOrder.accepted_fen,
)
_LINES = select(
    OrderLine.id,
    OrderLine.shipped_quantity,
    OrderLine.accepted_quantity,
    OrderLine.rejected_quantity,
    OrderLine.accepted_fen,
)


def _accounts(model: Market) -> list[tuple[str, UUID]]:
    """Name every ledger account that the model knows, by kind and owner."""
    households = {household for lot in model.lots.values() for household in lot.grown}
    return [
        ("cooperative_payable", model.cooperative),
        *(("household_payable", one) for one in sorted(households)),
        *(("order", order.id) for order in model.orders),
    ]


def opinion(model: Market) -> dict[str, Any]:
    """Say what the books must say."""
    orders, listings = model.orders, range(len(model.factors))
    lines = [line for order in orders for line in order.lines]
    balances = dict.fromkeys(_accounts(model), 0)
    for order in orders:
        split = sum(sum(line.net.values()) for line in order.lines)
        balances["order", order.id] = order.paid() - order.refunded - split
    for line in lines:
        for (kind, party), amount in line.net.items():
            balances[f"{kind}_payable", party] += amount
    return {
        "quota": (
            sum(order.held_fen() for order in orders),
            sum(order.paid() - order.refunded for order in orders),
        ),
        "capacity": {one: model.capacity(one) for one in listings},
        "held": {
            one: model.stock_held(one)
            for one in listings
            if any(lot.listing == one for lot in model.lots.values())
        },
        "shipped": {lot.id: model.lot_shipped(lot) for lot in model.lots.values()},
        "orders": {
            order.id: (
                order.status,
                order.fulfilment,
                order.payment,
                order.paid("pending"),
                order.paid(),
                order.refunded,
                sum(line.accepted_fen for line in order.lines),
            )
            for order in orders
        },
        "lines": {
            line.id: (line.shipped, line.accepted, line.rejected, worth(line.accepted, line.price))
            for line in lines
        },
        "money": {line.id: (line.came, line.back) for line in lines if line.came},
        "shares": {
            (line.id, party): amount for line in lines for (_, party), amount in line.net.items()
        },
        "ledger": balances,
    }


def stage(app: Flask, now: datetime) -> Stage:
    """Set the market up; the unit's own threshold asks for approval of larger orders."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    cooperative = registry.organisation()
    people = {
        "buyer": registry.user(unit, [Role.CANTEEN_BUYER]),
        "approver": registry.user(unit, [Role.UNIT_APPROVER]),
        "finance": registry.user(unit, [Role.UNIT_FINANCE]),
        "admin": registry.user(unit, [Role.UNIT_ADMIN]),
        "clerk": registry.user(cooperative, [Role.COOP_CLERK]),
        "manager": registry.user(cooperative, [Role.COOP_MANAGER]),
        "reviewer": certification.reviewer_of("province"),
    }
    by = {name: registry.actor_of(user) for name, user in people.items()}
    set_threshold(NewThreshold(Fen(THRESHOLD), "内部制度"), by=by["admin"], now=now)
    households = [registry.household() for _ in range(3)]
    for one in households:
        registry.benefit_link(one, cooperative)
    certificates = [
        certification.certificate(cooperative, str(DECLARED), origin_kind=kind) for kind in KINDS
    ]
    listings = []
    for certificate, unit_of, price in zip(certificates, UNITS, PRICES, strict=True):
        new = NewListing(
            certificate_id=certificate.id,
            title="演示产品",
            unit=unit_of,
            step=Decimal("0.1") if unit_of is Unit.KG else Decimal(1),
            unit_price_fen=Fen(price),
        )
        made = create_listing(new, by=by["clerk"], now=now)
        publish_listing(made.id, expected_version=None, by=by["clerk"], now=now)
        listings.append(made.id)
    return Stage(
        app=app,
        unit=unit,
        cooperative=cooperative,
        by=by,
        households=households,
        certificates=certificates,
        listings=listings,
        quota=procurement.quota(unit, CEILING),
    )
