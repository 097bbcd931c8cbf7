"""Adopting a plot, its harvest, and what is done when the harvest fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, update

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import WrongState, check_version
from kernel.events import record
from kernel.quantity import convert
from marketplace.campaigns.commands.commissions import Proof, check_proof, move
from marketplace.campaigns.models.commissions import (
    CommissionStatus,
    FailureRule,
    FarmingCommission,
    FarmingCommissionId,
)
from marketplace.campaigns.queries import commissions as queries
from marketplace.campaigns.queries.commissions import CommissionView
from marketplace.campaigns.rules import commissions as rules
from marketplace.events import HarvestFailed
from marketplace.lots.commands.stock import (
    NewLot,
    StockDemand,
    hold_stock,
    record_lot,
    refresh_available,
    remaining,
)
from marketplace.lots.queries import LotView, get_lot_view, list_line_holds
from marketplace.lots.rules import Contribution, Remaining
from marketplace.orders.commands.placing import LineWish, NewOrder, place_adoption
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderId,
    OrderLine,
    OrderStatus,
    PayMode,
    PurchaseOrder,
)
from marketplace.orders.queries import finding
from marketplace.orders.queries.ground import find_ground
from marketplace.orders.queries.showing import Delivery, OrderView
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewAdoption:
    """For which unit and from which fund a plot is adopted, and where its harvest goes."""

    bound_unit_id: OrganisationId
    fund: Fund
    delivery: Delivery


@dataclass(frozen=True)
class NewHarvest:
    """What was harvested of a plot, in its unit: a lot of its growers and the cooperative's own."""

    harvested_on: date
    contributions: Sequence[Contribution] = ()
    own_quantity: Decimal = Decimal(0)
    expires_on: date | None = None


def adopt_plot(
    commission_id: FarmingCommissionId,
    new: NewAdoption,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> OrderView:
    """Adopt a plot: an order of its whole price is placed on its terms, paid first.

    Refuses WrongState, TermsMoved, and what placing refuses.
    """
    plot = queries.lock_commission(by, commission_id)
    check_version(plot.version, expected_version)
    rules.check_move(plot, CommissionStatus.ADOPTED)
    view = place_adoption(_order_of(plot, new, now=now), by=by, now=now)
    [line] = view.lines
    rules.check_price(line.unit_price_fen, of=plot)
    line.prepaid_fen = plot.prepaid_fen
    db.session.execute(
        update(OrderLine).where(OrderLine.id == line.id).values(prepaid_fen=plot.prepaid_fen)
    )
    plot.order_id, plot.adopted_at = view.order.id, now
    plot.buyer_id, plot.bound_unit_id = view.order.buyer_id, view.order.bound_unit_id
    move(plot, CommissionStatus.ADOPTED, by=by, now=now)
    return view


def harvest_plot(
    commission_id: FarmingCommissionId, new: NewHarvest, *, by: Actor, now: datetime
) -> LotView:
    """Record a harvest of a plot as a lot; what its order lacks is held of it in the same step.

    Refuses WrongState, GrowerUnknown, and what recording a lot refuses.
    """
    plot, order = lock_growing(commission_id, finding.sold_by(by), by=by)
    rules.check_move(plot, CommissionStatus.HARVESTED)
    growers = {one.household_id for one in queries.list_growers(by, plot.id)}
    rules.check_growers([one.household_id for one in new.contributions], known=growers)
    [line] = finding.list_lines(SYSTEM, order.id)
    lot = NewLot(
        listing_id=plot.listing_id,
        harvested_on=new.harvested_on,
        unit=line.unit,
        contributions=new.contributions,
        own_quantity=new.own_quantity,
        expires_on=new.expires_on,
    )
    made = record_lot(lot, by=by, now=now).lot
    _hold(order, line, min(_lacking(line), made.total), [remaining(made)], now=now)
    move(plot, CommissionStatus.HARVESTED, by=by, now=now)
    return get_lot_view(by, made.id)


def report_failure(
    commission_id: FarmingCommissionId, proof: Proof, *, by: Actor, now: datetime
) -> CommissionView:
    """Report, as the supplier, that nothing can be harvested; the terms say what follows.

    Refuses WrongState, EvidenceUnfit.
    """
    plot, order = lock_growing(commission_id, finding.sold_by(by), by=by)
    to = rules.after_failure(plot.on_failure)
    rules.check_move(plot, to)
    check_proof(plot, proof, by=by)
    plot.failure = proof.text
    move(plot, to, by=by, now=now)
    record(HarvestFailed(order_id=order.id, commission_id=plot.id), now=now)
    return queries.get_commission_view(by, plot.id)


def settle_failure(
    commission_id: FarmingCommissionId,
    outcome: FailureRule,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> CommissionView:
    """Choose, as the buyer, like goods of the same listing, or the money back.

    Like goods are held under the gate at once, first expired first out, or nothing changes
    (WrongState, StockShort).
    """
    plot, order = lock_growing(commission_id, finding.bought_by(by), by=by)
    check_version(plot.version, expected_version)
    substituted = outcome is FailureRule.SUBSTITUTE
    if plot.status is not CommissionStatus.FAILING:
        raise WrongState(state=plot.status, wanted=CommissionStatus.FAILING)
    if substituted:
        [line] = finding.list_lines(SYSTEM, order.id)
        _hold(order, line, _lacking(line), _stock_of(order, line, now=now), now=now)
    to = CommissionStatus.SUBSTITUTED if substituted else CommissionStatus.FAILED
    move(plot, to, by=by, now=now)
    return queries.get_commission_view(by, plot.id)


def lock_growing(
    commission_id: FarmingCommissionId, side: ColumnElement[bool], *, by: Actor
) -> tuple[FarmingCommission, PurchaseOrder]:
    """Lock the order of a plot, then the plot: one that is taken on, its goods not all in.

    Refuses NotFound where the actor stands on the other side of it, WrongState.
    """
    order_id = queries.find_order_of(by, commission_id)
    if order_id is None:
        plot = queries.lock_commission(by, commission_id)
        raise WrongState(state=plot.status, wanted=CommissionStatus.ADOPTED)
    order = finding.lock_order(by, OrderId(order_id), side)
    plot = queries.lock_commission(by, commission_id)
    if order.order_status is not OrderStatus.CONFIRMED:
        raise WrongState(state=order.order_status, wanted=OrderStatus.CONFIRMED)
    if order.fulfilment_status is FulfilmentStatus.ACCEPTED:
        raise WrongState(state=order.fulfilment_status, wanted=FulfilmentStatus.UNSHIPPED)
    return plot, order


def _order_of(plot: FarmingCommission, new: NewAdoption, *, now: datetime) -> NewOrder:
    return NewOrder(
        kind=OrderKind.COMMISSIONED_FARMING,
        bound_unit_id=new.bound_unit_id,
        year=shanghai_year(now),
        fund=new.fund,
        pay_mode=PayMode.PAY_FIRST,
        lines=[LineWish(plot.listing_id, plot.quantity)],
        delivery=new.delivery,
    )


def _lacking(line: OrderLine) -> Decimal:
    """Give what a line neither sent nor holds, in its unit."""
    held = sum(
        convert(one.left, from_unit=one.unit, to_unit=line.unit)
        for one in list_line_holds(SYSTEM, [line.id])
    )
    return line.due_quantity - line.shipped_quantity - held


def _stock_of(order: PurchaseOrder, line: OrderLine, *, now: datetime) -> Sequence[Remaining]:
    ground = find_ground(
        SYSTEM,
        [line.listing_id],
        unit_id=order.bound_unit_id,
        year=order.year,
        fund=order.fund,
        today=shanghai_day(now),
    )
    return ground.lots[line.listing_id]


def _hold(
    order: PurchaseOrder,
    line: OrderLine,
    quantity: Decimal,
    lots: Sequence[Remaining],
    *,
    now: datetime,
) -> None:
    """Hold goods for the order of a plot under the gate of the lots (StockShort)."""
    if quantity <= 0:
        return
    lines = [(line.id, quantity)]
    demand = StockDemand(line.listing_id, line.title, line.unit, lines, lots)
    hold_stock([demand], expires_at=order.expires_at, now=now)
    refresh_available([line.listing_id], now=now)
