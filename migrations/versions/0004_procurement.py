"""The reserved share's tables: policies, filings with their steps, quotas, thresholds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

refers = sa.ForeignKeyConstraint
word = sa.String(32)
fen = sa.BigInteger
instant = sa.DateTime(timezone=True)
TABLES = (
    "share_policy", "filing", "filing_step", "quota", "quota_hold", "quota_entry",
    "approval_threshold",
)  # fmt: skip
APPEND_ONLY_TABLES = ("share_policy", "filing_step", "quota_entry", "approval_threshold")


def check(condition: str, *, name: str) -> sa.CheckConstraint:
    """Name a condition exactly so; the naming convention would put its prefix on it again."""
    return sa.CheckConstraint(condition, name=op.f(name))


def upgrade() -> None:
    op.create_table(
        "share_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("year_from", sa.Integer(), nullable=False),
        sa.Column("year_until", sa.Integer(), nullable=True),
        sa.Column("carried_from", sa.Integer(), nullable=True),
        sa.Column("situations", postgresql.JSONB(), nullable=False),
        sa.Column("denominator", word, nullable=False),
        sa.Column("floor_bp", sa.Integer(), nullable=False),
        sa.Column("counting_origin_kinds", postgresql.JSONB(), nullable=False),
        sa.Column("counting_order_kinds", postgresql.JSONB(), nullable=False),
        sa.Column("filing_deadlines", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note_zh", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=False),
        check("region_code ~ '^[0-9]{6}$'", name=op.f("ck_share_policy_region_code")),
        check("year_until IS NULL OR year_from < year_until", name=op.f("ck_share_policy_years")),
        check(
            "carried_from IS NULL OR year_from < carried_from", name=op.f("ck_share_policy_carried")
        ),
        check("floor_bp BETWEEN 0 AND 10000", name=op.f("ck_share_policy_floor")),
        sa.PrimaryKeyConstraint("id", name="pk_share_policy"),
        sa.UniqueConstraint("code", name="uq_share_policy_code"),
    )
    op.create_table(
        "filing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("situation", word, nullable=False),
        sa.Column("canteen_total_fen", fen(), nullable=False),
        sa.Column("reserved_fen", fen(), nullable=False),
        sa.Column("ceiling_fen", fen(), nullable=False),
        sa.Column("union_situation", word, nullable=False),
        sa.Column("union_total_fen", fen(), nullable=True),
        sa.Column("union_reserved_fen", fen(), nullable=True),
        sa.Column("union_ceiling_fen", fen(), nullable=True),
        sa.Column("representative_unit_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("floor_fen", fen(), nullable=False),
        sa.Column("status", word, nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("superior_by", sa.Uuid(), nullable=True),
        sa.Column("finance_by", sa.Uuid(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("submitted_at", instant, nullable=True),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        check(
            "canteen_total_fen >= 0 AND reserved_fen >= 0 AND floor_fen >= 0",
            name=op.f("ck_filing_amounts"),
        ),
        check("reserved_fen <= ceiling_fen", name=op.f("ck_filing_reserved")),
        check(
            "union_reserved_fen >= 0"
            " AND union_reserved_fen <= coalesce(union_ceiling_fen, union_total_fen)",
            name=op.f("ck_filing_union_reserved"),
        ),
        check(
            "superior_by <> author_id AND superior_by <> submitted_by",
            name=op.f("ck_filing_superior_apart"),
        ),
        check(
            "finance_by <> author_id AND finance_by <> submitted_by AND finance_by <> superior_by",
            name=op.f("ck_filing_finance_apart"),
        ),
        check(
            "(status = 'confirmed') = (confirmed_at IS NOT NULL)"
            " AND (confirmed_at IS NULL OR finance_by IS NOT NULL)",
            name=op.f("ck_filing_confirmed"),
        ),
        check(
            "(situation = 'shared') = (representative_unit_id IS NOT NULL)",
            name=op.f("ck_filing_representative"),
        ),
        refers(["unit_id"], ["organisation.id"], name="fk_filing_unit_id"),
        refers(
            ["representative_unit_id"], ["organisation.id"], name="fk_filing_representative_unit_id"
        ),
        refers(["policy_id"], ["share_policy.id"], name="fk_filing_policy_id"),
        refers(["author_id"], ["app_user.id"], name="fk_filing_author_id"),
        refers(["submitted_by"], ["app_user.id"], name="fk_filing_submitted_by"),
        refers(["superior_by"], ["app_user.id"], name="fk_filing_superior_by"),
        refers(["finance_by"], ["app_user.id"], name="fk_filing_finance_by"),
        sa.PrimaryKeyConstraint("id", name="pk_filing"),
        sa.UniqueConstraint("number", name="uq_filing_number"),
        sa.UniqueConstraint("unit_id", "year", name="uq_filing_unit_year"),
    )
    op.create_index("ix_filing_year_status", "filing", ["year", "status"])
    op.create_table(
        "filing_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.Column("act", word, nullable=False),
        sa.Column("by_user_id", sa.Uuid(), nullable=False),
        sa.Column("by_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("canteen_total_fen", fen(), nullable=False),
        sa.Column("reserved_fen", fen(), nullable=False),
        sa.Column("ceiling_fen", fen(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", instant, nullable=False),
        refers(["filing_id"], ["filing.id"], name="fk_filing_step_filing_id"),
        refers(["by_user_id"], ["app_user.id"], name="fk_filing_step_by_user_id"),
        refers(
            ["by_organisation_id"], ["organisation.id"], name="fk_filing_step_by_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_filing_step"),
    )
    op.create_index("ix_filing_step_filing_id", "filing_step", ["filing_id", "position"])
    op.create_table(
        "quota",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("fund", word, nullable=False),
        sa.Column("ceiling_fen", fen(), nullable=False),
        sa.Column("floor_fen", fen(), nullable=False),
        sa.Column("held_fen", fen(), nullable=False),
        sa.Column("spent_fen", fen(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=True),
        check("held_fen >= 0 AND spent_fen >= 0", name=op.f("ck_quota_counters")),
        check("floor_fen >= 0", name=op.f("ck_quota_floor")),
        check("held_fen + spent_fen <= ceiling_fen", name=op.f("ck_quota_ceiling")),
        refers(["unit_id"], ["organisation.id"], name="fk_quota_unit_id"),
        refers(["filing_id"], ["filing.id"], name="fk_quota_filing_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quota"),
        sa.UniqueConstraint("unit_id", "year", "fund", name="uq_quota_unit_year_fund"),
    )
    op.create_index("ix_quota_filing_id", "quota", ["filing_id"])
    op.create_table(
        "quota_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("counter_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=True),
        sa.Column("amount", fen(), nullable=False),
        sa.Column("posted", fen(), server_default="0", nullable=False),
        sa.Column("released", fen(), server_default="0", nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("origin_kind", word, nullable=False),
        sa.Column("order_kind", word, nullable=False),
        sa.Column("accepted_fen", fen(), server_default="0", nullable=False),
        check("amount > 0", name=op.f("ck_quota_hold_amount_positive")),
        check(
            "posted >= 0 AND released >= 0 AND posted + released <= amount",
            name=op.f("ck_quota_hold_ends_once"),
        ),
        check("accepted_fen >= 0 AND accepted_fen <= amount", name=op.f("ck_quota_hold_accepted")),
        refers(["counter_id"], ["quota.id"], name="fk_quota_hold_counter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_hold"),
        sa.UniqueConstraint(
            "source_id", "counter_id", "source", name="uq_quota_hold_source_id_counter_id"
        ),
    )
    op.create_index("ix_quota_hold_order_id", "quota_hold", ["order_id"])
    op.create_table(
        "quota_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("counter_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("kind", word, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("held", fen(), nullable=False),
        sa.Column("spent", fen(), nullable=False),
        sa.Column("accepted_fen", fen(), server_default="0", nullable=False),
        sa.Column("ceiling_fen", fen(), server_default="0", nullable=False),
        sa.Column("floor_fen", fen(), server_default="0", nullable=False),
        refers(["counter_id"], ["quota.id"], name="fk_quota_entry_counter_id"),
        refers(["hold_id"], ["quota_hold.id"], name="fk_quota_entry_hold_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_entry"),
    )
    op.create_index("ix_quota_entry_counter_id", "quota_entry", ["counter_id", "position"])
    op.create_table(
        "approval_threshold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("amount_fen", fen(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", instant, nullable=False),
        check("amount_fen >= 0", name=op.f("ck_approval_threshold_amount")),
        refers(["unit_id"], ["organisation.id"], name="fk_approval_threshold_unit_id"),
        refers(["author_id"], ["app_user.id"], name="fk_approval_threshold_author_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval_threshold"),
    )
    op.create_index("ix_approval_threshold_unit_id", "approval_threshold", ["unit_id", "from_on"])
    op.create_index(
        "uq_approval_threshold_default",
        "approval_threshold",
        ["from_on"],
        unique=True,
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    for table in APPEND_ONLY_TABLES:
        op.execute(f"SELECT make_append_only('{table}')")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
