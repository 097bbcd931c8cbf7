"""Yearly totals say whose they are and what was promised; fen add up without numerics.

What a report reads of every total stands beside it: the unit, year and fund of its quota, and the
policy and situation of the promise. Entries bring them when they write a total first; a quota that
names a newer promise, and a promise that is confirmed, carry them over in their own statement.
"""

from alembic import op

from migrations.columns import at, key, number, word

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

MONTHS = range(1, 13)
AMOUNTS = ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen")
KINDS = ("origin_kind", "order_kind", "buyer_kind")
PROMISED = ("unit_id", "quota_year", "fund", "policy_id", "situation", "filed_at")
SURE = ("unit_id", "quota_year", "fund")
OF_QUOTA = """
UPDATE completion_year y SET unit_id = q.unit_id, quota_year = q.year, fund = q.fund,
  policy_id = f.policy_id, situation = f.situation, filed_at = f.confirmed_at
FROM quota q LEFT JOIN filing f ON f.id = q.filing_id WHERE y.quota_id = q.id"""
PATIENCE = "SET LOCAL statement_timeout = '10min'"
"""Every total there is gets its columns."""


def upgrade() -> None:
    op.execute(PATIENCE)
    op.execute(
        "CREATE AGGREGATE sum_fen(bigint)"
        " (SFUNC = int8pl, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE)"
    )
    for column in (
        key("unit_id?"),
        number("quota_year?"),
        word("fund?"),
        key("policy_id?"),
        word("situation?"),
        at("filed_at?"),
    ):
        op.add_column("completion_year", column)
    op.execute(OF_QUOTA)
    for name in SURE:
        op.alter_column("completion_year", name, nullable=False)
    for name, table in (("unit_id", "organisation"), ("policy_id", "share_policy")):
        op.create_foreign_key(
            f"fk_completion_year_{name}", "completion_year", table, [name], ["id"]
        )
    op.create_index("ix_completion_year_unit_id", "completion_year", ["unit_id"])
    op.execute(_follow(promised=True))
    op.execute(f"""
        CREATE FUNCTION follow_promises() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF TG_TABLE_NAME = 'quota' THEN {OF_QUOTA} AND q.id = NEW.id;
          ELSE {OF_QUOTA} AND q.filing_id = NEW.id;
          END IF;
          RETURN NULL;
        END $$
    """)
    op.execute(
        "CREATE TRIGGER follow AFTER UPDATE OF filing_id ON quota FOR EACH ROW"
        " WHEN (OLD.filing_id IS DISTINCT FROM NEW.filing_id) EXECUTE FUNCTION follow_promises()"
    )
    op.execute(
        "CREATE TRIGGER follow AFTER UPDATE OF confirmed_at ON filing FOR EACH ROW"
        " WHEN (OLD.confirmed_at IS DISTINCT FROM NEW.confirmed_at)"
        " EXECUTE FUNCTION follow_promises()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER follow ON filing")
    op.execute("DROP TRIGGER follow ON quota")
    op.execute("DROP FUNCTION follow_promises")
    op.execute(_follow(promised=False))
    op.drop_index("ix_completion_year_unit_id", table_name="completion_year")
    for name in PROMISED:
        op.drop_column("completion_year", name)
    op.execute("DROP AGGREGATE sum_fen(bigint)")


def _follow(*, promised: bool) -> str:
    """Give the function that keeps the totals, with or without whose they are."""
    keys = ", ".join(str(one + 1) for one in range(2 + len(KINDS)))
    paid = ", ".join(
        f"coalesce(sum(paid_fen) FILTER (WHERE extract(month FROM local) = {one}), 0)::bigint"
        for one in MONTHS
    )
    names, told, where = "", "", ""
    if promised:
        names = ", " + ", ".join(PROMISED)
        told = ", q.unit_id, q.year, q.fund, f.policy_id, f.situation, f.confirmed_at"
        where = "JOIN quota q ON q.id = added.quota_id LEFT JOIN filing f ON f.id = q.filing_id"
    return f"""
CREATE OR REPLACE FUNCTION follow_quota_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH moved AS MATERIALIZED (
    SELECT e.counter_id AS quota_id, e.at, e.at AT TIME ZONE 'Asia/Shanghai' AS local,
      coalesce(h.origin_kind, '') AS origin_kind, coalesce(h.order_kind, '') AS order_kind,
      coalesce(h.category_code, '') AS category_code, coalesce(h.buyer_kind, '') AS buyer_kind,
      e.floor_fen AS reserved_fen, e.held + e.spent AS ordered_fen, e.accepted_fen,
      e.spent AS paid_fen
    FROM fresh e LEFT JOIN quota_hold h ON h.id = e.hold_id
  ), added AS (
    SELECT quota_id, extract(year FROM local)::int AS year, {", ".join(KINDS)},
      {", ".join(f"sum({one})" for one in AMOUNTS)}, ARRAY[{paid}],
      min(at), max(at), min(at) FILTER (WHERE paid_fen <> 0)
    FROM moved GROUP BY {keys}
  ), years AS (
    INSERT INTO completion_year AS y (quota_id, year, {", ".join(KINDS)},
      {", ".join(AMOUNTS)}, paid_months, first_at, last_at, first_paid_at{names})
    SELECT added.*{told} FROM added {where} ORDER BY {keys}
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
END $$
"""  # noqa: S608 - made of the constants above
