"""Invoices: what was accepted is billed once, under one number, and only taken back by a note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel import clock
from kernel.database import constraint_of, db
from kernel.errors import Invalid, NotFound, WrongState
from kernel.money import Fen
from marketplace.errors.settlement import InvoiceExceeds, NothingToInvoice
from marketplace.orders.models.orders import OrderId, PayMode
from marketplace.settlement.commands.invoices import (
    NewCreditNote,
    NewInvoice,
    check_invoice,
    credit_invoice,
    dispute_invoice,
    issue_invoice,
)
from marketplace.settlement.models.invoices import Invoice, InvoiceId
from marketplace.settlement.queries.invoices import InvoiceView
from marketplace.settlement.queries.promises import PROMISES
from marketplace.settlement.rules.invoices import Amount
from marketplace.settlement.schemas.invoices import print_invoice
from tests.builders import registry
from tests.builders.settlement import (
    NOW,
    TODAY,
    Market,
    lines_of,
    market,
    ordered,
    received,
    shipped,
)
from tests.conftest import Client
from tests.marketplace.settlement.test_transitions import post
from tests.promises import broken
from tests.transitions import Token, strangers, walk

pytestmark = pytest.mark.usefixtures("db_session")


def accepted(there: Market, kilograms: str = "8") -> OrderId:
    """Let ten kilograms be sent at 30 yuan, and so many taken in."""
    order_id = ordered(there, "10", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (10, None))
    received(there, order_id, kilograms)
    return order_id


def issued(
    there: Market, order_id: OrderId, number: str = "24400001", amount: int | None = None
) -> InvoiceView:
    lines = [] if amount is None else [Amount(lines_of(order_id)[0].id, Fen(amount))]
    new = NewInvoice(number, TODAY, lines)
    return issue_invoice(new, order_id=order_id, by=there.by("clerk"), now=NOW)


def credited(there: Market, invoice_id: InvoiceId, number: str, amount: int | None) -> InvoiceView:
    line_id = db.session.scalars(
        text("SELECT order_line_id FROM invoice_line WHERE invoice_id = :id"), {"id": invoice_id}
    ).first()
    lines = [] if amount is None else [Amount(line_id, Fen(amount))]
    new = NewCreditNote(number, TODAY, "开错", lines)
    return credit_invoice(new, invoice_id=invoice_id, by=there.by("manager"), now=NOW)


def test_what_was_accepted_is_billed_and_no_more() -> None:
    there = market()
    order_id = accepted(there)
    with pytest.raises(InvoiceExceeds):
        issued(there, order_id, amount=24_001)
    first = issued(there, order_id, amount=10_000).invoice
    assert (first.amount_fen, first.buyer_name) == (10_000, there.unit.name)
    rest = issued(there, order_id, "24400002")
    assert (rest.invoice.amount_fen, len(rest.lines)) == (14_000, 1)
    with pytest.raises(NothingToInvoice):
        issued(there, order_id, "24400003")
    assert broken(PROMISES) == []


def test_nothing_is_billed_before_it_is_accepted_or_of_a_day_to_come() -> None:
    there = market()
    with pytest.raises(NothingToInvoice):
        issued(there, ordered(there, "10"))
    new = NewInvoice("1", TODAY + timedelta(days=1))
    with pytest.raises(Invalid):
        issue_invoice(new, order_id=accepted(there), by=there.by("clerk"), now=NOW)
    with pytest.raises(NotFound):
        issue_invoice(
            NewInvoice("1", TODAY),
            order_id=accepted(there),
            by=market().by("clerk"),
            now=NOW,
        )


def test_a_number_is_the_sellers_once() -> None:
    there, other = market(), market()
    issued(there, accepted(there, "1"))
    issued(other, accepted(other, "1"))
    order_id = accepted(there, "1")
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        issued(there, order_id)
    assert constraint_of(refused.value) == "uq_invoice_seller_number"


def test_a_credit_note_takes_back_no_more_than_was_billed_and_frees_it() -> None:
    there = market()
    order_id = accepted(there)
    invoice_id = issued(there, order_id).invoice.id
    note = credited(there, invoice_id, "R1", 10_000)
    assert (note.invoice.amount_fen, note.lines[0].amount_fen) == (-10_000, -10_000)
    with pytest.raises(InvoiceExceeds) as refused:
        credited(there, invoice_id, "R2", 14_100)
    assert refused.value.figures == {"left_fen": 14_000, "wanted_fen": 14_100}
    credited(there, invoice_id, "R2", None)
    assert db.session.get_one(Invoice, invoice_id).status == "credited"
    with pytest.raises(WrongState):
        credited(there, invoice_id, "R3", 1)
    with pytest.raises(WrongState):
        credited(there, note.invoice.id, "R4", 1)
    assert issued(there, order_id, "24400009").invoice.amount_fen == 24_000
    assert broken(PROMISES) == []


def test_a_paper_is_printed_the_same_each_time() -> None:
    there = market()
    view = issued(there, accepted(there))
    content = print_invoice(view)
    assert content.startswith(b"%PDF-")
    assert content == print_invoice(view)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE invoice SET amount_fen = amount_fen + 1", "ck_invoice_stays"),
        ("UPDATE invoice SET number = 'x'", "ck_invoice_stays"),
        ("DELETE FROM invoice", "ck_invoice_stays"),
        ("UPDATE invoice SET credited_fen = amount_fen + 1", "ck_invoice_credited"),
        ("UPDATE invoice SET status = 'credited'", "ck_invoice_taken_back"),
        ("UPDATE invoice SET status = 'disputed'", "ck_invoice_dispute"),
    ],
)
def test_an_invoice_that_breaks_it_is_refused_by_name(statement: str, name: str) -> None:
    there = market()
    issued(there, accepted(there))
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(text(statement))
    assert constraint_of(refused.value) == name


def test_a_lie_about_an_invoice_is_found() -> None:
    there = market()
    order_id = accepted(there)
    issued(there, order_id)
    db.session.execute(text("UPDATE order_line SET accepted_fen = 1"))
    assert broken(PROMISES) == ["M22_invoices"]


def brought_to(there: Market, state: str) -> InvoiceId:
    invoice_id = issued(there, accepted(there)).invoice.id
    by = there.by("finance")
    if state == "checked":
        check_invoice(invoice_id, expected_version=None, by=by, now=NOW)
    if state == "disputed":
        dispute_invoice(invoice_id, reason="税率", expected_version=None, by=by, now=NOW)
    if state == "credited":
        credited(there, invoice_id, "R1", None)
    return invoice_id


@pytest.mark.parametrize("state", ["issued", "checked", "disputed", "credited"])
def test_an_invoice_moves_only_as_its_table_says(client: Client, state: str) -> None:
    with clock.stopped(NOW):
        there = market()
        own = {"buyer": there.finance, "seller": there.clerk, "seller manager": there.manager}
        people: Mapping[str, Token] = strangers() | {
            name: registry.token_of(user) for name, user in own.items()
        }
        invoice_id = brought_to(there, state)
        door = f"/invoices/{invoice_id}"
        note = {"number": "R9", "issued_on": TODAY.isoformat(), "reason": "开错"}

        def state_now() -> str:
            return db.session.get_one(Invoice, invoice_id, populate_existing=True).status.value

        walk(
            client,
            "invoice",
            state,
            people=people,
            acts={
                "check": post(f"{door}/check"),
                "dispute": post(f"{door}/dispute", {"reason": "税率"}),
                "credit": post(f"{door}/credit-notes", note),
            },
            state_now=state_now,
            shown_in=("invoice", "invoice_line"),
        )
