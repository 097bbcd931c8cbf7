"""How so much of a statement's line comes to pay an order: announcements first, then the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.orders.commands.reviving import revive_order
from marketplace.orders.models.orders import OrderStatus, PurchaseOrder
from marketplace.settlement.commands.booking import book_payment, parts_of
from marketplace.settlement.commands.funds import collect
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentMethod, PaymentState
from marketplace.settlement.models.statements import (
    BankAccount,
    BankLine,
    LineMatch,
    LineState,
    Outcome,
)
from marketplace.settlement.queries import payments
from marketplace.settlement.queries import statements as queries
from marketplace.settlement.rules import payments as payment_rules
from marketplace.settlement.rules import statements as rules
from marketplace.settlement.rules.statements import Announced, Claim
from registry.accounts.models import UserId


@dataclass(frozen=True, slots=True)
class Placing:
    """Who places a line, and how it was found out."""

    by: Actor
    hand: UserId
    outcome: Outcome
    now: datetime


def claim_of(order: PurchaseOrder, named: set[PaymentId], *, hand: UserId) -> Claim:
    """Gather what a locked order may still be paid by bank, and what of it was announced."""
    owed = payment_rules.due(parts_of(order, by=SYSTEM), pending=Fen(0))
    usable = _usable(order, hand=hand)
    apart = order.pending_fen - sum(one.amount_fen for one in usable)
    announced = tuple(Announced(one.id, one.amount_fen, one.id in named) for one in usable)
    return Claim(order.id, Fen(max(0, owed - apart)), order.order_status, announced)


def _usable(order: PurchaseOrder, *, hand: UserId) -> list[Payment]:
    """List the pending payments that a line may confirm: not those of whoever hands it in."""
    return [
        one
        for one in queries.list_pending(SYSTEM, order.id)
        if one.method in queries.BY_BANK
        and one.treasury_order_id is None
        and one.registered_by != hand
    ]


def place(
    line: BankLine,
    order: PurchaseOrder,
    amount: Fen,
    *,
    account: BankAccount,
    placing: Placing,
) -> None:
    """Let so much of a line pay a locked order: what was announced first, then the rest.

    One that lapsed stands again, under all gates, or what they refuse is refused.
    """
    if order.order_status is OrderStatus.EXPIRED:
        revive_order(order, now=placing.now)
    claim = claim_of(order, set(), hand=placing.hand)
    payment_rules.check_payable(order)
    payment_rules.check_amount(amount, due=claim.due)
    taken, rest = rules.take_announced(amount, claim.announced)
    for payment_id, part in taken:
        payment = payments.lock_payment(SYSTEM, payment_id)
        if part < payment.amount_fen:
            _split(payment, part)
        confirm_by(line, payment, order, account=account, placing=placing)
    if rest:
        payment = _unannounced(line, order, rest, now=placing.now)
        confirm_by(line, payment, order, account=account, placing=placing)


def confirm_by(
    line: BankLine,
    payment: Payment,
    order: PurchaseOrder,
    *,
    account: BankAccount,
    placing: Placing,
) -> None:
    """Let a line confirm a payment of a locked order; what counts already is only shown by it."""
    action = "payment.show" if payment.status is PaymentState.CONFIRMED else "payment.confirm"
    payment.collected = account.collects
    if payment.status is not PaymentState.CONFIRMED:
        book_payment(payment, order=order, by=placing.by, now=placing.now, hand=placing.hand)
    if payment.collected:
        collect(payment, supplier_id=order.supplier_id, now=placing.now)
    line.matched_fen = Fen(line.matched_fen + payment.amount_fen)
    match = LineMatch(
        id=new_id(),
        line_id=line.id,
        payment_id=payment.id,
        order_id=order.id,
        amount_fen=payment.amount_fen,
        by_id=placing.hand,
        at=placing.now,
    )
    db.session.add(match)
    after = {"line_id": line.id, "order_id": order.id, "amount_fen": payment.amount_fen}
    subject = ("payment", payment.id)
    audit.write(action, subject=subject, by=placing.by, now=placing.now, after=after)


def _split(payment: Payment, part: Fen) -> None:
    """Leave what a line does not confirm of an announcement pending, under a number of its own."""
    names = ("order_id", "method", "reference", "author_id", "approver_id", "registered_by")
    rest = Payment(
        **{name: getattr(payment, name) for name in names},
        id=PaymentId(new_id()),
        number=_number_like(payment.number, now=payment.registered_at),
        amount_fen=Fen(payment.amount_fen - part),
        refunded_fen=Fen(0),
        status=PaymentState.PENDING,
        registered_at=payment.registered_at,
    )
    payment.amount_fen = part
    db.session.add(rest)


def _unannounced(line: BankLine, order: PurchaseOrder, amount: Fen, *, now: datetime) -> Payment:
    return Payment(
        id=PaymentId(new_id()),
        number=_number_like(order.number, now=now),
        order_id=order.id,
        method=PaymentMethod.BANK_TRANSFER,
        amount_fen=amount,
        refunded_fen=Fen(0),
        reference=line.bank_reference,
        author_id=order.author_id,
        approver_id=order.decided_by,
        registered_by=None,
        registered_at=now,
    )


def _number_like(number: str, *, now: datetime) -> str:
    """Give a payment the next number in the region of an order or another payment."""
    region_code = number.split("-")[3]
    return next_number("BF-P", region_code=region_code, year=shanghai_year(now))


def settle(line: BankLine, placing: Placing) -> None:
    """Say that a line has its place once nothing of it is left."""
    if not rules.left_of(line):
        line.state = LineState.MATCHED
    elif line.state is LineState.NEW:
        line.state = LineState.OPEN
    line.decided_by, line.decided_at = placing.hand, placing.now
    db.session.flush()
