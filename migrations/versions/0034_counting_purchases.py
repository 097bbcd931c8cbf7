"""Yearly totals tell kinds of buyers apart: policies say whose purchases count."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MONTHS = range(1, 13)
AMOUNTS = ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen")
KINDS = ("origin_kind", "order_kind")
PATIENCE = "SET LOCAL statement_timeout = '10min'"
"""Totals are written anew from every entry there is."""


def upgrade() -> None:
    op.execute(PATIENCE)
    op.execute("DELETE FROM completion_year")
    op.add_column("completion_year", sa.Column("buyer_kind", sa.String(32), nullable=False))
    _told_apart_by((*KINDS, "buyer_kind"))


def downgrade() -> None:
    op.execute(PATIENCE)
    op.execute("DELETE FROM completion_year")
    op.drop_constraint("pk_completion_year", "completion_year")
    op.drop_column("completion_year", "buyer_kind")
    _told_apart_by(KINDS, constrained=False)


def _told_apart_by(kinds: tuple[str, ...], *, constrained: bool = True) -> None:
    """Give the yearly totals these kinds, and write them anew as if entries came just now."""
    if constrained:
        op.drop_constraint("pk_completion_year", "completion_year")
    op.create_primary_key("pk_completion_year", "completion_year", ["quota_id", "year", *kinds])
    op.execute(
        "CREATE OR REPLACE FUNCTION follow_quota_entries() RETURNS trigger LANGUAGE plpgsql AS $$"
        f"BEGIN WITH {_years('fresh', kinds)} {_months()}; RETURN NULL; END $$"
    )
    op.execute(f"WITH {_years('quota_entry', kinds)} SELECT 1")


def _years(entries: str, kinds: tuple[str, ...]) -> str:
    """Give the statement's first half: what moved, and the years that follow it."""
    keys = ", ".join(str(one + 1) for one in range(2 + len(kinds)))
    paid = ", ".join(
        f"coalesce(sum(paid_fen) FILTER (WHERE extract(month FROM local) = {one}), 0)::bigint"
        for one in MONTHS
    )
    return f"""moved AS MATERIALIZED (
    SELECT e.counter_id AS quota_id, e.at, e.at AT TIME ZONE 'Asia/Shanghai' AS local,
      coalesce(h.origin_kind, '') AS origin_kind, coalesce(h.order_kind, '') AS order_kind,
      coalesce(h.category_code, '') AS category_code, coalesce(h.buyer_kind, '') AS buyer_kind,
      e.floor_fen AS reserved_fen, e.held + e.spent AS ordered_fen, e.accepted_fen,
      e.spent AS paid_fen
    FROM {entries} e LEFT JOIN quota_hold h ON h.id = e.hold_id
  ), years AS (
    INSERT INTO completion_year AS y (quota_id, year, {", ".join(kinds)},
      {", ".join(AMOUNTS)}, paid_months, first_at, last_at, first_paid_at)
    SELECT quota_id, extract(year FROM local)::int, {", ".join(kinds)},
      {", ".join(f"sum({one})" for one in AMOUNTS)}, ARRAY[{paid}],
      min(at), max(at), min(at) FILTER (WHERE paid_fen <> 0)
    FROM moved GROUP BY {keys} ORDER BY {keys}
    ON CONFLICT ON CONSTRAINT pk_completion_year DO UPDATE SET
      {", ".join(f"{one} = y.{one} + excluded.{one}" for one in AMOUNTS)},
      paid_months = ARRAY[{
        ", ".join(f"y.paid_months[{one}] + excluded.paid_months[{one}]" for one in MONTHS)
    }],
      first_at = least(y.first_at, excluded.first_at),
      last_at = greatest(y.last_at, excluded.last_at),
      first_paid_at = least(y.first_paid_at, excluded.first_paid_at)
  )"""  # noqa: S608 - made of the constants above


def _months() -> str:
    return f"""
  INSERT INTO completion_month AS m (quota_id, month, origin_kind, order_kind, category_code,
    buyer_kind, {", ".join(AMOUNTS)})
  SELECT quota_id, date_trunc('month', local)::date, origin_kind, order_kind, category_code,
    buyer_kind, {", ".join(f"sum({one})" for one in AMOUNTS)}
  FROM moved GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
  ON CONFLICT ON CONSTRAINT pk_completion_month DO UPDATE SET
    {", ".join(f"{one} = m.{one} + excluded.{one}" for one in AMOUNTS)}"""  # noqa: S608 - made of the constants above
