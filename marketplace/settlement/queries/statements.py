"""Which bank accounts and statement lines there are, and which orders a line may be for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, func, select, true
from sqlalchemy.orm import aliased

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentMethod, PaymentState
from marketplace.settlement.models.statements import (
    BankAccount,
    BankAccountId,
    BankLine,
    BankLineId,
    LineMatch,
    LineState,
    Outcome,
)
from registry.accounts.models import Role
from registry.organisations.models import Organisation

BY_BANK = (PaymentMethod.BANK_TRANSFER, PaymentMethod.TREASURY)


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with the payments that it confirmed; `left_fen` has no place yet."""

    line: BankLine
    matches: Sequence[LineMatch]
    left_fen: Fen


@dataclass(frozen=True)
class LineFilter:
    """Which lines to list; None leaves a side open.

    `reversible_by` is a line that took money back: those are meant that it may be paired with.
    """

    account_id: BankAccountId | None = None
    state: LineState | None = None
    outcome: Outcome | None = None
    reversible_by: BankLineId | None = None


def owned(actor: Actor) -> ColumnElement[bool]:
    """Say, of `BankAccount`, that the actor sees it: its organisation's, or as an auditor."""
    if actor.has(Role.AUDITOR) and actor.sight is Sight.ALL:
        return true()
    if actor.organisation_id is None:
        return false()
    return BankAccount.organisation_id == actor.organisation_id


def get_account(actor: Actor, account_id: BankAccountId) -> BankAccount:
    """Get an account in the actor's sight (NotFound)."""
    return one(select(BankAccount).where(BankAccount.id == account_id, owned(actor)))


def lock_account(actor: Actor, account_id: BankAccountId) -> BankAccount:
    """Get an account in the actor's sight, locked (NotFound)."""
    return locked(select(BankAccount).where(BankAccount.id == account_id, owned(actor)))


def list_accounts(actor: Actor, *, limit: int, cursor: str | None) -> Page[BankAccount]:
    """List the accounts in the actor's sight, the newest first."""
    statement = select(BankAccount).where(owned(actor))
    return page(statement, keys=[(BankAccount.id, True)], limit=limit, cursor=cursor)


def get_line_view(actor: Actor, line_id: BankLineId) -> LineView:
    """Get a line of an account in the actor's sight (NotFound)."""
    return _views([one(_lines(actor).where(BankLine.id == line_id))])[0]


def list_lines_of(
    actor: Actor, wanted: LineFilter, *, limit: int, cursor: str | None
) -> Page[LineView]:
    """List the lines in the actor's sight, the newest first."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    own = {name: value for name, value in asked.items() if name != "reversible_by"}
    statement = _lines(actor).filter_by(**own)
    if wanted.reversible_by is not None:
        statement = statement.where(_reversible_by(wanted.reversible_by))
    found = page(
        statement,
        keys=[(BankLine.booked_on, True), (BankLine.position, True)],
        limit=limit,
        cursor=cursor,
        filters=asked,
    )
    return Page(_views(found.items), found.next_cursor)


def lock_line(actor: Actor, line_id: BankLineId) -> BankLine:
    """Get a line of an account in the actor's sight, locked (NotFound)."""
    statement = _lines(actor).where(BankLine.id == line_id)
    return locked(statement, of=BankLine, key_share=True)


def lock_new_lines(actor: Actor, account_id: BankAccountId, *, limit: int) -> list[BankLine]:
    """List, locked, lines that were read and not looked at; those that others hold are left."""
    del actor  # only the news asks
    statement = (
        select(BankLine)
        .where(BankLine.account_id == account_id, BankLine.state == LineState.NEW)
        .order_by(BankLine.position)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


def lock_reversed(actor: Actor, line: BankLine) -> list[BankLine]:
    """List, locked, the lines that a reversal may take back whole, the newest first."""
    del actor  # the line that asks was found in the actor's sight
    statement = (
        select(BankLine)
        .where(
            BankLine.account_id == line.account_id,
            BankLine.amount_fen == -line.amount_fen,
            BankLine.state.in_((LineState.NEW, LineState.OPEN, LineState.PARKED)),
            BankLine.matched_fen == 0,
            BankLine.returned_fen == 0,
        )
        .order_by(BankLine.position.desc())
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


def sum_refunded(actor: Actor, line_id: BankLineId) -> Fen:
    """Add up what went back of the payments that a line confirmed."""
    del actor  # the line that asks was found in the actor's sight
    statement = (
        select(func.coalesce(func.sum(Payment.refunded_fen), 0))
        .join(LineMatch, LineMatch.payment_id == Payment.id)
        .where(LineMatch.line_id == line_id)
    )
    return Fen(int(db.session.execute(statement).scalar_one()))


def find_named(
    actor: Actor, numbers: Collection[str]
) -> dict[str, tuple[OrderId, PaymentId | None]]:
    """Find which orders and payments bear these numbers."""
    del actor  # what is not the account's is told apart by its owner
    orders = select(PurchaseOrder.number, PurchaseOrder.id).where(PurchaseOrder.number.in_(numbers))
    payments = select(Payment.number, Payment.order_id, Payment.id).where(
        Payment.number.in_(numbers)
    )
    found: dict[str, tuple[OrderId, PaymentId | None]] = {
        number: (OrderId(order_id), None) for number, order_id in db.session.execute(orders)
    }
    for number, order_id, payment_id in db.session.execute(payments):
        found[number] = (OrderId(order_id), PaymentId(payment_id))
    return found


def paid_into(account: BankAccount) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that its money may come to this account."""
    return true() if account.collects else PurchaseOrder.supplier_id == account.organisation_id


def list_paid_into(actor: Actor, account: BankAccount, ids: Collection[OrderId]) -> set[OrderId]:
    """Say which of these orders' money may come to this account."""
    del actor  # the account was found in the actor's sight
    statement = select(PurchaseOrder.id).where(PurchaseOrder.id.in_(ids), paid_into(account))
    return {OrderId(found) for found in db.session.scalars(statement)}


def list_pending(actor: Actor, order_id: OrderId) -> list[Payment]:
    """List the pending payments of an order, the oldest first."""
    del actor  # the order that asks was locked for the actor
    statement = (
        select(Payment)
        .where(Payment.order_id == order_id, Payment.status == PaymentState.PENDING)
        .order_by(Payment.id)
    )
    return list(db.session.scalars(statement))


def find_by_reference(
    actor: Actor, account: BankAccount, *, reference: str, amount: Fen
) -> list[OrderId]:
    """Find the orders of which a payment of this amount was announced with the bank's reference."""
    del actor  # the account was found in the actor's sight
    return _announced(account, Payment.reference == reference, amount=amount)


def find_by_payer(
    actor: Actor, account: BankAccount, *, names: Sequence[str], amount: Fen
) -> list[OrderId]:
    """Find the orders of which a unit of this name announced a payment of this amount."""
    del actor  # the account was found in the actor's sight
    units = select(Organisation.id).where(Organisation.name.in_(names))
    return _announced(account, PurchaseOrder.bound_unit_id.in_(units), amount=amount)


def _announced(
    account: BankAccount, condition: ColumnElement[bool], *, amount: Fen
) -> list[OrderId]:
    statement = (
        select(Payment.order_id)
        .join(PurchaseOrder, PurchaseOrder.id == Payment.order_id)
        .where(
            Payment.status == PaymentState.PENDING,
            Payment.method.in_(BY_BANK),
            Payment.amount_fen == amount,
            paid_into(account),
            condition,
        )
        .order_by(Payment.id)
        .limit(2)
    )
    return [OrderId(found) for found in db.session.scalars(statement)]


def _lines(actor: Actor) -> Select[BankLine]:
    return (
        select(BankLine)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .where(owned(actor))
    )


def _reversible_by(line_id: BankLineId) -> ColumnElement[bool]:
    """Say, of `BankLine`, that this line may take it back, as `check_reversal` wants them."""
    taker, other = aliased(BankLine), aliased(BankLine)
    fits = (
        select(taker.id)
        .where(
            taker.id == line_id,
            taker.amount_fen < 0,
            taker.account_id == BankLine.account_id,
            taker.amount_fen == -BankLine.amount_fen,
        )
        .exists()
    )
    is_taken = select(other.id).where(other.reverses_id == BankLine.id).exists()
    return and_(fits, ~is_taken, BankLine.returned_fen == 0)


def _views(lines: Sequence[BankLine]) -> list[LineView]:
    matches: dict[BankLineId, list[LineMatch]] = defaultdict(list)
    ids = [line.id for line in lines]
    statement = select(LineMatch).where(LineMatch.line_id.in_(ids)).order_by(LineMatch.id)
    for match in db.session.scalars(statement):
        matches[match.line_id].append(match)
    return [
        LineView(
            line,
            matches[line.id],
            Fen(max(0, line.amount_fen) - line.matched_fen - line.returned_fen),
        )
        for line in lines
    ]
