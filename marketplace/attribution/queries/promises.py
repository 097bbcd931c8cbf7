"""What always holds of split money: shares, ledger, payouts and surpluses agree to the fen."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant

PROMISES = (
    Invariant(
        code="M11_shares",
        name="农户与合作社份额之和等于分账金额 / shares add up, and none is reversed below zero",
        statement=text("""
            SELECT a.id FROM attribution a LEFT JOIN (
              SELECT attribution_id, sum(amount_fen) AS parts
              FROM attribution_share GROUP BY 1) s ON s.attribution_id = a.id
            WHERE a.amount_fen <> coalesce(s.parts, 0)
            UNION ALL
            SELECT coalesce(a.reverses_id, a.id) FROM attribution a
            JOIN attribution_share s ON s.attribution_id = a.id
            GROUP BY coalesce(a.reverses_id, a.id), s.party_kind, s.party_id
            HAVING sum(CASE WHEN a.reverses_id IS NULL THEN s.amount_fen ELSE -s.amount_fen END) < 0
        """),
    ),
    Invariant(
        code="M12_earned",
        name="已收货且已付款的金额两分钟内完成分账 / earned money is split, and only earned money",
        statement=text("""
            SELECT l.id FROM order_line l
            LEFT JOIN (SELECT order_line_id, sum(amount_fen) AS kept FROM allocation GROUP BY 1) m
              ON m.order_line_id = l.id
            LEFT JOIN (SELECT order_line_id, sum(CASE WHEN reverses_id IS NULL THEN amount_fen
              ELSE -amount_fen END) AS split FROM attribution GROUP BY 1) s
              ON s.order_line_id = l.id
            WHERE greatest(0, least(greatest(l.accepted_fen, l.advance_fen), coalesce(m.kept, 0)
              - CASE WHEN l.accepted_fen = 0 THEN l.prepaid_fen ELSE 0 END))
              <> coalesce(s.split, 0)
              AND NOT EXISTS (SELECT FROM allocation a WHERE a.order_id = l.order_id
                AND a.at > CAST(:now AS timestamptz) - interval '120 s')
              AND NOT EXISTS (SELECT FROM receipt r WHERE r.order_id = l.order_id
                AND r.received_at > CAST(:now AS timestamptz) - interval '120 s')
        """),
    ),
    Invariant(
        code="M13_ledger",
        name="总账余额与订单、分账一致 / the ledger says what orders and splits say",
        statement=text("""
            WITH said AS (
              SELECT 'order' AS kind, id AS owner_id, paid_fen - refunded_fen AS fen
              FROM purchase_order
              UNION ALL SELECT 'order', order_id, CASE WHEN reverses_id IS NULL THEN -amount_fen
                ELSE amount_fen END FROM attribution
              UNION ALL SELECT s.party_kind || '_payable', s.party_id,
                CASE WHEN a.reverses_id IS NULL THEN s.amount_fen ELSE -s.amount_fen END
              FROM attribution_share s JOIN attribution a ON a.id = s.attribution_id
              UNION ALL SELECT 'household_payable', s.household_id, s.amount_fen
              FROM surplus_share s JOIN surplus_run r ON r.id = s.run_id
              WHERE r.status = 'approved' AND s.household_id IS NOT NULL
              UNION ALL SELECT k.kind, l.household_id, k.sign * l.amount_fen FROM payout_line l
              CROSS JOIN (VALUES ('household_payable', -1), ('household_paid', 1)) k(kind, sign)
              WHERE l.status IN ('paid', 'confirmed', 'denied')
            ), booked AS (
              SELECT a.kind, a.owner_id, p.amount_fen AS fen FROM ledger_posting p
              JOIN ledger_account a ON a.id = p.account_id
              WHERE a.kind IN ('order', 'household_payable', 'household_paid',
                'cooperative_payable'))
            SELECT owner_id FROM (SELECT kind, owner_id, fen FROM said
              UNION ALL SELECT kind, owner_id, -fen FROM booked) sides
            GROUP BY kind, owner_id HAVING sum(fen) <> 0
        """),
    ),
    Invariant(
        code="M15_payouts",
        name="发放逐笔对应分账，一笔只发一次 / payouts are made of shares, each share once",
        statement=text("""
            SELECT l.id FROM payout_line l LEFT JOIN (SELECT line_id, sum(amount_fen) AS parts,
              bool_and(is_live) AS live, bool_or(is_live) AS any_live
              FROM payout_item GROUP BY 1) i ON i.line_id = l.id
            WHERE l.amount_fen <> coalesce(i.parts, 0)
              OR (l.status = 'returned') IS DISTINCT FROM (NOT i.any_live)
              OR i.live <> i.any_live
            UNION ALL
            SELECT p.id FROM payout_list p LEFT JOIN (SELECT list_id, sum(amount_fen) AS parts
              FROM payout_line GROUP BY 1) l ON l.list_id = p.id
            WHERE p.total_fen <> coalesce(l.parts, 0)
            UNION ALL
            SELECT i.id FROM payout_item i JOIN payout_line l ON l.id = i.line_id
            JOIN attribution_share s ON s.id = i.attribution_share_id
            JOIN attribution a ON a.id = s.attribution_id
            WHERE s.party_id <> l.household_id OR i.amount_fen <> CASE
              WHEN a.reverses_id IS NULL THEN s.amount_fen ELSE -s.amount_fen END
            UNION ALL
            SELECT i.id FROM payout_item i JOIN payout_line l ON l.id = i.line_id
            JOIN surplus_share s ON s.id = i.surplus_share_id
            WHERE s.household_id <> l.household_id OR i.amount_fen <> s.amount_fen
        """),
    ),
    Invariant(
        code="M16_carried",
        name="批次拆分合并后农户份额不增不减 / lots hold what was put in, nothing lost or made",
        statement=text("""
            SELECT l.id FROM lot l LEFT JOIN (SELECT lot_id, sum(quantity) AS grown
              FROM lot_contribution GROUP BY 1) c ON c.lot_id = l.id
            WHERE l.total <> l.own_quantity + coalesce(c.grown, 0)
            UNION ALL
            SELECT a.id FROM lot_carriage a LEFT JOIN (SELECT carriage_id, sum(quantity) AS parts
              FROM lot_carriage_part GROUP BY 1) p ON p.carriage_id = a.id
            LEFT JOIN lot_hold h ON h.source = 'lot_carriage' AND h.source_id = a.id
            WHERE a.quantity <> a.own_quantity + coalesce(p.parts, 0)
              OR a.quantity IS DISTINCT FROM h.posted
            UNION ALL
            SELECT c.id FROM lot_contribution c JOIN (SELECT contribution_id, sum(quantity) AS gone
              FROM lot_carriage_part GROUP BY 1) p ON p.contribution_id = c.id
            WHERE p.gone > c.quantity
            UNION ALL
            SELECT c.id FROM lot_contribution c LEFT JOIN (
              SELECT a.to_lot_id, coalesce(f.root_id, f.id) AS root_id, sum(p.quantity) AS came
              FROM lot_carriage_part p JOIN lot_carriage a ON a.id = p.carriage_id
              JOIN lot_contribution f ON f.id = p.contribution_id GROUP BY 1, 2) i
              ON i.to_lot_id = c.lot_id AND i.root_id = c.root_id
            WHERE c.root_id IS NOT NULL AND c.quantity IS DISTINCT FROM i.came
            UNION ALL
            SELECT j.id FROM lot_adjustment j
            LEFT JOIN lot_hold h ON h.source = 'lot_adjustment' AND h.source_id = j.id
            WHERE j.kind NOT IN ('found', 'corrected') AND h.posted + h.released
              IS DISTINCT FROM j.quantity
        """),
    ),
)
