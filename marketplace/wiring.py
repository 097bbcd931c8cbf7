"""What trade plugs in: doors, reactions to news, timers and promises."""

from __future__ import annotations

from sqlalchemy import text

from certification.events import (
    CertificateExpired,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuspended,
)
from kernel.package import Invariant, Package, Schedule, Subscription
from marketplace.attribution.api import attribution
from marketplace.attribution.handlers import attribute_goods, attribute_money, reverse_money
from marketplace.catalogue.api import listings
from marketplace.catalogue.handlers import follow_certificate
from marketplace.deliveries.api import deliveries
from marketplace.errors import CONSTRAINTS
from marketplace.events import GoodsAccepted, PaymentPosted, PaymentRefunded
from marketplace.lots.api import lots
from marketplace.lots.commands import STOCK_GATE
from marketplace.lots.tasks import refresh_all_stock, refresh_moved_stock
from marketplace.orders.api import orders
from marketplace.orders.tasks import expire_orders
from marketplace.settlement.api import settlement

INVARIANTS = (
    Invariant(
        code="M1_stock",
        name="批次库存与明细一致且不超卖 / lots equal their entries, never oversold",
        statement=STOCK_GATE.differences(),
    ),
    Invariant(
        code="M2_totals",
        name="订单金额等于各行之和，每行四舍五入一次 / orders are the sum of lines, rounded once",
        statement=text("""
            SELECT o.id FROM purchase_order o LEFT JOIN (
              SELECT order_id, sum(amount_fen) AS goods, sum(accepted_fen) AS accepted,
                bool_and(amount_fen = round(quantity * unit_price_fen)
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
              WHERE o.order_status IN ('cancelled', 'expired', 'completed'))
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
            CROSS JOIN LATERAL (SELECT CASE WHEN o.fulfilment_status IN ('shipped', 'accepted')
              THEN l.shipped_quantity ELSE l.quantity END AS quantity) due
            JOIN capacity_hold c ON c.source_id = l.id
            LEFT JOIN LATERAL (SELECT sum(amount - posted - released) AS held FROM lot_hold h
              WHERE h.source = 'order_line' AND h.source_id = l.id) s ON true
            WHERE (c.amount - c.posted - c.released) * l.quantity
                <> c.amount * (due.quantity - l.accepted_quantity - l.rejected_quantity)
              OR (s.held > 0) IS DISTINCT FROM (due.quantity > l.shipped_quantity)
        """),
    ),
    Invariant(
        code="M5_deliveries",
        name="发货、验收数量与单据一致 / lines count what shipments and receipts say",
        statement=text("""
            SELECT l.id FROM order_line l
            LEFT JOIN (SELECT order_line_id, sum(quantity) AS shipped FROM shipment_line
              GROUP BY 1) s ON s.order_line_id = l.id
            LEFT JOIN (SELECT order_line_id, sum(accepted_quantity) AS accepted,
              sum(rejected_quantity) AS rejected FROM receipt_line
              GROUP BY 1) r ON r.order_line_id = l.id
            WHERE (l.shipped_quantity, l.accepted_quantity, l.rejected_quantity) IS DISTINCT FROM
              (coalesce(s.shipped, 0), coalesce(r.accepted, 0), coalesce(r.rejected, 0))
        """),
    ),
    Invariant(
        code="M6_certified",
        name="下单时证书均有效 / no line was sold under a certificate not in force",
        # a minute for orders that were on their way when the certificate changed
        statement=text("""
            SELECT l.id FROM order_line l JOIN purchase_order o ON o.id = l.order_id
            JOIN certificate c ON c.id = l.certificate_id
            LEFT JOIN LATERAL (SELECT kind FROM certificate_change h
              WHERE h.certificate_id = c.id AND h.at < o.placed_at - interval '1 minute'
              ORDER BY position DESC LIMIT 1) h ON true
            WHERE coalesce(h.kind, 'granted') NOT IN ('granted', 'reinstated')
              OR (o.placed_at AT TIME ZONE 'Asia/Shanghai')::date < c.valid_from_on
              OR (o.placed_at AT TIME ZONE 'Asia/Shanghai')::date >= c.valid_until_on
        """),
    ),
)

MARKETPLACE = Package(
    name="marketplace",
    blueprints=(listings, lots, orders, deliveries, settlement, attribution),
    subscriptions=(
        Subscription(CertificateSuspended, follow_certificate),
        Subscription(CertificateReinstated, follow_certificate),
        Subscription(CertificateRevoked, follow_certificate),
        Subscription(CertificateExpired, follow_certificate),
        Subscription(GoodsAccepted, attribute_goods),
        Subscription(PaymentPosted, attribute_money),
        Subscription(PaymentRefunded, reverse_money),
    ),
    schedule={
        "expire orders": Schedule(task=expire_orders, every=60.0),
        "refresh moved stock": Schedule(task=refresh_moved_stock, every=5.0),
        "refresh all stock": Schedule(task=refresh_all_stock, every=3600.0),
    },
    invariants=INVARIANTS,
    constraints=CONSTRAINTS,
)
