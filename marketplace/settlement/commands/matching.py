"""What is made of a line of a statement: the orders it pays, found by itself or by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.errors import Refusal, check_version
from kernel.events import record
from kernel.money import Fen
from marketplace.events import StatementRead
from marketplace.orders.commands.reviving import revive_order
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import lock_order
from marketplace.settlement.commands.placing import Placing, claim_of, place, settle
from marketplace.settlement.commands.proofs import lock_drawn_for, prove, prove_by_hand
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.statements import (
    BankAccount,
    BankAccountId,
    BankLine,
    BankLineId,
    LineState,
    Outcome,
)
from marketplace.settlement.queries import statements as queries
from marketplace.settlement.queries.statements import LineView
from marketplace.settlement.rules import statements as rules
from registry.accounts.models import UserId

AT_ONCE = 50
"""So many lines are looked at in one transaction."""
LATE = "款项到达时订单已失效，请人工处理 / the order had lapsed when the money came"


@dataclass(frozen=True, slots=True)
class LinePart:
    """So much of a line for one order."""

    order_id: OrderId
    amount_fen: Fen


def match_lines(account_id: BankAccountId, *, now: datetime) -> int:
    """Look at the lines of an account that nobody looked at, some at a time; give how many.

    What is left is told of again, so that no transaction holds the orders of a whole statement.
    """
    lines = queries.lock_new_lines(SYSTEM, account_id, limit=AT_ONCE)
    for line in lines:
        if line.state is LineState.NEW:  # one before it may have taken it back
            _match(line, now=now)
        _note("bank_line.look", line, by=SYSTEM, now=now)
    if len(lines) == AT_ONCE:
        record(StatementRead(account_id=account_id), now=now)
    return len(lines)


def match_by_hand(
    line_id: BankLineId,
    parts: Sequence[LinePart],
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> LineView:
    """Place a line, or a part of it, on one order or split over several.

    Refuses a line that waits for nobody (WrongState), more than is left of it (MatchExceedsLine)
    or due (AmountExceedsDue), and an order whose money does not come to this account (NotFound).
    """
    line = queries.lock_line(by, line_id)
    check_version(line.version, expected_version)
    rules.check_waits(line)
    rules.check_came_in(line)
    rules.check_parts(line, [part.amount_fen for part in parts])
    account = queries.get_account(by, line.account_id)
    wanted = {part.order_id for part in parts}
    lock_drawn_for(wanted)
    orders = _lock(wanted, account=account, by=by)
    placing = Placing(by, UserId(by.user_id), Outcome.BY_HAND, now)
    amounts: dict[OrderId, Fen] = {}
    for part in parts:
        amounts[part.order_id] = Fen(amounts.get(part.order_id, 0) + part.amount_fen)
    for order in orders:
        amount = amounts[order.id]
        if not prove_by_hand(line, order, amount, account=account, placing=placing):
            place(line, order, amount, account=account, placing=placing)
    line.outcome, line.reason = Outcome.BY_HAND, None
    settle(line, placing)
    _note("bank_line.match", line, by=by, now=now)
    return queries.get_line_view(by, line.id)


def _match(line: BankLine, *, now: datetime) -> None:
    """Place a line by what it says itself, or leave it to people with what was found out."""
    placing = Placing(SYSTEM, line.read_by, Outcome.EXACT, now)
    if line.amount_fen < 0:
        _take_back(line, placing)
        return
    account = db.session.get_one(BankAccount, line.account_id)
    if prove(line, account=account, placing=placing):
        return
    named, found = _named(line, account)
    orders = _lock(named, account=account, by=SYSTEM)
    by_key = {order.id: order for order in orders}
    claims = [claim_of(by_key[key], found, hand=line.read_by) for key in named if key in by_key]
    if len(claims) < len(named):
        line.outcome, line.state = Outcome.WRONG_ACCOUNT, LineState.OPEN
        return
    proposal = rules.propose(line.amount_fen, claims)
    late = proposal.outcome is Outcome.LATE
    try:
        with db.session.begin_nested():
            if late:
                revive_order(orders[0], now=now)
                again = claim_of(orders[0], found, hand=line.read_by)
                proposal = rules.propose(line.amount_fen, [again])
            line.outcome, line.state = proposal.outcome, LineState.OPEN
            for key, amount in sorted(proposal.parts):
                place(line, by_key[key], amount, account=account, placing=placing)
            settle(line, placing)
    except Refusal as refused:
        db.session.refresh(line)
        line.outcome, line.state = Outcome.UNCLEAR, LineState.OPEN
        if late:
            _park(line, refused, placing)


def _park(line: BankLine, refused: Refusal, placing: Placing) -> None:
    """Show money to people whose order could not stand again, and why."""
    line.outcome, line.state = Outcome.LATE, LineState.PARKED
    line.reason = f"{LATE}（{refused.code}）"
    settle(line, placing)


def _named(line: BankLine, account: BankAccount) -> tuple[list[OrderId], set[PaymentId]]:
    """Say which orders, and payments by their own number, a line names; in its order.

    Without a number: the one order of which just this amount was announced with the bank's
    reference, or by a unit of the payer's name.
    """
    places = rules.numbers_in(line.remark)
    known = queries.find_named(SYSTEM, [number for one in places for number in one])
    orders: dict[OrderId, None] = {}
    payments_named: set[PaymentId] = set()
    for one in places:
        for order_id, payment_id in [known[number] for number in one if number in known][:1]:
            orders[order_id] = None
            payments_named |= {payment_id} if payment_id else set()
    if orders:
        return list(orders), payments_named
    found: list[OrderId] = []
    if line.bank_reference:
        found = queries.find_by_reference(
            SYSTEM, account, reference=line.bank_reference, amount=line.amount_fen
        )
    if not found and line.payer_name:
        names = [line.payer_name]
        found = queries.find_by_payer(SYSTEM, account, names=names, amount=line.amount_fen)
    return (found if len(found) == 1 else []), payments_named


def _lock(order_ids: Iterable[OrderId], *, account: BankAccount, by: Actor) -> list[PurchaseOrder]:
    """Lock orders in the order of their keys; by hand, one of another account is NotFound."""
    wanted = sorted(set(order_ids))
    if by is SYSTEM:
        fitting = queries.list_paid_into(by, account, wanted)
        wanted = [one for one in wanted if one in fitting]
    return [lock_order(by, one, queries.paid_into(account)) for one in wanted]


def _take_back(line: BankLine, placing: Placing) -> None:
    """Pair a reversal with the line it takes back, as long as that paid nothing; else note it."""
    line.outcome, line.state = Outcome.DEBIT, LineState.NOTED
    if not rules.is_reversal(line.remark):
        return
    line.outcome, line.state = Outcome.REVERSAL, LineState.OPEN
    same = [
        one
        for one in queries.lock_reversed(SYSTEM, line)
        if (one.payer_account, one.payer_name) == (line.payer_account, line.payer_name)
    ]
    if same:
        pair_reversal(line, same[0], placing)


def pair_reversal(line: BankLine, taken_back: BankLine, placing: Placing) -> None:
    """Write down that one locked line takes another one back."""
    line.state, line.reverses_id = LineState.REVERSED, taken_back.id
    if not taken_back.matched_fen:
        taken_back.state = LineState.REVERSED
    for one in (line, taken_back):
        one.decided_by, one.decided_at = placing.hand, placing.now
    db.session.flush()


def _note(action: str, line: BankLine, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    after = {
        "state": line.state,
        "outcome": line.outcome,
        "matched_fen": line.matched_fen,
        "version": line.version,
    }
    audit.write(action, subject=("bank_line", line.id), by=by, now=now, after=after)
