"""What always holds between our books and Stripe."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant

STRIPE_PROMISES = (
    Invariant(
        code="M30_captured",
        name="Stripe 到账与已确认付款一致 / what Stripe captured is confirmed, or shown",
        statement=text("""
            SELECT p.id FROM payment p LEFT JOIN stripe_intent i ON i.payment_id = p.id
            WHERE p.method = 'stripe' AND (
              i.payment_id IS NULL
              OR (p.status = 'confirmed') <> (i.status = 'succeeded')
              OR (p.status = 'confirmed' AND i.received_fen <> p.amount_fen)
              OR (p.status = 'pending') <> (i.status IN ('wanted', 'open')))
            UNION ALL
            SELECT p.id FROM payment p JOIN stripe_intent i ON i.payment_id = p.id
            WHERE p.method <> 'stripe'
        """),
    ),
    Invariant(
        code="M31_moved",
        name="Stripe 退款与转付不超过到账 / refunds and transfers by Stripe stay within what came",
        statement=text("""
            SELECT i.payment_id FROM stripe_intent i JOIN (
              SELECT payment_id,
                coalesce(sum(amount_fen) FILTER (WHERE kind = 'refund'), 0) AS back,
                coalesce(sum(amount_fen) FILTER (WHERE kind = 'transfer'), 0)
                  - coalesce(sum(amount_fen) FILTER (WHERE kind = 'reversal'), 0) AS sold
              FROM stripe_movement WHERE status NOT IN ('failed', 'covered') GROUP BY 1) m
              ON m.payment_id = i.payment_id
            JOIN payment p ON p.id = i.payment_id
            WHERE m.back > i.received_fen OR m.sold < 0
              OR m.sold > p.amount_fen - p.refunded_fen
        """),
    ),
    Invariant(
        code="M32_sent_back",
        name="Stripe 付款的退款均由 Stripe 办理 / refunds of what Stripe collected are with it",
        statement=text("""
            SELECT r.id FROM refund r JOIN payment p ON p.id = r.payment_id AND p.method = 'stripe'
            LEFT JOIN stripe_movement m ON m.refund_id = r.id
            LEFT JOIN stripe_dispute d ON d.refund_id = r.id
            WHERE m.id IS NULL AND d.id IS NULL
            UNION ALL
            SELECT p.id FROM payment p
            LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM stripe_movement
              WHERE kind = 'refund' AND status <> 'covered' GROUP BY 1) m ON m.payment_id = p.id
            LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM stripe_dispute
              WHERE status = 'lost' GROUP BY 1) d ON d.payment_id = p.id
            WHERE p.method = 'stripe'
              AND p.refunded_fen > coalesce(m.fen, 0) + coalesce(d.fen, 0)
        """),
    ),
)
