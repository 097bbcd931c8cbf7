"""Completion: totals kept beside the entries by the statement that writes them; lead times.

The totals follow `quota_entry` by a trigger for each statement, so that no command can forget
them and none sends a statement more. Whoever writes entries of a quota has locked the quota's
row before, so nobody waits for a total who did not wait for the quota.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.columns import (
    at,
    checks,
    create,
    day,
    fen,
    key,
    number,
    only_add_to,
    word,
    words,
)

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MONTHS = range(1, 13)
NO_MONTHS = "{" + ",".join("0" for _ in MONTHS) + "}"
AMOUNTS = ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen")
FOLLOW = f"""
CREATE FUNCTION follow_quota_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH moved AS MATERIALIZED (
    SELECT e.counter_id AS quota_id, e.at, e.at AT TIME ZONE 'Asia/Shanghai' AS local,
      coalesce(h.origin_kind, '') AS origin_kind, coalesce(h.order_kind, '') AS order_kind,
      coalesce(h.category_code, '') AS category_code, coalesce(h.buyer_kind, '') AS buyer_kind,
      e.floor_fen AS reserved_fen, e.held + e.spent AS ordered_fen, e.accepted_fen,
      e.spent AS paid_fen
    FROM fresh e LEFT JOIN quota_hold h ON h.id = e.hold_id
  ), years AS (
    INSERT INTO completion_year AS y (quota_id, year, origin_kind, order_kind,
      {", ".join(AMOUNTS)}, paid_months, first_at, last_at, first_paid_at)
    SELECT quota_id, extract(year FROM local)::int, origin_kind, order_kind,
      {", ".join(f"sum({one})" for one in AMOUNTS)},
      ARRAY[{
    ", ".join(
        f"coalesce(sum(paid_fen) FILTER (WHERE extract(month FROM local) = {one}), 0)::bigint"
        for one in MONTHS
    )
}], min(at), max(at), min(at) FILTER (WHERE paid_fen <> 0)
    FROM moved GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT pk_completion_year DO UPDATE SET
      {", ".join(f"{one} = y.{one} + excluded.{one}" for one in AMOUNTS)},
      paid_months = ARRAY[{
    ", ".join(f"y.paid_months[{one}] + excluded.paid_months[{one}]" for one in MONTHS)
}],
      first_at = least(y.first_at, excluded.first_at),
      last_at = greatest(y.last_at, excluded.last_at),
      first_paid_at = least(y.first_paid_at, excluded.first_paid_at)
  )
  INSERT INTO completion_month AS m (quota_id, month, origin_kind, order_kind, category_code,
    buyer_kind, {", ".join(AMOUNTS)})
  SELECT quota_id, date_trunc('month', local)::date, origin_kind, order_kind, category_code,
    buyer_kind, {", ".join(f"sum({one})" for one in AMOUNTS)}
  FROM moved GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
  ON CONFLICT ON CONSTRAINT pk_completion_month DO UPDATE SET
    {", ".join(f"{one} = m.{one} + excluded.{one}" for one in AMOUNTS)};
  RETURN NULL;
END $$;
CREATE TRIGGER follow AFTER INSERT ON quota_entry REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION follow_quota_entries();
"""  # noqa: S608 - made of the constants above


def upgrade() -> None:
    op.add_column("quota_hold", words("category_code?"))
    op.add_column("quota_hold", word("buyer_kind?"))
    op.add_column("order_line", words("category_code?"))
    op.create_table(
        "completion_year",
        key("quota_id"),
        number("year"),
        *map(word, ("origin_kind", "order_kind")),
        *map(fen, AMOUNTS),
        sa.Column("paid_months", ARRAY(sa.BigInteger()), nullable=False),
        *map(at, ("first_at", "last_at", "first_paid_at?")),
        sa.ForeignKeyConstraint(["quota_id"], ["quota.id"], name="fk_completion_year_quota_id"),
        sa.PrimaryKeyConstraint(
            "quota_id", "year", "origin_kind", "order_kind", name="pk_completion_year"
        ),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "completion_month",
        key("quota_id"),
        day("month"),
        *map(word, ("origin_kind", "order_kind")),
        words("category_code"),
        word("buyer_kind"),
        *map(fen, AMOUNTS),
        sa.ForeignKeyConstraint(["quota_id"], ["quota.id"], name="fk_completion_month_quota_id"),
        sa.PrimaryKeyConstraint(
            "quota_id",
            "month",
            "origin_kind",
            "order_kind",
            "category_code",
            "buyer_kind",
            name="pk_completion_month",
        ),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "ix_quota_entry_at",
        "quota_entry",
        ["at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": "16", "autosummarize": "on"},
    )
    create(
        "lead_time_rule",
        day("from_on"),
        *map(number, ("delivery_days", "acceptance_days", "payment_days")),
        *map(number, ("quantile_bp", "least_observations")),
        *map(words, ("source_zh", "source_en")),
        *checks(
            "lead_time_rule",
            days="delivery_days >= 0 AND acceptance_days >= 0 AND payment_days >= 0",
            quantile="quantile_bp BETWEEN 0 AND 10000",
            observations="least_observations > 0",
        ),
        sa.UniqueConstraint("from_on", name="uq_lead_time_rule_from_on"),
    )
    only_add_to(["lead_time_rule"])
    op.execute(FOLLOW)
    op.execute(_backfill())


def _backfill() -> str:
    """Let the entries that stand already go through the same sums, as if just written."""
    body = FOLLOW.split("BEGIN\n", 1)[1].split("  RETURN NULL;", 1)[0]
    return body.replace("FROM fresh e", "FROM quota_entry e")


def downgrade() -> None:
    op.execute("DROP TRIGGER follow ON quota_entry")
    op.execute("DROP FUNCTION follow_quota_entries")
    op.drop_index("ix_quota_entry_at", table_name="quota_entry")
    op.drop_table("lead_time_rule")
    op.drop_table("completion_month")
    op.drop_table("completion_year")
    op.drop_column("order_line", "category_code")
    op.drop_column("quota_hold", "buyer_kind")
    op.drop_column("quota_hold", "category_code")
