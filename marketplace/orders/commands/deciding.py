"""Deciding on an order: approve, reject, confirm, call off, let lapse, find it done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_

from certification.certificates.commands.capacities import CapacityMove, release_capacity
from certification.certificates.models.capacities import CapacityId
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.errors import check_version
from kernel.events import Event, record
from marketplace.campaigns.commands.commissions import lapse_commission
from marketplace.events import (
    OrderApproved,
    OrderCancelled,
    OrderConfirmed,
    OrderEscalated,
    OrderExpired,
    OrderSentBack,
)
from marketplace.lots.commands.stock import StockMove, refresh_available, release_stock
from marketplace.lots.queries import list_line_holds
from marketplace.orders.commands.contracts import sign_contract
from marketplace.orders.models.orders import OrderId, OrderStatus, PurchaseOrder
from marketplace.orders.queries import finding
from marketplace.orders.queries.approvals import find_late_order
from marketplace.orders.queries.showing import OrderView, get_order_view
from marketplace.orders.rules import orders as rules
from procurement.approvals.commands.steps import take_step
from procurement.approvals.commands.terms import next_due
from procurement.approvals.models import ApprovalStep, StepAct
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity


def approve_order(
    order_id: OrderId, *, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Approve an order of one's own or a subordinate unit (WrongState, SamePerson).

    Where its band wants two people, it waits on for the second.
    """
    order = finding.lock_order(by, order_id, finding.bound_to(by))
    check_version(order.version, expected_version)
    rules.check_decision(order, by=by)
    step = _decide(order, StepAct.APPROVE, by=by, now=now)
    if step.position < order.approvals_wanted:
        order.approval_due_at, order.escalated_at = next_due(now=now), None
        _note(order, "order_approval_begun", by=by, now=now)
        return get_order_view(by, order.id)
    order.order_status, order.approval_due_at = OrderStatus.PLACED, None
    tell(order, "order_approved", OrderApproved(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def reject_order(
    order_id: OrderId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Turn an order down; all it held is free (WrongState, SamePerson)."""
    order = finding.lock_order(by, order_id, finding.bound_to(by))
    check_version(order.version, expected_version)
    rules.check_decision(order, by=by)
    _decide(order, StepAct.REJECT, by=by, now=now)
    _close(order, OrderStatus.CANCELLED, reason=reason, now=now)
    tell(order, "order_rejected", OrderCancelled(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def send_back_order(
    order_id: OrderId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Give an order that waits for approval back to its author, with a reason; all it held is free.

    An order's content never changes, so it is ordered anew: the draft says what was asked for.
    Refuses WrongState, SamePerson.
    """
    check_clear_of_identity(reason, pointer="/reason")
    order = finding.lock_order(by, order_id, finding.bound_to(by))
    check_version(order.version, expected_version)
    rules.check_decision(order, by=by)
    _decide(order, StepAct.SEND_BACK, by=by, now=now)
    order.order_status, order.close_reason = OrderStatus.DRAFT, reason
    order.approval_due_at = None
    _give_back(order, now=now)
    tell(order, "order_sent_back", OrderSentBack(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def confirm_order(
    order_id: OrderId, *, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Take an order on, as its supplier; both sides have signed its contract (WrongState)."""
    order = finding.lock_order(by, order_id, finding.sold_by(by))
    check_version(order.version, expected_version)
    rules.check_move(order, OrderStatus.CONFIRMED)
    order.order_status = OrderStatus.CONFIRMED
    order.confirmed_by, order.confirmed_at = UserId(by.user_id), now
    sign_contract(order, by=by, now=now)
    tell(order, "order_confirmed", OrderConfirmed(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def cancel_order(
    order_id: OrderId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Call an order off from either side, before anything is shipped or paid (WrongState)."""
    order = finding.lock_order(by, order_id, or_(finding.bought_by(by), finding.sold_by(by)))
    check_version(order.version, expected_version)
    rules.check_cancelling(order)
    _close(order, OrderStatus.CANCELLED, reason=reason, now=now)
    tell(order, "order_cancelled", OrderCancelled(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def expire_next(*, now: datetime) -> int:
    """Let the order lapse whose time was over first; give how many there were, 0 or 1."""
    order = finding.find_due_order(SYSTEM, now=now)
    if order is None or not rules.may_expire(order, now=now):
        return 0
    _close(order, OrderStatus.EXPIRED, reason="", now=now)
    tell(order, "order_expired", OrderExpired(order_id=order.id), by=SYSTEM, now=now)
    return 1


def escalate_next(*, now: datetime) -> int:
    """Tell upwards of the order that has waited too long first; give how many there were."""
    order = find_late_order(SYSTEM, now=now)
    if order is None:
        return 0
    order.escalated_at = now
    unit_id = order.bound_unit_id
    event = OrderEscalated(order_id=order.id, unit_id=unit_id)
    tell(order, "order_escalated", event, by=SYSTEM, now=now)
    return 1


def finish_order(order: PurchaseOrder, *, now: datetime) -> None:
    """Complete a locked order once all of it is taken in and paid; otherwise leave it.

    Where nothing was taken in, the money held for its freight comes free.
    """
    if rules.is_done(order):
        order.order_status = OrderStatus.COMPLETED
        order.completed_at = order.closed_at = now
        if order.freight_fen and not order.accepted_fen:
            quotas.release(order_id=order.id, amounts=None, now=now)


def _decide(order: PurchaseOrder, act: StepAct, *, by: Actor, now: datetime) -> ApprovalStep:
    """Write down who decides, and for whom where an approver is away (NotAllowed, SamePerson)."""
    unit_id, author_id = order.bound_unit_id, order.author_id
    step = take_step(order.id, act, unit_id=unit_id, author_id=author_id, by=by, now=now)
    order.decided_for = None if step.right_of == step.by_user_id else step.right_of
    order.decided_by, order.decided_at = step.by_user_id, now
    return step


def _close(order: PurchaseOrder, status: OrderStatus, *, reason: str, now: datetime) -> None:
    """End an order and give back at once whatever it still holds."""
    order.order_status, order.approval_due_at = status, None
    order.closed_at, order.close_reason = now, reason or None
    _give_back(order, now=now, expired=status is OrderStatus.EXPIRED)


def _give_back(order: PurchaseOrder, *, now: datetime, expired: bool = False) -> None:
    """Free whatever an order holds, in the order of the gates."""
    if order.kind is OrderKind.COMMISSIONED_FARMING:
        lapse_commission(order.id, now=now)
    lines = finding.list_lines(SYSTEM, order.id)
    quotas.release(order_id=order.id, amounts=None, now=now, expired=expired)
    capacity = [CapacityMove(line.id, CapacityId(line.capacity_id)) for line in lines]
    release_capacity(capacity, now=now, expired=expired)
    holds = list_line_holds(SYSTEM, [line.id for line in lines])
    stock = [StockMove(one.lot_id, one.order_line_id) for one in holds]
    release_stock(stock, now=now, expired=expired)
    refresh_available({line.listing_id for line in lines}, now=now)


def tell(order: PurchaseOrder, action: str, event: Event, *, by: Actor, now: datetime) -> None:
    """Write a change down: the row, who did it, and the news of it."""
    _note(order, action, by=by, now=now)
    record(event, now=now)


def _note(order: PurchaseOrder, action: str, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    after = {"number": order.number, "status": order.order_status, "version": order.version}
    audit.write(action, subject=("order", order.id), by=by, now=now, after=after)
