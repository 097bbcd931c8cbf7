"""Where deliveries and papers look odd; see `prices` for what a search gives."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from marketplace.oversight.models import FlagRule

SEARCHES: Mapping[FlagRule, str] = MappingProxyType(
    {
        FlagRule.ORIGIN_APART: """
SELECT e.id::text, '{}'::uuid[], ARRAY[e.holder_id], 1, NULL::bigint,
  jsonb_build_array(jsonb_build_array('certificate', e.id, NULL),
    jsonb_build_array('organisation', h.id, NULL))
FROM certificate e JOIN organisation h ON h.id = e.holder_id
WHERE e.status = 'in_force' AND left(e.origin_region_code, 6) <> left(h.region_code, 6)""",
        FlagRule.LAPSED_CERTIFICATE: """
SELECT concat_ws(':', s.id, e.id), ARRAY[o.bound_unit_id], ARRAY[o.supplier_id],
  1, NULL::bigint, jsonb_build_array(jsonb_build_array('certificate', e.id, NULL),
    jsonb_build_array('order', o.id, o.total_fen))
FROM shipment s JOIN purchase_order o ON o.id = s.order_id
JOIN shipment_line g ON g.shipment_id = s.id JOIN order_line l ON l.id = g.order_line_id
JOIN certificate e ON e.id = l.certificate_id
LEFT JOIN LATERAL (SELECT kind FROM certificate_change h
  WHERE h.certificate_id = e.id AND h.at < s.shipped_at
    AND kind IN ('granted', 'reinstated', 'suspended', 'revoked', 'expired')
  ORDER BY position DESC LIMIT 1) h ON true
WHERE s.shipped_at >= :since AND (h.kind IN ('suspended', 'revoked', 'expired')
  OR (s.shipped_at AT TIME ZONE 'Asia/Shanghai')::date >= e.valid_until_on)
GROUP BY s.id, e.id, o.id""",
        FlagRule.ACCEPTED_AT_ONCE: """
SELECT r.id::text, ARRAY[o.bound_unit_id], ARRAY[o.supplier_id],
  floor(extract(epoch FROM r.received_at - max(s.shipped_at)) / 60)::bigint, :accepted_minutes,
  jsonb_build_array(jsonb_build_array('order', o.id, o.total_fen))
FROM receipt r JOIN purchase_order o ON o.id = r.order_id
JOIN receipt_line g ON g.receipt_id = r.id
JOIN shipment_line l ON l.id = g.shipment_line_id JOIN shipment s ON s.id = l.shipment_id
WHERE r.received_at >= :since GROUP BY r.id, o.id
HAVING r.received_at < max(s.shipped_at) + make_interval(mins => :accepted_minutes)""",
        FlagRule.ALWAYS_EXACT: """
WITH got AS (SELECT r.id, r.received_at, o.id AS order_id, o.bound_unit_id, o.supplier_id,
    o.total_fen, bool_or(g.rejected_quantity > 0 OR w.weighed_quantity <> w.sent_quantity) AS off
  FROM receipt r JOIN purchase_order o ON o.id = r.order_id
  JOIN receipt_line g ON g.receipt_id = r.id
  JOIN order_line l ON l.id = g.order_line_id AND l.unit IN ('kg', 'g', 'jin', 'tonne')
  LEFT JOIN weighing w ON w.receipt_id = r.id AND w.order_line_id = g.order_line_id
  WHERE r.received_at >= :since GROUP BY r.id, o.id)
SELECT concat_ws(':', bound_unit_id, supplier_id, :year), ARRAY[bound_unit_id],
  ARRAY[supplier_id], count(*), :exact_receipts,
  jsonb_agg(jsonb_build_array('order', order_id, total_fen) ORDER BY received_at DESC, id)
FROM got GROUP BY bound_unit_id, supplier_id
HAVING count(*) >= :exact_receipts AND NOT coalesce(bool_or(off), false)""",
        FlagRule.PHOTO_REUSED: """
SELECT sha, array_agg(DISTINCT bound_unit_id), array_agg(DISTINCT supplier_id),
  count(DISTINCT receipt_id), 1,
  jsonb_agg(DISTINCT jsonb_build_array('order', order_id, total_fen))
FROM (SELECT coalesce(d.received_sha256, d.sha256) AS sha, p.receipt_id, o.id AS order_id,
    o.bound_unit_id, o.supplier_id, o.total_fen
  FROM receipt_photo p JOIN document d ON d.id = p.document_id
  JOIN receipt r ON r.id = p.receipt_id JOIN purchase_order o ON o.id = r.order_id
  WHERE r.received_at >= :since) p
GROUP BY sha HAVING count(DISTINCT receipt_id) > 1""",
        FlagRule.NEVER_ACCEPTED: """
SELECT o.id::text, ARRAY[o.bound_unit_id], ARRAY[o.supplier_id],
  floor(extract(epoch FROM CAST(:now AS timestamptz) - max(s.shipped_at)) / 86400)::bigint,
  :unaccepted_days, jsonb_build_array(jsonb_build_array('order', o.id, o.total_fen))
FROM purchase_order o JOIN shipment s ON s.order_id = o.id
WHERE o.placed_at >= :since AND o.order_status IN ('placed', 'confirmed')
  AND o.fulfilment_status IN ('partly_shipped', 'shipped')
GROUP BY o.id HAVING max(s.shipped_at)
  < CAST(:now AS timestamptz) - make_interval(days => :unaccepted_days)""",
        FlagRule.INVOICE_ABOVE_GOODS: """
SELECT o.id::text, ARRAY[o.bound_unit_id], ARRAY[o.supplier_id],
  sum(i.amount_fen - i.credited_fen)::bigint, o.accepted_fen + o.freight_fen,
  jsonb_build_array(jsonb_build_array('order', o.id, o.total_fen))
    || jsonb_agg(jsonb_build_array('invoice', i.id, i.amount_fen) ORDER BY i.issued_at)
FROM invoice i JOIN purchase_order o ON o.id = i.order_id
WHERE i.kind = 'invoice' AND o.placed_at >= :since GROUP BY o.id
HAVING sum(i.amount_fen - i.credited_fen) > o.accepted_fen + o.freight_fen + :invoice_fen""",
        FlagRule.INVOICE_MISSING: """
SELECT o.id::text, ARRAY[o.bound_unit_id], ARRAY[o.supplier_id],
  o.paid_fen - o.refunded_fen - coalesce(i.fen, 0), :invoice_fen,
  jsonb_build_array(jsonb_build_array('order', o.id, o.total_fen))
FROM purchase_order o
LEFT JOIN LATERAL (SELECT sum(amount_fen - credited_fen)::bigint AS fen FROM invoice
  WHERE order_id = o.id AND kind = 'invoice') i ON true
WHERE o.placed_at >= :since AND o.order_status = 'completed'
  AND o.completed_at < CAST(:now AS timestamptz) - make_interval(days => :invoice_days)
  AND o.paid_fen - o.refunded_fen - coalesce(i.fen, 0) > :invoice_fen""",
        FlagRule.REFUND_AFTER_CLOSE: """
SELECT r.id::text, ARRAY[o.bound_unit_id], ARRAY[o.supplier_id], r.amount_fen, NULL::bigint,
  jsonb_build_array(jsonb_build_array('order', o.id, r.amount_fen))
FROM refund r JOIN purchase_order o ON o.id = r.order_id JOIN quota q ON q.id = o.quota_id
WHERE r.refunded_at >= :since AND r.refunded_at > q.closed_at""",
        FlagRule.UNLISTED_HOUSEHOLD: """
SELECT concat_ws(':', s.party_id, :year), '{}'::uuid[], array_agg(DISTINCT o.supplier_id),
  sum(s.amount_fen)::bigint, 0, jsonb_agg(DISTINCT jsonb_build_array('order', o.id, NULL))
FROM attribution_share s JOIN attribution a ON a.id = s.attribution_id
JOIN purchase_order o ON o.id = a.order_id
CROSS JOIN LATERAL (SELECT state FROM household_change h WHERE h.household_id = s.party_id
  AND h.at <= a.posted_at ORDER BY position DESC LIMIT 1) h
WHERE s.party_kind = 'household' AND a.posted_at >= :since AND h.state IN ('exited', 'dismissed')
GROUP BY s.party_id HAVING sum(s.amount_fen) > 0""",
    }
)
