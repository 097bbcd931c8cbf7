"""Which treasury orders there are, the payments each makes, and which of them no line showed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select, true

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from marketplace.settlement.models.payments import Payment, PaymentState
from marketplace.settlement.models.statements import BankAccount, LineMatch
from marketplace.settlement.models.treasury import TreasuryOrder, TreasuryOrderId
from marketplace.settlement.queries.statements import BY_BANK, paid_into


@dataclass(frozen=True, slots=True)
class TreasuryView:
    """A treasury order with its payments, by order."""

    treasury_order: TreasuryOrder
    payments: Sequence[Payment]


def get_treasury_view(actor: Actor, treasury_order_id: TreasuryOrderId) -> TreasuryView:
    """Get a treasury order all of whose orders the actor sees (NotFound)."""
    return _views([one(_seen(actor).where(TreasuryOrder.id == treasury_order_id))])[0]


def list_treasury_orders(actor: Actor, *, limit: int, cursor: str | None) -> Page[TreasuryView]:
    """List the treasury orders all of whose orders the actor sees, the newest first."""
    found = page(_seen(actor), keys=[(TreasuryOrder.id, True)], limit=limit, cursor=cursor)
    return Page(_views(found.items), found.next_cursor)


def lock_treasury_order(actor: Actor, treasury_order_id: TreasuryOrderId) -> TreasuryOrder:
    """Get a treasury order in the actor's sight, locked (NotFound)."""
    statement = _seen(actor).where(TreasuryOrder.id == treasury_order_id)
    return locked(statement, key_share=True)


def find_numbered(actor: Actor, numbers: Collection[str]) -> dict[str, TreasuryOrderId]:
    """Find the treasury orders of these numbers."""
    del actor  # only the look at a line asks
    statement = select(TreasuryOrder).where(TreasuryOrder.number.in_(numbers))
    return {drawn.number: drawn.id for drawn in db.session.scalars(statement)}


def find_vouched(actor: Actor, voucher: str) -> list[TreasuryOrderId]:
    """Find the treasury order that was paid with a voucher."""
    del actor  # only the look at a line asks
    return list(
        db.session.scalars(select(TreasuryOrder.id).where(TreasuryOrder.voucher == voucher))
    )


def find_just(
    actor: Actor, account: BankAccount, *, numbers: Collection[str], amount: Fen
) -> Payment | None:
    """Find the one payment into an account that is named, alone or by its order, of just this sum.

    None where there are two, where a line showed it, or where the treasury does not make it.
    """
    del actor  # the account was found in the actor's sight
    named = or_(Payment.number.in_(numbers), PurchaseOrder.number.in_(numbers))
    statement = _unshown(account).where(named, Payment.amount_fen == amount).limit(2)
    found = db.session.scalars(statement).all()
    return found[0] if len(found) == 1 and found[0].treasury_order_id else None


def lock_treasury_orders(actor: Actor, ids: Iterable[TreasuryOrderId]) -> list[TreasuryOrder]:
    """Lock treasury orders, in the order of their keys."""
    del actor  # what of them comes to an account is asked apart
    statement = (
        select(TreasuryOrder)
        .where(TreasuryOrder.id.in_(list(ids)))
        .order_by(TreasuryOrder.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


def list_drawn_for(actor: Actor, order_ids: Collection[OrderId]) -> set[TreasuryOrderId]:
    """List the treasury orders that pay any of these orders."""
    del actor  # the orders are asked for in the actor's sight
    statement = select(Payment.treasury_order_id).where(
        Payment.order_id.in_(order_ids), Payment.treasury_order_id.is_not(None)
    )
    return {TreasuryOrderId(found) for found in db.session.scalars(statement) if found}


def list_orders_paid(
    actor: Actor, account: BankAccount, ids: Collection[TreasuryOrderId]
) -> list[OrderId]:
    """List the orders that treasury orders pay into an account, by key."""
    del actor  # the account was found in the actor's sight
    statement = (
        select(PurchaseOrder.id)
        .join(Payment, Payment.order_id == PurchaseOrder.id)
        .where(Payment.treasury_order_id.in_(ids), paid_into(account))
        .distinct()
        .order_by(PurchaseOrder.id)
    )
    return [OrderId(found) for found in db.session.scalars(statement)]


def list_unshown(
    actor: Actor, account: BankAccount, order_ids: Collection[OrderId]
) -> list[Payment]:
    """List the payments of orders that the treasury makes into an account and no line showed.

    Not those, on the platform's account, of which money went back before it was seen.
    """
    del actor  # the orders were locked for the actor
    statement = _unshown(account).where(
        Payment.order_id.in_(order_ids),
        Payment.treasury_order_id.is_not(None),
        Payment.refunded_fen == 0 if account.collects else true(),
    )
    return list(db.session.scalars(statement))


def has_pending(actor: Actor, treasury_order_id: TreasuryOrderId) -> bool:
    """Say whether anything of a treasury order is neither paid nor called off."""
    del actor  # it was locked before
    statement = select(Payment.id).where(
        Payment.treasury_order_id == treasury_order_id, Payment.status == PaymentState.PENDING
    )
    return db.session.scalars(statement.limit(1)).first() is not None


def _unshown(account: BankAccount) -> Select[Payment]:
    """Select the payments by bank into an account that stand and that no line showed, by key."""
    shown = select(LineMatch.payment_id).where(LineMatch.payment_id == Payment.id)
    return (
        select(Payment)
        .join(PurchaseOrder, PurchaseOrder.id == Payment.order_id)
        .where(
            paid_into(account),
            Payment.method.in_(BY_BANK),
            Payment.status != PaymentState.CANCELLED,
            ~shown.exists(),
        )
        .order_by(Payment.id)
        .execution_options(populate_existing=True)
    )


def _seen(actor: Actor) -> Select[TreasuryOrder]:
    """Select what pays nothing that the actor does not see."""
    mine = select(PurchaseOrder.id).where(visible_orders(actor))
    hidden = select(Payment.treasury_order_id).where(
        Payment.treasury_order_id.is_not(None), Payment.order_id.not_in(mine)
    )
    return select(TreasuryOrder).where(TreasuryOrder.id.not_in(hidden))


def _views(found: Sequence[TreasuryOrder]) -> list[TreasuryView]:
    payments: dict[TreasuryOrderId | None, list[Payment]] = defaultdict(list)
    statement = (
        select(Payment)
        .where(Payment.treasury_order_id.in_([one.id for one in found]))
        .order_by(Payment.order_id)
        .execution_options(populate_existing=True)
    )
    for payment in db.session.scalars(statement):
        payments[payment.treasury_order_id].append(payment)
    return [TreasuryView(one, payments[one.id]) for one in found]
