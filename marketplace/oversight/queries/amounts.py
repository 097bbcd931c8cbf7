"""Where the amounts and the parties of orders look odd; see `prices` for what a search gives."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from marketplace.oversight.models import FlagRule

BOUGHT = """
bought AS (SELECT * FROM purchase_order
  WHERE placed_at >= :since AND order_status IN ('placed', 'confirmed', 'completed'))"""
ORDERS = "jsonb_agg(jsonb_build_array('order', id, total_fen) ORDER BY placed_at DESC, id)"

SEARCHES: Mapping[FlagRule, str] = MappingProxyType(
    {
        FlagRule.NEAR_THRESHOLD: f"""
WITH {BOUGHT}, near AS (SELECT o.*, b.amount_fen AS band_fen FROM bought o
  JOIN organisation u ON u.id = o.bound_unit_id
  CROSS JOIN LATERAL (SELECT DISTINCT ON (t.approvers) t.amount_fen FROM approval_threshold t
    WHERE t.category_code IS NULL AND (t.fund IS NULL OR t.fund = o.fund)
      AND t.from_on <= (o.placed_at AT TIME ZONE 'Asia/Shanghai')::date
      AND (t.unit_id IS NULL OR strpos(u.lineage, t.unit_id::text) > 0)
    ORDER BY t.approvers, coalesce(strpos(u.lineage, t.unit_id::text), 0) DESC,
      t.from_on DESC, t.id DESC) b
  WHERE o.total_fen <= b.amount_fen AND o.total_fen * 10000
    >= b.amount_fen * (10000 - :near_threshold_bp))
SELECT concat_ws(':', bound_unit_id, supplier_id, band_fen, :year), ARRAY[bound_unit_id],
  ARRAY[supplier_id], count(*), :near_threshold_orders, {ORDERS}
FROM near GROUP BY bound_unit_id, supplier_id, band_fen
HAVING count(*) >= :near_threshold_orders""",  # noqa: S608 - made of the constants above
        FlagRule.SPLIT_ORDERS: """
SELECT s.id::text, ARRAY[s.unit_id], ARRAY[s.supplier_id], s.sum_fen, s.amount_fen,
  jsonb_agg(jsonb_build_array('order', p.order_id, p.amount_fen) ORDER BY p.amount_fen DESC)
FROM split_signal s JOIN split_order p ON p.signal_id = s.id
WHERE s.created_at >= :since GROUP BY s.id""",
        FlagRule.ROUND_AMOUNTS: f"""
WITH {BOUGHT}, pair AS (SELECT *, total_fen % :round_fen = 0 AS is_round,
    count(*) OVER (PARTITION BY bound_unit_id, supplier_id) AS every FROM bought)
SELECT concat_ws(':', bound_unit_id, supplier_id, :year), ARRAY[bound_unit_id],
  ARRAY[supplier_id], count(*), :round_orders, {ORDERS}
FROM pair WHERE is_round GROUP BY bound_unit_id, supplier_id
HAVING count(*) >= :round_orders AND count(*) * 2 > max(every)""",  # noqa: S608 - made of the constants above
        FlagRule.CONCENTRATION: f"""
WITH {BOUGHT}, pair AS (SELECT bound_unit_id, supplier_id, sum(paid_fen - refunded_fen) AS fen,
    count(*) AS orders, {ORDERS} AS rows FROM bought GROUP BY 1, 2),
unit AS (SELECT *, sum(fen) OVER (PARTITION BY bound_unit_id) AS of_fen FROM pair)
SELECT concat_ws(':', bound_unit_id, supplier_id, :year), ARRAY[bound_unit_id],
  ARRAY[supplier_id], floor(fen * 10000 / of_fen)::bigint, :concentration_bp, rows
FROM unit WHERE of_fen >= :concentration_fen AND orders >= :concentration_orders
  AND fen * 10000 > of_fen * :concentration_bp""",  # noqa: S608 - made of the constants above
        FlagRule.NEW_SUPPLIER: f"""
WITH {BOUGHT}, first AS (SELECT DISTINCT ON (supplier_id) * FROM purchase_order
  WHERE order_status IN ('placed', 'confirmed', 'completed') ORDER BY supplier_id, placed_at, id)
SELECT f.supplier_id::text, ARRAY[f.bound_unit_id], ARRAY[f.supplier_id], f.total_fen,
  :new_supplier_fen, jsonb_build_array(jsonb_build_array('order', f.id, f.total_fen))
FROM first f JOIN bought USING (id) JOIN organisation s ON s.id = f.supplier_id
WHERE f.total_fen >= :new_supplier_fen
  AND f.placed_at < s.created_at + make_interval(days => :new_supplier_days)""",  # noqa: S608 - made of the constants above
        FlagRule.YEAR_END_RUSH: f"""
WITH spent AS (SELECT *, extract(month FROM placed_at AT TIME ZONE 'Asia/Shanghai') = 12 AS late,
    sum(paid_fen - refunded_fen) OVER (PARTITION BY bound_unit_id, year) AS of_fen
  FROM purchase_order WHERE year >= :year - 1 AND order_status IN ('confirmed', 'completed'))
SELECT concat_ws(':', bound_unit_id, year), ARRAY[bound_unit_id], array_agg(DISTINCT supplier_id),
  floor(sum(paid_fen - refunded_fen) * 10000 / of_fen)::bigint, :year_end_bp, {ORDERS}
FROM spent WHERE late AND of_fen >= :year_end_fen GROUP BY bound_unit_id, year, of_fen
HAVING sum(paid_fen - refunded_fen) * 10000 > of_fen * :year_end_bp""",  # noqa: S608 - made of the constants above
        FlagRule.SHARED_ACCOUNT: """
SELECT md5(number_index), '{}'::uuid[], array_agg(DISTINCT organisation_id),
  count(DISTINCT organisation_id), 1,
  jsonb_agg(DISTINCT jsonb_build_array('organisation', organisation_id, NULL))
FROM bank_account GROUP BY number_index HAVING count(DISTINCT organisation_id) > 1""",
        FlagRule.RELATED_PARTIES: f"""
WITH {BOUGHT}, pair AS (SELECT DISTINCT bound_unit_id, supplier_id FROM bought),
person AS (SELECT m.organisation_id, u.id, u.person_index FROM membership m
  JOIN app_user u ON u.id = m.user_id),
same AS (SELECT p.*, count(DISTINCT coalesce(b.person_index, uuid_send(b.id))) AS people
  FROM pair p JOIN person b ON b.organisation_id = p.bound_unit_id
  JOIN person s ON s.organisation_id = p.supplier_id
    AND (s.id = b.id OR s.person_index = b.person_index) GROUP BY 1, 2)
SELECT concat_ws(':', bound_unit_id, supplier_id, :year), ARRAY[bound_unit_id],
  ARRAY[supplier_id], people, 0, {ORDERS}
FROM same JOIN bought USING (bound_unit_id, supplier_id)
GROUP BY bound_unit_id, supplier_id, people""",  # noqa: S608 - made of the constants above
        FlagRule.CIRCULAR_TRADE: f"""
WITH {BOUGHT}, pair AS (SELECT least(bound_unit_id, supplier_id) AS one,
    greatest(bound_unit_id, supplier_id) AS other, * FROM bought)
SELECT concat_ws(':', one, other, :year), ARRAY[one, other], ARRAY[one, other],
  sum(total_fen)::bigint, NULL::bigint, {ORDERS}
FROM pair GROUP BY one, other HAVING count(DISTINCT supplier_id) > 1""",  # noqa: S608 - made of the constants above
    }
)
