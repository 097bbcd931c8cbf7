"""What is promised of orders: their sums, what they hold, their certificates and their hands."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant

PROMISES = (
    Invariant(
        code="M2_totals",
        name="订单金额等于各行之和，每行四舍五入一次 / orders are the sum of lines, rounded once",
        statement=text("""
            SELECT o.id FROM purchase_order o LEFT JOIN (
              SELECT order_id, sum(amount_fen) AS goods, sum(accepted_fen) AS accepted,
                bool_and(amount_fen = round((quantity - substituted_quantity) * unit_price_fen)
                  AND accepted_fen = round(accepted_quantity * unit_price_fen)) AS rounded
              FROM order_line GROUP BY order_id) l ON l.order_id = o.id
            WHERE (o.goods_fen, o.accepted_fen, true)
              IS DISTINCT FROM (l.goods, l.accepted, l.rounded)
        """),
    ),
    Invariant(
        code="M3_ended",
        name="已结束订单不再占用额度、产能和库存 / ended orders hold nothing",
        statement=text("""
            WITH ended AS (
              SELECT l.id AS line_id, o.id FROM purchase_order o
              JOIN order_line l ON l.order_id = o.id
              WHERE o.order_status IN ('draft', 'cancelled', 'expired', 'completed'))
            SELECT e.id FROM ended e JOIN lot_hold h ON h.source_id = e.line_id
            WHERE h.amount > h.posted + h.released
            UNION SELECT e.id FROM ended e JOIN capacity_hold h ON h.source_id = e.line_id
            WHERE h.amount > h.posted + h.released
            UNION SELECT e.id FROM ended e JOIN quota_hold h ON h.order_id = e.id
            WHERE h.amount > h.posted + h.released
        """),
    ),
    Invariant(
        code="M4_open",
        name="未结束订单占用正好是未交付部分 / open orders hold just what is still to come",
        statement=text("""
            SELECT l.id FROM order_line l
            JOIN purchase_order o ON o.id = l.order_id AND o.closed_at IS NULL
              AND o.order_status <> 'draft'
            CROSS JOIN LATERAL (SELECT CASE WHEN o.fulfilment_status IN ('shipped', 'accepted')
              THEN l.shipped_quantity ELSE l.quantity - l.substituted_quantity END AS quantity) due
            JOIN capacity_hold c ON c.source_id = l.id
            LEFT JOIN LATERAL (SELECT sum(amount - posted - released) AS held FROM lot_hold h
              WHERE h.source = 'order_line' AND h.source_id = l.id) s ON true
            WHERE (c.amount - c.posted - c.released) * l.quantity
                <> c.amount * (due.quantity - l.accepted_quantity - l.rejected_quantity)
              OR CASE WHEN o.kind = 'commissioned_farming'
                THEN s.held > 0 AND due.quantity <= l.shipped_quantity
                ELSE (s.held > 0) IS DISTINCT FROM (due.quantity > l.shipped_quantity) END
        """),
    ),
    Invariant(
        code="M6_certified",
        name="下单时证书均有效 / no line was sold under a certificate not in force",
        # a minute for what was on its way when the certificate changed, either way
        statement=text("""
            SELECT l.id FROM order_line l JOIN purchase_order o ON o.id = l.order_id
            JOIN certificate c ON c.id = l.certificate_id
            LEFT JOIN substitution s ON s.new_line_id = l.id
            CROSS JOIN LATERAL (SELECT coalesce(s.decided_at, o.placed_at) AS at) sold
            LEFT JOIN LATERAL (SELECT kind FROM certificate_change h
              WHERE h.certificate_id = c.id AND h.at < sold.at - interval '1 minute'
                AND kind NOT IN ('warned', 'scope_changed', 'renewed')
              ORDER BY position DESC LIMIT 1) h ON true
            WHERE (coalesce(h.kind, 'granted') NOT IN ('granted', 'reinstated')
                AND NOT EXISTS (SELECT FROM certificate_change r WHERE r.certificate_id = c.id
                  AND r.kind = 'reinstated'
                  AND r.at BETWEEN sold.at - interval '1 minute' AND sold.at))
              OR (sold.at AT TIME ZONE 'Asia/Shanghai')::date < c.valid_from_on
              OR (sold.at AT TIME ZONE 'Asia/Shanghai')::date >= c.valid_until_on
        """),
    ),
    Invariant(
        code="M10_hands",
        name="下单、审批、付款、确认收款分离 / author, approver, payer and confirmer are apart",
        statement=text("""
            SELECT o.id FROM purchase_order o WHERE o.decided_by = o.author_id
            UNION ALL
            SELECT p.id FROM payment p JOIN purchase_order o ON o.id = p.order_id
            WHERE p.registered_by IN (o.author_id, o.decided_by)
               OR (p.status = 'confirmed' AND p.decided_by = p.registered_by)
            UNION ALL
            SELECT p.id FROM payment p JOIN approval_step s ON s.order_id = p.order_id
            WHERE p.registered_by IN (s.by_user_id, s.right_of)
            UNION ALL
            SELECT r.id FROM refund r JOIN purchase_order o ON o.id = r.order_id
            WHERE r.refunded_by = o.author_id
        """),
    ),
    Invariant(
        code="M14_living",
        name="单位合并、撤销后没有新订单 /"
        " nothing was ordered from or for an organisation that had ended",
        # a minute for orders that were on their way when the ending was recorded
        statement=text("""
            SELECT o.id FROM purchase_order o JOIN organisation_change h
              ON h.organisation_id IN (o.supplier_id, o.bound_unit_id)
            WHERE h.kind IN ('merged', 'abolished')
              AND h.recorded_at < o.placed_at - interval '1 minute'
        """),
    ),
)
