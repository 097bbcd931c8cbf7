"""What trade plugs in: doors, reactions to news, timers and promises."""

from __future__ import annotations

from sqlalchemy import text

from certification.events import (
    CertificateExpired,
    CertificatePapersRenewed,
    CertificateReinstated,
    CertificateRenewed,
    CertificateRevoked,
    CertificateSuspended,
)
from kernel.package import Invariant, Package, Schedule, Subscription
from marketplace.attribution.api.inquiries import inquiries
from marketplace.attribution.api.payouts import payouts
from marketplace.attribution.api.split_rules import split_rules
from marketplace.attribution.api.statements import attribution
from marketplace.attribution.api.surpluses import surpluses
from marketplace.attribution.handlers import attribute_goods, attribute_money, reverse_money
from marketplace.attribution.queries.promises import PROMISES
from marketplace.campaigns.api.campaigns import campaigns
from marketplace.campaigns.api.commissions import plots
from marketplace.campaigns.queries.commissions import FARMING, find_plots_in_sight
from marketplace.catalogue.api.displays import displays
from marketplace.catalogue.api.fees import fees
from marketplace.catalogue.api.freight import freight
from marketplace.catalogue.api.listings import LISTING_IMPORT, listings
from marketplace.catalogue.api.pictures import pictures
from marketplace.catalogue.api.ratings import ratings
from marketplace.catalogue.handlers import block_supplier, follow_certificate
from marketplace.catalogue.queries.promises import PROMISES as LISTED
from marketplace.catalogue.tasks import block_lapsed_papers
from marketplace.deliveries.api.goods import deliveries
from marketplace.deliveries.api.places import places
from marketplace.deliveries.api.terms import delivery_terms
from marketplace.deliveries.commands.terms import load_delivery_terms
from marketplace.deliveries.queries.goods import DELIVERY, find_deliveries_in_sight
from marketplace.errors.constraints import CONSTRAINTS
from marketplace.events import (
    GoodsAccepted,
    OrderPlaced,
    PaymentPosted,
    PaymentRefunded,
    StatementRead,
)
from marketplace.lots.api import LOT_IMPORT, lots
from marketplace.lots.commands.stock import STOCK_GATE
from marketplace.lots.tasks import refresh_all_stock, refresh_moved_stock
from marketplace.openness.api import openness
from marketplace.orders.api.commissions import adoptions
from marketplace.orders.api.orders import orders
from marketplace.orders.handlers import watch_splits
from marketplace.orders.queries.promises import PROMISES as ORDERED
from marketplace.orders.tasks import escalate_orders, expire_orders, order_weeks
from marketplace.oversight.api import red_flags
from marketplace.oversight.commands.searching import load_flag_searches
from marketplace.oversight.commands.terms import load_flag_terms
from marketplace.oversight.tasks import look_for_flags
from marketplace.settlement.api.invoices import invoices
from marketplace.settlement.api.payments import settlement
from marketplace.settlement.api.remittances import remittances
from marketplace.settlement.api.reports import money_reports
from marketplace.settlement.api.statements import STATEMENT_IMPORT, statements
from marketplace.settlement.api.stripe import stripe
from marketplace.settlement.api.treasury import treasury
from marketplace.settlement.handlers import look_at_lines
from marketplace.settlement.queries.promises import PROMISES as MONEY
from marketplace.settlement.queries.stripe_promises import STRIPE_PROMISES
from marketplace.settlement.tasks import ask_stripe, report_money
from marketplace.statistics.api import statistics
from registry.events import OrganisationAbolished, OrganisationMerged

INVARIANTS = (
    Invariant(
        code="M1_stock",
        name="批次库存与明细一致且不超卖 / lots equal their entries, never oversold",
        statement=STOCK_GATE.differences(),
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
        code="M7_money",
        name="订单收付退合计与付款单一致 / an order's money is that of its payments and refunds",
        statement=text("""
            SELECT o.id FROM purchase_order o LEFT JOIN (
              SELECT order_id, sum(amount_fen) FILTER (WHERE status = 'pending') AS pending,
                sum(amount_fen) FILTER (WHERE status = 'confirmed') AS paid,
                sum(refunded_fen) AS refunded FROM payment GROUP BY 1) p ON p.order_id = o.id
            WHERE (o.pending_fen, o.paid_fen, o.refunded_fen) IS DISTINCT FROM
              (coalesce(p.pending, 0), coalesce(p.paid, 0), coalesce(p.refunded, 0))
            UNION ALL
            SELECT p.id FROM payment p LEFT JOIN (SELECT payment_id, sum(amount_fen) AS back
              FROM refund GROUP BY 1) r ON r.payment_id = p.id
            WHERE p.refunded_fen <> coalesce(r.back, 0)
        """),
    ),
    Invariant(
        code="M8_allocated",
        name="到账、退款逐分落到订单行 / every fen that came or went back lies on a line",
        statement=text("""
            SELECT p.id FROM payment p LEFT JOIN (SELECT payment_id, sum(amount_fen) AS spread
              FROM allocation GROUP BY 1) a ON a.payment_id = p.id
            WHERE coalesce(a.spread, 0)
              <> CASE p.status WHEN 'confirmed' THEN p.amount_fen ELSE 0 END
            UNION ALL
            SELECT r.id FROM refund r LEFT JOIN (SELECT refund_id, sum(amount_fen) AS taken
              FROM allocation GROUP BY 1) a ON a.refund_id = r.id
            WHERE coalesce(a.taken, 0) <> -r.amount_fen
            UNION ALL
            SELECT a.order_id FROM allocation a LEFT JOIN order_line l ON l.id = a.order_line_id
            JOIN purchase_order o ON o.id = a.order_id
            GROUP BY a.order_id, a.order_line_id, l.amount_fen, o.freight_fen
            HAVING sum(a.amount_fen) < 0 OR sum(a.amount_fen) FILTER (WHERE a.kind = 'payment')
              > coalesce(l.amount_fen, o.freight_fen)
        """),
    ),
    Invariant(
        code="M9_spent",
        name="额度支出等于实付减退款 / quotas spent just what was paid and not given back",
        statement=text("""
            SELECT h.id FROM quota_hold h LEFT JOIN (
              SELECT l.order_id, l.origin_kind, l.category_code, sum(a.amount_fen) AS kept
              FROM allocation a JOIN order_line l ON l.id = coalesce(a.order_line_id,
                (SELECT f.id FROM order_line f WHERE f.order_id = a.order_id AND f.position = 0))
              GROUP BY 1, 2, 3) m ON m.order_id = h.order_id AND m.origin_kind = h.origin_kind
                AND m.category_code IS NOT DISTINCT FROM h.category_code
            WHERE h.source = 'order' AND h.posted <> coalesce(m.kept, 0)
        """),
    ),
    *PROMISES,
)

MARKETPLACE = Package(
    name="marketplace",
    blueprints=(
        listings,
        freight,
        fees,
        pictures,
        ratings,
        displays,
        lots,
        campaigns,
        plots,
        orders,
        adoptions,
        deliveries,
        delivery_terms,
        places,
        settlement,
        statements,
        remittances,
        invoices,
        money_reports,
        treasury,
        stripe,
        attribution,
        split_rules,
        payouts,
        inquiries,
        surpluses,
        red_flags,
        openness,
        statistics,
    ),
    subscriptions=(
        Subscription(CertificateSuspended, follow_certificate),
        Subscription(CertificateReinstated, follow_certificate),
        Subscription(CertificateRevoked, follow_certificate),
        Subscription(CertificateExpired, follow_certificate),
        Subscription(CertificatePapersRenewed, follow_certificate),
        Subscription(CertificateRenewed, follow_certificate),
        Subscription(OrganisationMerged, block_supplier),
        Subscription(OrganisationAbolished, block_supplier),
        Subscription(OrderPlaced, watch_splits),
        Subscription(GoodsAccepted, attribute_goods),
        Subscription(PaymentPosted, attribute_money),
        Subscription(PaymentRefunded, reverse_money),
        Subscription(StatementRead, look_at_lines),
    ),
    schedule={
        "block lapsed papers": Schedule(task=block_lapsed_papers, every=60.0),
        "expire orders": Schedule(task=expire_orders, every=60.0),
        "escalate orders": Schedule(task=escalate_orders, every=60.0),
        "order weeks": Schedule(task=order_weeks, every=60.0),
        "ask stripe": Schedule(task=ask_stripe, every=2.0),
        "refresh moved stock": Schedule(task=refresh_moved_stock, every=5.0),
        "refresh all stock": Schedule(task=refresh_all_stock, every=3600.0),
        "look for flags": Schedule(task=look_for_flags, every=60.0),
        "reconcile money": Schedule(task=report_money, every=3600.0),
    },
    invariants=(*INVARIANTS, *ORDERED, *LISTED, *MONEY, *STRIPE_PROMISES),
    constraints=CONSTRAINTS,
    reference=(load_delivery_terms, load_flag_terms, load_flag_searches),
    sights={DELIVERY: find_deliveries_in_sight, FARMING: find_plots_in_sight},
    imports=(LISTING_IMPORT, LOT_IMPORT, STATEMENT_IMPORT),
)
