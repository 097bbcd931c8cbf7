"""What must hold of statements, invoices, treasury orders and payouts at any instant."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant

PROMISES = (
    Invariant(
        code="M20_statements",
        name="流水认领不超过到账金额 / lines pay no more than came, each match a payment",
        statement=text("""
            SELECT b.id FROM bank_line b LEFT JOIN (SELECT line_id, sum(amount_fen) AS placed
              FROM line_match GROUP BY 1) m ON m.line_id = b.id
            WHERE b.matched_fen <> coalesce(m.placed, 0)
              OR b.matched_fen + b.returned_fen > greatest(b.amount_fen, 0)
            UNION ALL
            SELECT m.id FROM line_match m JOIN payment p ON p.id = m.payment_id
            JOIN purchase_order o ON o.id = m.order_id
            JOIN bank_line b ON b.id = m.line_id JOIN bank_account a ON a.id = b.account_id
            WHERE (p.status, p.order_id, p.amount_fen, p.collected)
              IS DISTINCT FROM ('confirmed', m.order_id, m.amount_fen, a.collects)
              OR (NOT a.collects AND o.supplier_id <> a.organisation_id)
        """),
    ),
)
