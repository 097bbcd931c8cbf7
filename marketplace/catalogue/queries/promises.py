"""What must hold of listings at any instant."""

from __future__ import annotations

from sqlalchemy import text

from kernel.package import Invariant

PROMISES = (
    Invariant(
        code="M40_marks",
        name="商品评分合计与评价一致 / a listing's marks are the sums of its ratings",
        statement=text("""
            SELECT l.id FROM listing l LEFT JOIN (SELECT listing_id, count(*) AS number,
              sum(goods) AS goods, sum(service) AS service FROM listing_rating GROUP BY 1) r
              ON r.listing_id = l.id
            WHERE (l.rating_count, l.goods_sum, l.service_sum) IS DISTINCT FROM
              (coalesce(r.number, 0), coalesce(r.goods, 0), coalesce(r.service, 0))
        """),
    ),
    Invariant(
        code="M41_prices",
        name="现价等于价格记录的最新一条 / a listing costs what its history says last",
        statement=text("""
            SELECT l.id FROM listing l LEFT JOIN LATERAL (SELECT unit_price_fen, tiers
              FROM listing_price p WHERE p.listing_id = l.id
              ORDER BY from_at DESC, id DESC LIMIT 1) p ON true
            WHERE (l.unit_price_fen, l.tiers) IS DISTINCT FROM (p.unit_price_fen, p.tiers)
        """),
    ),
)
