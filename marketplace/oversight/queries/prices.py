"""Where prices and quantities look odd.

Every search of this feature gives `(key, buyer_ids, supplier_ids, measured, against, rows)`, with
`rows` as `[[kind, id, fen], …]`, as of `:now`; `:since` is where the window begins, `:year` the
year of today, and the rest are the terms in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from marketplace.oversight.models import FlagRule

SOLD = """
sold AS (SELECT l.listing_id, l.category_code, l.unit, l.unit_price_fen, l.amount_fen, o.id,
    o.supplier_id, o.bound_unit_id
  FROM order_line l JOIN purchase_order o ON o.id = l.order_id
  WHERE o.placed_at >= :since AND o.order_status IN ('placed', 'confirmed', 'completed')
    AND l.category_code IS NOT NULL),
priced AS (SELECT category_code, unit, listing_id, supplier_id,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY unit_price_fen) AS price
  FROM sold GROUP BY 1, 2, 3, 4),
like_goods AS (SELECT category_code, unit, percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS fen
  FROM priced GROUP BY 1, 2 HAVING count(DISTINCT supplier_id) >= :like_suppliers)"""
"""What was sold in the window, and the median of the listings of like goods: same category and
unit of measure, from enough suppliers to speak of a median."""

OFF_THE_MEDIAN = """
SELECT listing_id::text || ':' || :year, array_agg(DISTINCT bound_unit_id), ARRAY[supplier_id],
  {worst}(unit_price_fen), round(fen)::bigint,
  jsonb_build_array(jsonb_build_array('listing', listing_id, {worst}(unit_price_fen)))
    || jsonb_agg(jsonb_build_array('order', id, amount_fen) ORDER BY amount_fen DESC)
FROM sold JOIN like_goods USING (category_code, unit)
WHERE unit_price_fen * 10000 {than}
GROUP BY listing_id, supplier_id, fen"""

IN_GRAMS = "(VALUES ('kg', 1000), ('g', 1), ('jin', 500), ('tonne', 1000000))"
"""What weights can be added by; pieces and boxes are only compared with their like."""

SEARCHES: Mapping[FlagRule, str] = MappingProxyType(
    {
        FlagRule.PRICE_ABOVE: f"WITH {SOLD} "
        + OFF_THE_MEDIAN.format(worst="max", than="> fen * (10000 + :price_above_bp)"),
        FlagRule.PRICE_BELOW: f"WITH {SOLD} "
        + OFF_THE_MEDIAN.format(worst="min", than="< fen * (10000 - :price_below_bp)"),
        FlagRule.PRICE_JUMP: """
SELECT p.id::text, '{}'::uuid[], ARRAY[l.supplier_id], p.unit_price_fen, p.before,
  jsonb_build_array(jsonb_build_array('listing', l.id, p.unit_price_fen))
FROM (SELECT id, listing_id, unit_price_fen, from_at,
    first_value(unit_price_fen) OVER earlier AS before
  FROM listing_price WHERE from_at >= CAST(:since AS timestamptz) - interval '1 year'
  WINDOW earlier AS (PARTITION BY listing_id ORDER BY from_at
    RANGE BETWEEN make_interval(days => :price_jump_days) PRECEDING AND CURRENT ROW)) p
JOIN listing l ON l.id = p.listing_id
WHERE p.from_at >= :since AND p.unit_price_fen * 10000 > p.before * (10000 + :price_jump_bp)""",
        FlagRule.IDENTICAL_PRICES: """
SELECT concat_ws(':', category_code, unit, unit_price_fen, :year), '{}'::uuid[],
  array_agg(DISTINCT supplier_id), count(DISTINCT supplier_id), :same_price_suppliers,
  jsonb_agg(jsonb_build_array('listing', id, unit_price_fen) ORDER BY id)
FROM listing WHERE status = 'listed' AND unit_price_fen % :plain_price_fen <> 0
GROUP BY category_code, unit, unit_price_fen
HAVING count(DISTINCT supplier_id) >= :same_price_suppliers""",
        FlagRule.BEYOND_CAPACITY: f"""
SELECT c.id::text, '{{}}'::uuid[], ARRAY[e.holder_id],
  round(sum(t.total * coalesce(w.grams, 1)) * 10000 / c.declared / coalesce(v.grams, 1))::bigint,
  10000 + :capacity_over_bp,
  jsonb_build_array(jsonb_build_array('certificate', e.id, NULL))
    || jsonb_agg(jsonb_build_array('lot', t.id, NULL) ORDER BY t.total DESC)
FROM capacity c JOIN certificate e ON e.id = c.certificate_id
JOIN listing l ON l.certificate_id = e.id
JOIN lot t ON t.listing_id = l.id AND t.harvested_on >= c.from_on AND t.harvested_on < c.until_on
LEFT JOIN {IN_GRAMS} w (unit, grams) ON w.unit = t.unit
LEFT JOIN {IN_GRAMS} v (unit, grams) ON v.unit = e.unit
WHERE c.until_on > CAST(:since AS date) AND (t.unit = e.unit OR (w.unit IS NOT NULL
  AND v.unit IS NOT NULL))
GROUP BY c.id, e.id, v.grams
HAVING sum(t.total * coalesce(w.grams, 1)) * 10000
  > c.declared * coalesce(v.grams, 1) * (10000 + :capacity_over_bp)""",  # noqa: S608 - made of the constants above
        FlagRule.OUT_OF_SEASON: """
SELECT t.id::text, '{}'::uuid[], ARRAY[t.supplier_id],
  extract(month FROM t.harvested_on)::bigint, NULL::bigint,
  jsonb_build_array(jsonb_build_array('lot', t.id, NULL), jsonb_build_array('listing', l.id, NULL))
FROM lot t JOIN listing l ON l.id = t.listing_id
WHERE t.harvested_on >= CAST(:since AS date) AND cardinality(l.season_months) > 0
  AND NOT extract(month FROM t.harvested_on)::int = ANY(l.season_months)""",
        FlagRule.HOUSEHOLD_TWICE: """
SELECT concat_ws(':', c.household_id, l.category_code, :year), '{}'::uuid[],
  array_agg(DISTINCT t.supplier_id), count(DISTINCT t.supplier_id), 1,
  jsonb_agg(DISTINCT jsonb_build_array('lot', t.id, NULL))
FROM lot_contribution c JOIN lot t ON t.id = c.lot_id JOIN listing l ON l.id = t.listing_id
WHERE t.harvested_on >= CAST(:since AS date)
GROUP BY c.household_id, l.category_code HAVING count(DISTINCT t.supplier_id) > 1""",
    }
)
