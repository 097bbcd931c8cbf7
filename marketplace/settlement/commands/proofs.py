"""Lines of statements that prove payments of the treasury: of a whole order of it, or of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import Refusal
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import lock_order
from marketplace.settlement.commands.placing import Placing, claim_of, confirm_by, settle
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentState
from marketplace.settlement.models.statements import BankAccount, BankLine, LineState, Outcome
from marketplace.settlement.models.treasury import TreasuryOrderId, TreasuryOrderStatus
from marketplace.settlement.queries import treasury as queries
from marketplace.settlement.queries.statements import paid_into
from marketplace.settlement.rules import statements as rules
from marketplace.settlement.rules.statements import Announced


@dataclass(frozen=True, slots=True)
class Meant:
    """The treasury orders that a line means; by their number, or guessed from something else.

    `only` is the one payment of them that it names.
    """

    ids: Sequence[TreasuryOrderId]
    by_number: bool = False
    only: PaymentId | None = None


def prove(line: BankLine, *, account: BankAccount, placing: Placing) -> bool:
    """Let a line prove, to the fen, what the treasury pays; say whether anything was decided.

    A line that gives a treasury order's number and does not fit is left to people.
    """
    meant = _meant(line, account)
    if not meant.ids:
        return False
    try:
        with db.session.begin_nested():
            if _place(line, meant, account=account, placing=placing):
                settle(line, placing)
                return True
            return meant.by_number
    except Refusal:
        db.session.refresh(line)
        line.outcome, line.state = Outcome.UNCLEAR, LineState.OPEN
        return True


def prove_by_hand(
    line: BankLine, order: PurchaseOrder, amount: Fen, *, account: BankAccount, placing: Placing
) -> bool:
    """Let a line prove the treasury's payment of just this sum for a locked order, if one is left.

    Not where finance announced a transfer of just this sum. Its treasury order was locked before
    (`lock_drawn_for`).
    """
    announced = claim_of(order, set(), hand=placing.hand).announced
    if any(one.amount == amount for one in announced):
        return False
    left = _usable(account, [order.id], placing=placing)
    just = next((one for one in left if one.amount_fen == amount), None)
    if just is None:
        return False
    confirm_by(line, just, order, account=account, placing=placing)
    _close(line, [just], placing=placing)
    return True


def lock_drawn_for(order_ids: Collection[OrderId]) -> None:
    """Lock the treasury orders that pay these orders, before the orders themselves."""
    queries.lock_treasury_orders(SYSTEM, queries.list_drawn_for(SYSTEM, order_ids))


def _meant(line: BankLine, account: BankAccount) -> Meant:
    """Say what a line means: by a treasury order's number, its voucher, or one payment's sum."""
    places = rules.numbers_in(line.remark)
    numbers = [number for one in places for number in one]
    if numbers:
        known = queries.find_numbered(SYSTEM, numbers)
        named = [known[number] for one in places for number in one if number in known]
        if named:
            return Meant(sorted(set(named)), by_number=True)
        just = queries.find_just(SYSTEM, account, numbers=numbers, amount=line.amount_fen)
        if just is not None and just.treasury_order_id is not None:
            return Meant([just.treasury_order_id], only=just.id)
    if line.bank_reference:
        return Meant(queries.find_vouched(SYSTEM, line.bank_reference))
    return Meant([])


def _place(line: BankLine, meant: Meant, *, account: BankAccount, placing: Placing) -> bool:
    """Confirm what a line proves, under the locks; or note why it proves nothing."""
    queries.lock_treasury_orders(SYSTEM, meant.ids)
    order_ids = queries.list_orders_paid(SYSTEM, account, meant.ids)
    orders = {one: lock_order(SYSTEM, one, paid_into(account)) for one in order_ids}
    left = [
        one
        for one in _usable(account, order_ids, placing=placing)
        if one.treasury_order_id in meant.ids and meant.only in {None, one.id}
    ]
    drawn = [Announced(one.id, one.amount_fen) for one in left]
    proven = rules.proven(line.amount_fen, drawn)
    if not proven:
        if meant.by_number:
            line.outcome, line.state = _misfit(order_ids, left), LineState.OPEN
        return False
    line.outcome = Outcome.EXACT if len(proven) == 1 else Outcome.JOINT
    shown = [one for one in left if one.id in proven]
    for payment in shown:
        order = orders[payment.order_id]
        confirm_by(line, payment, order, account=account, placing=placing)
    _close(line, shown, placing=placing)
    return True


def _misfit(order_ids: Sequence[OrderId], left: Sequence[Payment]) -> Outcome:
    if not order_ids:
        return Outcome.WRONG_ACCOUNT
    return Outcome.UNCLEAR if left else Outcome.CLOSED


def _usable(
    account: BankAccount, order_ids: Collection[OrderId], *, placing: Placing
) -> list[Payment]:
    """List what a line may prove: not what whoever hands it in registered, and nobody confirmed."""
    return [
        one
        for one in queries.list_unshown(SYSTEM, account, order_ids)
        if one.status is PaymentState.CONFIRMED or one.registered_by != placing.hand
    ]


def _close(line: BankLine, shown: Sequence[Payment], *, placing: Placing) -> None:
    """Say of the treasury orders whose last payment a line confirmed that they are paid."""
    db.session.flush()
    ids = {one.treasury_order_id for one in shown if one.treasury_order_id is not None}
    for drawn in queries.lock_treasury_orders(SYSTEM, ids):
        still = drawn.status is TreasuryOrderStatus.DRAWN
        if not still or queries.has_pending(SYSTEM, drawn.id):
            continue
        drawn.status, drawn.line_id = TreasuryOrderStatus.PAID, line.id
        drawn.decided_by, drawn.decided_at = placing.hand, placing.now
        after = {"number": drawn.number, "status": drawn.status, "line_id": line.id}
        subject = ("treasury_order", drawn.id)
        audit.write(
            "treasury_order.prove", subject=subject, by=placing.by, now=placing.now, after=after
        )
