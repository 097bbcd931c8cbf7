"""Certificates renewed, rescoped, warned of and searched; signals of capacities; signing keys."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    counted,
    create,
    day,
    drop_columns,
    drop_tables,
    grams,
    index,
    index_grams,
    index_prefixes,
    indexes,
    json,
    key,
    number,
    quantities,
    quantity,
    refers,
    sealed,
    word,
    words,
)

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = (
    "certificate_rule",
    "certificate_warning",
    "scope_change",
    "signing_key",
    "capacity_signal",
)

SIGNAL = """
CREATE FUNCTION note_capacity_signal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO capacity_signal (capacity_id, level, used, declared)
  VALUES (NEW.id, width_bucket(NEW.held + NEW.sold, NEW.signals), NEW.held + NEW.sold,
    NEW.declared);
  RETURN NULL;
END $$;
CREATE TRIGGER signal AFTER UPDATE OF held, sold, declared, signals ON capacity
  FOR EACH ROW
  WHEN (width_bucket(NEW.held + NEW.sold, NEW.signals)
      > width_bucket(OLD.held + OLD.sold, OLD.signals))
  EXECUTE FUNCTION note_capacity_signal();
"""


def upgrade() -> None:
    widen_certificates()
    create_terms()
    create_scope()
    create_signals()


def widen_certificates() -> None:
    add(
        "certificate",
        key("renews_id?"),
        number("revision", default="1"),
        words("search_text", default=""),
        grams(default="{}"),
        renews="renews_id <> id",
        revision="revision > 0",
    )
    add_reference("certificate", "renews_id", "certificate")
    op.create_unique_constraint("uq_certificate_renews_id", "certificate", ["renews_id"])
    index("ix_certificate_category", "category_code", "id", on="certificate")
    index("ix_certificate_status", "status", "id", on="certificate")
    index_prefixes("ix_certificate_origin", "origin_region_code", on="certificate")
    index_grams("certificate")
    add("capacity", quantities("signals", default="{}"))
    add("application", key("renews_certificate_id?"))


def create_terms() -> None:
    create(
        "certificate_rule",
        *map(words, ("code", "region_code")),
        *map(json, ("warning_days", "signal_bp")),
        *map(number, ("renewal_opens_days", "renewal_closes_days", "largest_increase_bp")),
        words("source"),
        day("in_force_from_on"),
        day("in_force_until_on?"),
        sa.UniqueConstraint("code", name="uq_certificate_rule_code"),
        *checks(
            "certificate_rule",
            period="in_force_from_on < in_force_until_on",
            figures="renewal_opens_days >= 0 AND renewal_closes_days >= 0"
            " AND largest_increase_bp >= 0",
        ),
        *refers("certificate_rule", region_code="region.code"),
    )
    op.create_table(
        "certificate_warning",
        key("certificate_id"),
        number("days"),
        day("due_on"),
        at("served_at?"),
        *checks("certificate_warning", days="days > 0"),
        *refers("certificate_warning", certificate_id="certificate"),
        sa.PrimaryKeyConstraint("certificate_id", "days", name="pk_certificate_warning"),
    )
    index(
        "ix_certificate_warning_due", "due_on", on="certificate_warning", where="served_at IS NULL"
    )
    op.create_table(
        "signing_key",
        words("key_id"),
        words("algorithm"),
        sealed("public_key"),
        at("in_use_from_at"),
        at("retired_at?"),
        *checks("signing_key", period="in_use_from_at <= retired_at"),
        sa.PrimaryKeyConstraint("key_id", name="pk_signing_key"),
    )
    index("uq_signing_key_current", "algorithm", on="signing_key", where="retired_at IS NULL")


def create_scope() -> None:
    create(
        "scope_change",
        key("certificate_id"),
        *map(words, ("product_name", "specification")),
        quantity("yearly_quantity"),
        words("reason"),
        word("status"),
        key("requested_by_id"),
        at("requested_at"),
        key("decided_by_id?"),
        at("decided_at?"),
        words("opinion?"),
        json("before?"),
        *checks(
            "scope_change",
            yearly_quantity="yearly_quantity > 0",
            decided="(decided_at IS NULL) = (status = 'requested')",
            before="(before IS NOT NULL) = (status = 'accepted')",
            author="status = 'withdrawn' OR decided_by_id <> requested_by_id",
        ),
        *refers(
            "scope_change",
            certificate_id="certificate",
            requested_by_id="app_user",
            decided_by_id="app_user",
        ),
    )
    indexes("scope_change", "certificate_id")
    index("uq_scope_change_open", "certificate_id", on="scope_change", where="status = 'requested'")


def create_signals() -> None:
    op.create_table(
        "capacity_signal",
        counted("id"),
        key("capacity_id"),
        number("level"),
        *map(quantity, ("used", "declared")),
        at("signalled_at?"),
        *refers("capacity_signal", capacity_id="capacity"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_signal"),
    )
    indexes("capacity_signal", "capacity_id")
    index("ix_capacity_signal_due", "id", on="capacity_signal", where="signalled_at IS NULL")
    op.execute(SIGNAL)


def downgrade() -> None:
    op.execute("DROP TRIGGER signal ON capacity")
    op.execute("DROP FUNCTION note_capacity_signal")
    drop_tables(TABLES)
    for name in ("category", "status", "origin"):
        op.drop_index(f"ix_certificate_{name}", "certificate")
    drop_columns("certificate", "grams", "search_text", "revision", "renews_id")
    drop_columns("capacity", "signals")
    drop_columns("application", "renews_certificate_id")
