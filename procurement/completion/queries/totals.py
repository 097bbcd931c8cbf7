"""The totals as the entries give them, and where the totals that are kept differ."""

from __future__ import annotations

from sqlalchemy import TextClause, text

from kernel.actor import Actor
from kernel.database import db

MONTHS = range(1, 13)
AMOUNTS = "reserved_fen, ordered_fen, accepted_fen, paid_fen"
YEAR_KEY = "quota_id, year, origin_kind, order_kind, buyer_kind"
PROMISED = "unit_id, quota_year, fund, policy_id, situation, filed_at"
YEAR_TOTALS = f"{AMOUNTS}, paid_months, first_at, last_at, first_paid_at, {PROMISED}"
MONTH_KEY = "quota_id, month, origin_kind, order_kind, category_code, buyer_kind"
_MOVED = """
  SELECT e.counter_id AS quota_id, e.at, e.at AT TIME ZONE 'Asia/Shanghai' AS local,
    coalesce(h.origin_kind, '') AS origin_kind, coalesce(h.order_kind, '') AS order_kind,
    coalesce(h.category_code, '') AS category_code, coalesce(h.buyer_kind, '') AS buyer_kind,
    e.floor_fen AS reserved_fen, e.held + e.spent AS ordered_fen, e.accepted_fen,
    e.spent AS paid_fen
  FROM quota_entry e LEFT JOIN quota_hold h ON h.id = e.hold_id
"""
_SUMS = ", ".join(f"sum({one})::bigint AS {one}" for one in AMOUNTS.split(", "))
_PAID_MONTHS = ", ".join(
    f"coalesce(sum(paid_fen) FILTER (WHERE extract(month FROM local) = {one}), 0)::bigint"
    for one in MONTHS
)
YEARS_BY_ENTRIES = f"""
SELECT added.*, q.unit_id, q.year AS quota_year, q.fund, f.policy_id, f.situation,
  f.confirmed_at AS filed_at
FROM (
  SELECT quota_id, extract(year FROM local)::int AS year, origin_kind, order_kind, buyer_kind,
    {_SUMS}, ARRAY[{_PAID_MONTHS}] AS paid_months, min(at) AS first_at, max(at) AS last_at,
    min(at) FILTER (WHERE paid_fen <> 0) AS first_paid_at
  FROM ({_MOVED}) moved GROUP BY 1, 2, 3, 4, 5
) added JOIN quota q ON q.id = added.quota_id LEFT JOIN filing f ON f.id = q.filing_id
"""  # noqa: S608 - made of the constants above
MONTHS_BY_ENTRIES = f"""
SELECT quota_id, date_trunc('month', local)::date AS month, origin_kind, order_kind,
  category_code, buyer_kind, {_SUMS}
FROM ({_MOVED}) moved GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - made of the constants above


def _differences(table: str, *, by_entries: str, key: str, totals: str) -> TextClause:
    kept, told = (
        ", ".join(f"{name}.{one}" for one in totals.split(", ")) for name in ("kept", "told")
    )
    statement = f"""
        SELECT {key}, '{table}' AS kept_in FROM {table} kept
        FULL JOIN ({by_entries}) told USING ({key})
        WHERE ({kept}) IS DISTINCT FROM ({told})
    """  # noqa: S608 - made of the constants above
    return text(statement)


YEAR_DIFFERENCES = _differences(
    "completion_year", by_entries=YEARS_BY_ENTRIES, key=YEAR_KEY, totals=YEAR_TOTALS
)
MONTH_DIFFERENCES = _differences(
    "completion_month", by_entries=MONTHS_BY_ENTRIES, key=MONTH_KEY, totals=AMOUNTS
)


def count_differences(actor: Actor) -> int:
    """Count the totals that are not what their entries add up to; there must be none."""
    del actor
    return sum(len(db.session.execute(one).all()) for one in (YEAR_DIFFERENCES, MONTH_DIFFERENCES))
