"""Where the money of statements, payments, orders, lines, the ledger and payouts does not agree.

Each statement gives `(subject, expected, found)` in fen as of `:now`; nothing where all agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select, text

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import one
from marketplace.settlement.models.reports import MoneyDifference, MoneyReport, MoneyReportId

Difference = tuple[str, UUID, Fen, Fen]

DIFFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "line_waiting": """
SELECT id, amount_fen - matched_fen - returned_fen, 0 FROM bank_line
WHERE state IN ('new', 'open', 'parked') AND amount_fen > 0
  AND read_at < CAST(:now AS timestamptz) - interval '1 day'""",
        "line_matches": """
SELECT b.id, b.matched_fen, coalesce(m.fen, 0) FROM bank_line b LEFT JOIN (
  SELECT line_id, sum(amount_fen) AS fen FROM line_match GROUP BY 1) m ON m.line_id = b.id
WHERE b.matched_fen <> coalesce(m.fen, 0)""",
        "match_payment": """
SELECT m.payment_id, m.amount_fen, CASE p.status WHEN 'confirmed' THEN p.amount_fen ELSE 0 END
FROM line_match m JOIN payment p ON p.id = m.payment_id
WHERE p.status <> 'confirmed' OR p.amount_fen <> m.amount_fen""",
        "line_twice": """
SELECT b.id, 0, b.amount_fen FROM bank_line b WHERE b.amount_fen > 0 AND EXISTS (
  SELECT FROM bank_line o WHERE o.account_id = b.account_id AND o.position < b.position
    AND o.bank_reference = b.bank_reference AND o.amount_fen = b.amount_fen)""",
        "payment_unseen": """
SELECT p.id, p.amount_fen, 0 FROM payment p JOIN purchase_order o ON o.id = p.order_id
WHERE p.status = 'confirmed' AND p.method IN ('bank_transfer', 'treasury')
  AND NOT EXISTS (SELECT FROM line_match m WHERE m.payment_id = p.id)
  AND EXISTS (SELECT FROM bank_account a JOIN bank_line b ON b.account_id = a.id
    WHERE a.organisation_id = o.supplier_id AND a.opened_at < p.decided_at
      AND b.booked_on > (p.decided_at AT TIME ZONE 'Asia/Shanghai')::date + 2)""",
        "payment_waiting": """
SELECT id, amount_fen, 0 FROM payment WHERE status = 'pending'
  AND registered_at < CAST(:now AS timestamptz) - interval '10 days'""",
        "order_money": """
SELECT o.id, coalesce(p.kept, 0), o.paid_fen - o.refunded_fen FROM purchase_order o LEFT JOIN (
  SELECT order_id, sum(amount_fen - refunded_fen) AS kept FROM payment
  WHERE status = 'confirmed' GROUP BY 1) p ON p.order_id = o.id
WHERE o.paid_fen - o.refunded_fen <> coalesce(p.kept, 0)""",
        "payment_booked": """
SELECT p.id, p.amount_fen, coalesce(b.fen, 0) FROM payment p LEFT JOIN (
  SELECT g.transfer_id, sum(g.amount_fen) AS fen FROM ledger_posting g
  JOIN ledger_account a ON a.id = g.account_id WHERE a.kind = 'order' GROUP BY 1
) b ON b.transfer_id = p.transfer_id
WHERE p.status = 'confirmed' AND coalesce(b.fen, 0) <> p.amount_fen""",
        "payment_spread": """
SELECT p.id, p.amount_fen, coalesce(a.fen, 0) FROM payment p LEFT JOIN (
  SELECT payment_id, sum(amount_fen) AS fen FROM allocation GROUP BY 1) a ON a.payment_id = p.id
WHERE p.status = 'confirmed' AND coalesce(a.fen, 0) <> p.amount_fen""",
        "payment_refunds": """
SELECT p.id, p.refunded_fen, coalesce(r.fen, 0) FROM payment p LEFT JOIN (
  SELECT payment_id, sum(amount_fen) AS fen FROM refund GROUP BY 1) r ON r.payment_id = p.id
WHERE p.refunded_fen <> coalesce(r.fen, 0)""",
        "seller_funds": """
SELECT f.supplier_id, coalesce(s.kept, 0) - coalesce(r.fen, 0),
  f.received_fen - f.refunded_fen - f.remitted_fen
FROM seller_funds f LEFT JOIN (
  SELECT o.supplier_id, sum(p.amount_fen - p.refunded_fen) AS kept FROM payment p
  JOIN purchase_order o ON o.id = p.order_id WHERE p.collected AND p.status = 'confirmed'
  GROUP BY 1) s ON s.supplier_id = f.supplier_id
LEFT JOIN (SELECT supplier_id, sum(amount_fen) AS fen FROM remittance_line
  WHERE status <> 'failed' GROUP BY 1) r ON r.supplier_id = f.supplier_id
WHERE coalesce(s.kept, 0) - coalesce(r.fen, 0)
  <> f.received_fen - f.refunded_fen - f.remitted_fen""",
        "payout_waiting": """
SELECT l.id, l.amount_fen, 0 FROM remittance_line l JOIN remittance r ON r.id = l.remittance_id
WHERE l.status = 'listed' AND r.released_at < CAST(:now AS timestamptz) - interval '5 days'""",
        "invoice_billed": """
SELECT i.id, i.amount_fen, coalesce(l.fen, 0) FROM invoice i LEFT JOIN (
  SELECT invoice_id, sum(amount_fen) AS fen FROM invoice_line GROUP BY 1) l ON l.invoice_id = i.id
WHERE i.amount_fen <> coalesce(l.fen, 0)""",
    }
)
"""By kind: what does not agree."""


def list_found(actor: Actor, *, now: datetime) -> list[Difference]:
    """Look everywhere, and list what does not agree, by kind."""
    del actor  # only the timer asks
    return [
        (kind, subject, Fen(int(expected)), Fen(int(found)))
        for kind, statement in DIFFERENCES.items()
        for subject, expected, found in db.session.execute(text(statement), {"now": now})
    ]


def find_report(actor: Actor, *, on: date) -> MoneyReport | None:
    """Find the report of a Shanghai day."""
    del actor  # only the timer asks
    return db.session.scalar(select(MoneyReport).where(MoneyReport.on == on))


def list_reports(actor: Actor, *, limit: int, cursor: str | None) -> Page[MoneyReport]:
    """List the reports, the newest first; the door lets in who sees all."""
    del actor
    return page(select(MoneyReport), keys=[(MoneyReport.on, True)], limit=limit, cursor=cursor)


def list_differences_of(
    actor: Actor, report_id: MoneyReportId, *, limit: int, cursor: str | None
) -> Page[MoneyDifference]:
    """List what a report found (NotFound)."""
    del actor  # the door lets in who sees all
    one(select(MoneyReport).where(MoneyReport.id == report_id))
    statement = select(MoneyDifference).where(MoneyDifference.report_id == report_id)
    keys = [(MoneyDifference.kind, False), (MoneyDifference.id, False)]
    filters = {"report": report_id}
    return page(statement, keys=keys, limit=limit, cursor=cursor, filters=filters)
