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
    Invariant(
        code="M23_treasury",
        name="支付单与其付款一致 / a treasury order says what became of its payments",
        statement=text("""
            SELECT t.id FROM treasury_order t JOIN payment p ON p.treasury_order_id = t.id
            GROUP BY t.id
            HAVING t.total_fen <> sum(p.amount_fen)
              OR (t.status = 'drawn') <> bool_or(p.status = 'pending')
              OR (t.status = 'paid') <> bool_and(p.status = 'confirmed')
            UNION ALL
            SELECT t.id FROM treasury_order t WHERE t.line_id IS NOT NULL AND NOT EXISTS (
              SELECT FROM line_match m JOIN payment p ON p.id = m.payment_id
              WHERE m.line_id = t.line_id AND p.treasury_order_id = t.id)
        """),
    ),
    Invariant(
        code="M21_payouts",
        name="代收货款付出不超过收到减退回 / sellers are paid no more than came and stayed",
        statement=text("""
            WITH said AS (
              SELECT o.supplier_id, sum(p.amount_fen) AS received, sum(p.refunded_fen) AS refunded
              FROM payment p JOIN purchase_order o ON o.id = p.order_id
              WHERE p.collected GROUP BY 1),
            listed AS (
              SELECT supplier_id, sum(amount_fen) FILTER (WHERE status <> 'failed') AS taken,
                sum(amount_fen) FILTER (WHERE status = 'paid') AS paid
              FROM remittance_line GROUP BY 1),
            booked AS (
              SELECT a.owner_id, sum(p.amount_fen) AS fen FROM ledger_posting p
              JOIN ledger_account a ON a.id = p.account_id
              WHERE a.kind = 'collected_for' GROUP BY 1)
            SELECT coalesce(f.supplier_id, said.supplier_id) FROM seller_funds f
            FULL JOIN said ON said.supplier_id = f.supplier_id
            LEFT JOIN listed ON listed.supplier_id = f.supplier_id
            LEFT JOIN booked ON booked.owner_id = f.supplier_id
            WHERE (f.received_fen, f.refunded_fen, f.remitted_fen) IS DISTINCT FROM
              (coalesce(said.received, 0), coalesce(said.refunded, 0), coalesce(listed.taken, 0))
              OR coalesce(booked.fen, 0)
                <> f.received_fen - f.refunded_fen - coalesce(listed.paid, 0)
              OR f.short_fen <> greatest(0, f.remitted_fen + f.refunded_fen - f.received_fen)
        """),
    ),
    Invariant(
        code="M22_invoices",
        name="开票不超过验收金额 / no more is billed than was accepted, or taken back than billed",
        statement=text("""
            SELECT i.id FROM invoice i LEFT JOIN (SELECT invoice_id, sum(amount_fen) AS fen
              FROM invoice_line GROUP BY 1) l ON l.invoice_id = i.id
            LEFT JOIN (SELECT corrects_id, -sum(amount_fen) AS fen FROM invoice
              WHERE corrects_id IS NOT NULL GROUP BY 1) c ON c.corrects_id = i.id
            WHERE i.amount_fen <> coalesce(l.fen, 0) OR i.credited_fen <> coalesce(c.fen, 0)
            UNION ALL
            SELECT i.order_id FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id
            JOIN purchase_order o ON o.id = i.order_id
            LEFT JOIN order_line n ON n.id = l.order_line_id
            GROUP BY i.order_id, l.order_line_id, n.accepted_fen, o.freight_fen
            HAVING sum(l.amount_fen) NOT BETWEEN 0 AND coalesce(n.accepted_fen, o.freight_fen)
        """),
    ),
)
