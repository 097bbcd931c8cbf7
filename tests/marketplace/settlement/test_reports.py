"""P8: the daily reconciliation finds fifty planted differences, and nothing where all agrees."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from marketplace.orders.models.orders import PayMode
from marketplace.settlement.commands.invoices import NewInvoice, issue_invoice
from marketplace.settlement.commands.reports import make_report
from marketplace.settlement.models.reports import MoneyDifference, MoneyReport
from marketplace.settlement.queries.differences import DIFFERENCES, list_found
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.remittances import Platform, collected, platform, released
from tests.builders.settlement import NOW, TODAY, ordered, paid, received, shipped
from tests.builders.statements import bank_account, credit, looked_at, number_of
from tests.conftest import Client

pytestmark = pytest.mark.usefixtures("db_session")

SOON, LATER = NOW + timedelta(days=6), NOW + timedelta(days=20)
"""When money on a list, and when all that waits, has waited too long."""

CLONED = (
    """CREATE TEMP TABLE twin ON COMMIT DROP AS
SELECT p.id AS payment_id, p.transfer_id, g.n, gen_random_uuid() AS new_payment,
  gen_random_uuid() AS new_transfer, gen_random_uuid() AS new_line
FROM payment p CROSS JOIN generate_series(1, :times) g(n) WHERE p.id = :payment""",
    """INSERT INTO ledger_transfer (id, kind, reference, at)
SELECT new_transfer, 'payment', new_payment::text, t.at FROM twin
JOIN ledger_transfer t ON t.id = twin.transfer_id""",
    """INSERT INTO ledger_posting (id, transfer_id, account_id, amount_fen)
SELECT gen_random_uuid(), new_transfer, g.account_id, g.amount_fen FROM twin
JOIN ledger_posting g ON g.transfer_id = twin.transfer_id""",
    """INSERT INTO payment (id, number, order_id, method, amount_fen, refunded_fen, reference,
  status, author_id, approver_id, registered_by, registered_at, decided_by, decided_at,
  transfer_id, collected)
SELECT new_payment, p.number || '-' || n, p.order_id, p.method, p.amount_fen, 0, p.reference,
  p.status, p.author_id, p.approver_id, p.registered_by, p.registered_at, p.decided_by,
  p.decided_at, new_transfer, p.collected FROM twin JOIN payment p ON p.id = twin.payment_id""",
    """INSERT INTO allocation (id, order_id, order_line_id, kind, payment_id, amount_fen, at)
SELECT gen_random_uuid(), a.order_id, a.order_line_id, a.kind, new_payment, a.amount_fen, a.at
FROM twin JOIN allocation a ON a.payment_id = twin.payment_id""",
    """INSERT INTO bank_line (id, account_id, booked_on, amount_fen, content_index, occurrence,
  state, outcome, matched_fen, returned_fen, read_by, read_at, version)
SELECT new_line, b.account_id, b.booked_on, b.amount_fen, b.content_index, 1 + n, b.state,
  b.outcome, b.matched_fen, 0, b.read_by, b.read_at, 1 FROM twin
JOIN line_match m ON m.payment_id = twin.payment_id JOIN bank_line b ON b.id = m.line_id""",
    """INSERT INTO line_match (id, line_id, payment_id, order_id, amount_fen, by_id, at)
SELECT gen_random_uuid(), new_line, new_payment, m.order_id, m.amount_fen, m.by_id, m.at
FROM twin JOIN line_match m ON m.payment_id = twin.payment_id""",
    """UPDATE purchase_order o SET goods_fen = goods_fen * (1 + :times),
  total_fen = total_fen * (1 + :times), paid_fen = paid_fen * (1 + :times)
FROM payment p WHERE p.id = :payment AND o.id = p.order_id""",
)
"""Eight rows of clean money for each copy of a payment that a line confirmed."""


def clean(at: Platform, *, times: int) -> None:
    """Fill the tables with money that agrees."""
    order_id = ordered(at.there, "0.5")
    account = bank_account(at.there.by("manager"))
    looked_at(account, [credit(1_500, number_of(order_id))], by=at.there.by("manager"))
    db.session.flush()
    statement = text("SELECT id FROM payment WHERE order_id = :id")
    payment = db.session.execute(statement, {"id": order_id}).scalar_one()
    for one in CLONED:
        bound = {"times": times, "payment": payment}
        named = {name: value for name, value in bound.items() if f":{name}" in one}
        db.session.execute(text(one), named)


WANTED = Counter(
    line_waiting=5, line_matches=5, line_twice=3, match_payment=3, payment_unseen=4,
    payment_waiting=4, payment_booked=5, payment_spread=5, payment_refunds=5, order_money=4,
    seller_funds=2, payout_waiting=2, invoice_billed=3,
)  # fmt: skip
"""Fifty, of every kind."""

ON_COPIES = {
    "line_matches": """UPDATE bank_line SET matched_fen = matched_fen - 1, returned_fen = 1
WHERE id IN (SELECT new_line FROM twin WHERE n BETWEEN 1 AND 5)""",
    "payment_refunds": """UPDATE payment SET refunded_fen = 1
WHERE id IN (SELECT new_payment FROM twin WHERE n BETWEEN 6 AND 10)""",
    "of the order of these": """UPDATE purchase_order SET refunded_fen = 5
WHERE id = (SELECT order_id FROM payment WHERE refunded_fen = 1 LIMIT 1)""",
    "payment_booked": """INSERT INTO ledger_posting (id, transfer_id, account_id, amount_fen)
SELECT gen_random_uuid(), new_transfer, g.account_id, sign(g.amount_fen) FROM twin
JOIN ledger_posting g ON g.transfer_id = twin.transfer_id WHERE n BETWEEN 11 AND 15""",
    "payment_spread": """INSERT INTO allocation
  (id, order_id, order_line_id, kind, payment_id, amount_fen, at)
SELECT gen_random_uuid(), a.order_id, a.order_line_id, a.kind, new_payment, 1, a.at
FROM twin JOIN allocation a ON a.payment_id = twin.payment_id WHERE n BETWEEN 16 AND 20""",
    "match_payment": """INSERT INTO line_match
  (id, line_id, payment_id, order_id, amount_fen, by_id, at)
SELECT gen_random_uuid(), b.id, p.id, p.order_id, p.amount_fen, b.read_by, b.read_at
FROM (SELECT *, row_number() OVER () AS n FROM bank_line WHERE amount_fen = 3001) b
JOIN (SELECT *, row_number() OVER () AS n FROM payment WHERE amount_fen = 3001) p USING (n)""",
    "and their lines": """UPDATE bank_line SET state = 'matched', matched_fen = amount_fen
WHERE amount_fen = 3001""",
    "payment_waiting": """UPDATE payment SET registered_at = registered_at - interval '15 days'
WHERE amount_fen = 3002""",
    "line_twice": """UPDATE bank_line SET state = 'returned', returned_fen = amount_fen
WHERE bank_reference = 'R1'""",
    "payment_unseen": """UPDATE bank_account SET opened_at = opened_at - interval '9 days'""",
    "order_money": """UPDATE purchase_order SET paid_fen = 1 WHERE id IN (
  SELECT id FROM purchase_order WHERE total_fen = 4500 LIMIT 4)""",
    "invoice_billed": """INSERT INTO invoice_line (id, invoice_id, position, title, amount_fen)
SELECT gen_random_uuid(), id, 9, 'x', 1 FROM invoice""",
    "seller_funds": "UPDATE seller_funds SET received_fen = received_fen + 1",
}
"""What no command does, on money that agreed."""


def act(at: Platform) -> None:
    """Do what leaves something waiting, or is changed behind everybody's back afterwards."""
    there, by = at.there, at.there.by("manager")
    unknown = [credit(amount, "不明") for amount in range(1, 6)]
    seen = [credit(9, "已退", on=TODAY + timedelta(days=9))]
    alike = [credit(8, f"重复{number}", reference="R1") for number in range(4)]
    looked_at(bank_account(by), [*unknown, *alike, *[credit(3_001, "x")] * 3, *seen], by=by)
    db.session.execute(
        text("UPDATE bank_line SET state = 'returned', returned_fen = 9 WHERE amount_fen = 9")
    )
    for _ in range(3):
        paid(there, ordered(there, "1.5"), 3_001, confirm=False)
    for _ in range(4):
        paid(there, ordered(there, "1.5"), 3_002, confirm=False)
        paid(there, ordered(there, "2"), 3_000)
        ordered(there, "1.5")
    for number in range(3):
        order_id = ordered(there, "1", mode=PayMode.GOODS_FIRST)
        shipped(there, order_id, (1, None))
        received(there, order_id, "1")
        new = NewInvoice(f"2440{number}", TODAY)
        issue_invoice(new, order_id=order_id, by=there.by("clerk"), now=NOW)


def test_where_all_agrees_nothing_is_found() -> None:
    clean(platform(), times=1_250)
    assert list_found(SYSTEM, now=LATER) == []


def test_fifty_planted_differences_are_found_and_no_others() -> None:
    at, other = platform(), platform()
    for one in (at, other):
        collected(one, "0.5")
    released(at)  # both sellers stand on it
    clean(at, times=1_250)
    act(at)
    assert sum(WANTED.values()) == 50
    assert set(WANTED) == set(DIFFERENCES)
    for statement in ON_COPIES.values():
        db.session.execute(text(statement))
    found = Counter(kind for kind, _, _, _ in list_found(SYSTEM, now=SOON))
    assert found == WANTED


def test_a_day_has_one_report_with_what_was_found(client: Client) -> None:
    at = platform()
    looked_at(at.account, [credit(700, "不明")], by=at.by)
    report = make_report(now=LATER)
    assert report is not None
    assert (report.on, report.differences) == (shanghai_day(LATER), 1)
    assert make_report(now=LATER) is None
    row = db.session.scalars(select(MoneyDifference)).one()
    assert (row.kind, row.expected_fen, row.found_fen) == ("line_waiting", 700, 0)
    assert db.session.scalars(select(MoneyReport)).one() is report
    auditor = registry.user(registry.organisation(), [Role.AUDITOR])
    token = registry.token_of(auditor)
    body = client.get(f"/api/v1/money-reports/{report.id}/differences", token=token).json
    assert body is not None
    assert [one["kind"] for one in body["items"]] == ["line_waiting"]
