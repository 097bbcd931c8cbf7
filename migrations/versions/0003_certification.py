"""Certification's tables: schemes, applications with their reviews, certificates, capacities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

refers = sa.ForeignKeyConstraint
check = sa.CheckConstraint  # alembic makes ck_<table>_<name> of its name
parties = ["application_id", "author_id", "holder_id"]
its_parties = ["application.id", "application.author_id", "application.holder_id"]
quantity = sa.Numeric(14, 3)
instant = sa.DateTime(timezone=True)
TABLES = (
    "product_category", "scheme", "application", "application_benefit_link", "application_document",
    "application_review", "certificate", "capacity", "certificate_change", "capacity_hold",
    "capacity_entry",
)  # fmt: skip
APPEND_ONLY_TABLES = ("application_review", "certificate_change", "capacity_entry")


def upgrade() -> None:
    op.create_table(
        "product_category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_product_category"),
    )
    op.create_table(
        "scheme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("origin_kinds", postgresql.JSONB(), nullable=False),
        sa.Column("holder_kinds", postgresql.JSONB(), nullable=False),
        sa.Column("paper_kinds", postgresql.JSONB(), nullable=False),
        sa.Column("review_chain", postgresql.JSONB(), nullable=False),
        sa.Column("notice_working_days", sa.Integer(), nullable=False),
        sa.Column("notice_source", sa.Text(), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=False),
        sa.Column("validity_source", sa.Text(), nullable=False),
        sa.Column("in_force_from_on", sa.Date(), nullable=False),
        sa.Column("in_force_until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        check("in_force_from_on < in_force_until_on", name="period"),
        check("jsonb_array_length(review_chain) > 0", name="review_chain"),
        check("notice_working_days > 0", name="notice_working_days"),
        check("validity_months > 0", name="validity_months"),
        sa.PrimaryKeyConstraint("id", name="pk_scheme"),
        sa.UniqueConstraint("code", "version", name="uq_scheme_code_version"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("specification", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("origin_region_code", sa.Text(), nullable=False),
        sa.Column("yearly_quantity", quantity, nullable=False),
        sa.Column("goods_value_fen", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("pledge", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", instant, nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        check(
            "status NOT IN ('in_notice', 'granted') OR notice_id IS NOT NULL",
            name="notice",
        ),
        check("goods_value_fen > 0", name="goods_value_fen"),
        check("round >= 0", name="round"),
        check("unit_price_fen > 0", name="unit_price_fen"),
        check("yearly_quantity > 0", name="yearly_quantity"),
        refers(["author_id"], ["app_user.id"], name="fk_application_author_id"),
        refers(["category_code"], ["product_category.code"], name="fk_application_category_code"),
        refers(["holder_id"], ["organisation.id"], name="fk_application_holder_id"),
        refers(["notice_id"], ["notice.id"], name="fk_application_notice_id"),
        refers(["origin_region_code"], ["region.code"], name="fk_application_origin_region_code"),
        refers(["scheme_id"], ["scheme.id"], name="fk_application_scheme_id"),
        refers(["submitted_by_id"], ["app_user.id"], name="fk_application_submitted_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint("id", "author_id", "holder_id", name="uq_application_parties"),
        sa.UniqueConstraint("number", name="uq_application_number"),
    )
    op.create_index("ix_application_holder_id_id", "application", ["holder_id", "id"])
    op.create_index(
        "ix_application_origin_region_code",
        "application",
        ["origin_region_code"],
        unique=False,
        postgresql_ops={"origin_region_code": "text_pattern_ops"},
    )
    op.create_table(
        "application_benefit_link",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("benefit_link_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        refers(
            ["application_id"],
            ["application.id"],
            name="fk_application_benefit_link_application_id",
        ),
        refers(
            ["benefit_link_id"],
            ["benefit_link.id"],
            name="fk_application_benefit_link_benefit_link_id",
        ),
        sa.PrimaryKeyConstraint(
            "application_id", "benefit_link_id", name="pk_application_benefit_link"
        ),
    )
    op.create_table(
        "application_document",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        refers(
            ["application_id"], ["application.id"], name="fk_application_document_application_id"
        ),
        refers(["document_id"], ["document.id"], name="fk_application_document_document_id"),
        sa.PrimaryKeyConstraint("application_id", "document_id", name="pk_application_document"),
    )
    op.create_table(
        "application_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(32), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("at", instant, nullable=False),
        check("level <> 'notice' OR decision <> 'pass'", name="notice"),
        check("organisation_id <> holder_id", name="own_organisation"),
        check("reviewer_id <> author_id", name="author"),
        refers(parties, its_parties, name="fk_application_review_application"),
        refers(
            ["organisation_id"], ["organisation.id"], name="fk_application_review_organisation_id"
        ),
        refers(["reviewer_id"], ["app_user.id"], name="fk_application_review_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application_review"),
        sa.UniqueConstraint("application_id", "round", "level", name="uq_application_review_level"),
    )
    op.create_index(
        "uq_application_review_reviewer",
        "application_review",
        ["application_id", "round", "reviewer_id"],
        unique=True,
        postgresql_where=sa.text("level <> 'notice'"),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("specification", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("origin_region_code", sa.Text(), nullable=False),
        sa.Column("origin_kind", sa.String(32), nullable=False),
        sa.Column("yearly_quantity", quantity, nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_until_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", instant, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        check("granted_by_id <> author_id", name="author"),
        check("unit_price_fen > 0", name="unit_price_fen"),
        check("valid_from_on < valid_until_on", name="period"),
        check("yearly_quantity > 0", name="yearly_quantity"),
        refers(parties, its_parties, name="fk_certificate_application"),
        refers(["category_code"], ["product_category.code"], name="fk_certificate_category_code"),
        refers(["granted_by_id"], ["app_user.id"], name="fk_certificate_granted_by_id"),
        refers(["origin_region_code"], ["region.code"], name="fk_certificate_origin_region_code"),
        refers(["scheme_id"], ["scheme.id"], name="fk_certificate_scheme_id"),
        sa.PrimaryKeyConstraint("id", name="pk_certificate"),
        sa.UniqueConstraint("application_id", name="uq_certificate_application"),
        sa.UniqueConstraint("number", name="uq_certificate_number"),
    )
    op.create_index(
        "ix_certificate_due",
        "certificate",
        ["valid_until_on"],
        unique=False,
        postgresql_where=sa.text("status IN ('in_force', 'suspended')"),
    )
    op.create_index("ix_certificate_holder_id", "certificate", ["holder_id"])
    op.create_table(
        "capacity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("declared", quantity, nullable=False),
        sa.Column("held", quantity, server_default="0", nullable=False),
        sa.Column("sold", quantity, server_default="0", nullable=False),
        check("from_on < until_on", name="period"),
        check("held + sold <= declared", name="ceiling"),
        check("held >= 0", name="held"),
        check("sold >= 0", name="sold"),
        refers(["certificate_id"], ["certificate.id"], name="fk_capacity_certificate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity"),
        sa.UniqueConstraint("certificate_id", "from_on", name="uq_capacity_year"),
    )
    op.create_table(
        "certificate_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", instant, nullable=False),
        check("(by_id IS NULL) = (kind = 'expired')", name="by"),
        refers(["by_id"], ["app_user.id"], name="fk_certificate_change_by_id"),
        refers(["certificate_id"], ["certificate.id"], name="fk_certificate_change_certificate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_change"),
    )
    op.create_index(
        "ix_certificate_change_certificate_id", "certificate_change", ["certificate_id", "position"]
    )
    op.create_table(
        "capacity_hold",
        sa.Column("counter_id", sa.Uuid(), nullable=False),
        sa.Column("amount", quantity, nullable=False),
        sa.Column("posted", quantity, server_default="0", nullable=False),
        sa.Column("released", quantity, server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=True),
        check("amount > 0", name="amount_positive"),
        check(
            "posted >= 0 AND released >= 0 AND posted + released <= amount",
            name="ends_once",
        ),
        refers(["counter_id"], ["capacity.id"], name="fk_capacity_hold_counter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_hold"),
        sa.UniqueConstraint(
            "source_id", "counter_id", "source", name="uq_capacity_hold_source_id_counter_id"
        ),
    )
    op.create_table(
        "capacity_entry",
        sa.Column("counter_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("held", quantity, nullable=False),
        sa.Column("spent", quantity, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", instant, nullable=False),
        refers(["counter_id"], ["capacity.id"], name="fk_capacity_entry_counter_id"),
        refers(["hold_id"], ["capacity_hold.id"], name="fk_capacity_entry_hold_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_entry"),
    )
    op.create_index("ix_capacity_entry_counter_id", "capacity_entry", ["counter_id"])
    # counters are updated with every order: room on the page keeps the updates off the indexes
    op.execute("ALTER TABLE capacity SET (fillfactor = 50)")
    for table in APPEND_ONLY_TABLES:
        op.execute(f"SELECT make_append_only('{table}')")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
