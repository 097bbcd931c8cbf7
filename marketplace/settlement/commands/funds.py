"""What the platform collected for sellers: money comes, goes back, and is taken to be paid out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, text

from kernel import ledger
from kernel.database import db
from kernel.ledger import TransferId
from kernel.money import Fen
from marketplace.errors.settlement import FundsShort
from marketplace.settlement.models.payments import Payment, Refund
from marketplace.settlement.models.remittances import RemittanceLine
from registry.organisations.models import OrganisationId

_COME = text("""
INSERT INTO seller_funds (supplier_id, received_fen, refunded_fen, remitted_fen, short_fen)
VALUES (:supplier_id, :amount, 0, 0, 0)
ON CONFLICT (supplier_id) DO UPDATE SET received_fen = seller_funds.received_fen + :amount,
  short_fen = greatest(0, seller_funds.remitted_fen + seller_funds.refunded_fen
    - seller_funds.received_fen - :amount)
""")
_GO_BACK = text("""
UPDATE seller_funds SET refunded_fen = refunded_fen + :amount,
  short_fen = greatest(0, remitted_fen + refunded_fen + :amount - received_fen)
WHERE supplier_id = :supplier_id
""")
_TAKE = text("""
UPDATE seller_funds SET remitted_fen = remitted_fen + :amount
WHERE supplier_id = :supplier_id AND remitted_fen + :amount <= received_fen - refunded_fen
RETURNING supplier_id
""")
_PUT_BACK = text("""
UPDATE seller_funds SET remitted_fen = remitted_fen - :amount,
  short_fen = greatest(0, remitted_fen - :amount + refunded_fen - received_fen)
WHERE supplier_id = :supplier_id
""")


def collect(payment: Payment, *, supplier_id: OrganisationId, now: datetime) -> None:
    """Note that a payment lies on the platform's account, for a seller."""
    _change(_COME, supplier_id, payment.amount_fen)
    _book("collected", payment.id, supplier_id, payment.amount_fen, now=now)


def give_back(refund: Refund, *, supplier_id: OrganisationId, now: datetime) -> None:
    """Note that collected money goes back; what was paid out already is short from now."""
    _change(_GO_BACK, supplier_id, refund.amount_fen)
    _book("collected_refund", refund.id, supplier_id, Fen(-refund.amount_fen), now=now)


def take(supplier_id: OrganisationId, amount: Fen) -> None:
    """Take money to be paid out, under the gate: never beyond what lies there (FundsShort)."""
    bound = {"supplier_id": supplier_id, "amount": amount}
    if db.session.execute(_TAKE, bound).scalar_one_or_none() is None:
        raise FundsShort(wanted_fen=amount)


def put_back(supplier_id: OrganisationId, amount: Fen) -> None:
    """Give back what was taken and not paid out."""
    _change(_PUT_BACK, supplier_id, amount)


def pay_out(line: RemittanceLine, *, now: datetime) -> TransferId:
    """Book that a seller got its money."""
    return _book("remittance", line.id, line.supplier_id, Fen(-line.amount_fen), now=now)


def _change(statement: TextClause, supplier_id: OrganisationId, amount: Fen) -> None:
    bound = {"supplier_id": supplier_id, "amount": amount}
    db.session.execute(statement, bound)


def _book(
    kind: str, reference: UUID, supplier_id: OrganisationId, amount: Fen, *, now: datetime
) -> TransferId:
    """Move money between the platform's bank and what it owes a seller."""
    bank = ledger.account("collecting_bank", supplier_id)
    owed = ledger.account("collected_for", supplier_id)
    postings = [(bank, Fen(-amount)), (owed, amount)]
    return ledger.transfer(kind, reference=str(reference), postings=postings, now=now)
