"""The register's tables: regions, organisations, accounts, papers, notices, households."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

refers = sa.ForeignKeyConstraint
TABLES = (
    "region", "designation", "organisation", "app_user", "membership", "access_token",
    "document", "calendar_day", "notice", "objection", "household", "benefit_link", "disclosure",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "region",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("successor_code", sa.Text(), nullable=True),
        sa.CheckConstraint("code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'", name=op.f("ck_region_code")),
        sa.CheckConstraint("valid_from_on < valid_until_on", name=op.f("ck_region_period")),
        refers(["parent_code"], ["region.code"], name="fk_region_parent_code"),
        refers(["successor_code"], ["region.code"], name="fk_region_successor_code"),
        sa.PrimaryKeyConstraint("code", name="pk_region"),
    )
    op.create_index("ix_region_parent_code", "region", ["parent_code"])
    op.create_table(
        "designation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("name_at_listing", sa.Text(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("partner_code", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_from_on < valid_until_on", name=op.f("ck_designation_period")),
        refers(["partner_code"], ["region.code"], name="fk_designation_partner_code"),
        refers(["region_code"], ["region.code"], name="fk_designation_region_code"),
        sa.PrimaryKeyConstraint("id", name="pk_designation"),
        sa.UniqueConstraint("kind", "region_code", "name_at_listing", name="uq_designation_member"),
    )
    op.create_index("ix_designation_region_code", "designation", ["region_code"])
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("region_prefix", sa.Text(), nullable=False),
        sa.Column("supervising_id", sa.Uuid(), nullable=True),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name=op.f("ck_organisation_credit_code")
        ),
        sa.CheckConstraint(
            "right(lineage, 38) = '/' || id || '/'", name=op.f("ck_organisation_lineage")
        ),
        sa.CheckConstraint(
            "starts_with(region_code, region_prefix)", name=op.f("ck_organisation_region_prefix")
        ),
        refers(["region_code"], ["region.code"], name="fk_organisation_region_code"),
        refers(["supervising_id"], ["organisation.id"], name="fk_organisation_supervising_id"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("credit_code", name="uq_organisation_credit_code"),
        sa.UniqueConstraint("lineage", name="uq_organisation_lineage"),
    )
    op.create_index(
        "ix_organisation_lineage",
        "organisation",
        ["lineage"],
        unique=False,
        postgresql_ops={"lineage": "text_pattern_ops"},
    )
    op.create_index(
        "ix_organisation_region_code",
        "organisation",
        ["region_code"],
        unique=False,
        postgresql_ops={"region_code": "text_pattern_ops"},
    )
    op.create_index("ix_organisation_supervising_id", "organisation", ["supervising_id"])
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("failed_attempts >= 0", name=op.f("ck_app_user_failed_attempts")),
        sa.CheckConstraint("username = lower(username)", name=op.f("ck_app_user_username")),
        refers(["organisation_id"], ["organisation.id"], name="fk_app_user_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_app_user"),
        sa.UniqueConstraint("username", name="uq_app_user_username"),
    )
    op.create_index("ix_app_user_organisation_id", "app_user", ["organisation_id"])
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        refers(["organisation_id"], ["organisation.id"], name="fk_membership_organisation_id"),
        refers(["user_id"], ["app_user.id"], name="fk_membership_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint("user_id", "organisation_id", "role", name="uq_membership_role"),
    )
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("issued_at < expires_at", name=op.f("ck_access_token_period")),
        refers(["organisation_id"], ["organisation.id"], name="fk_access_token_organisation_id"),
        refers(["user_id"], ["app_user.id"], name="fk_access_token_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("digest", name="uq_access_token_digest"),
    )
    op.create_index("ix_access_token_user_id", "access_token", ["user_id"])
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_document_sha256")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_document_size_bytes")),
        refers(["created_by"], ["app_user.id"], name="fk_document_created_by"),
        refers(["organisation_id"], ["organisation.id"], name="fk_document_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_organisation_id", "document", ["organisation_id", "id"])
    op.create_table(
        "calendar_day",
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day_on", name="pk_calendar_day"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("rule_source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("opens_on < closes_on", name=op.f("ck_notice_period")),
        sa.CheckConstraint("working_days > 0", name=op.f("ck_notice_working_days")),
        refers(["region_code"], ["region.code"], name="fk_notice_region_code"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("number", name="uq_notice_number"),
        sa.UniqueConstraint("subject_kind", "subject_id", "round", name="uq_notice_subject"),
    )
    op.create_index("ix_notice_region_code", "notice", ["region_code"])
    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("lodged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("replied_by", sa.Uuid(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(replied_by IS NULL) = (replied_at IS NULL)", name=op.f("ck_objection_replied_by")
        ),
        sa.CheckConstraint(
            "(reply IS NULL) = (replied_at IS NULL)", name=op.f("ck_objection_reply")
        ),
        sa.CheckConstraint(
            "(upheld IS NULL) = (replied_at IS NULL)", name=op.f("ck_objection_upheld")
        ),
        refers(["notice_id"], ["notice.id"], name="fk_objection_notice_id"),
        refers(["replied_by"], ["app_user.id"], name="fk_objection_replied_by"),
        sa.PrimaryKeyConstraint("id", name="pk_objection"),
    )
    op.create_index("ix_objection_notice_id", "objection", ["notice_id"])
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("head_name", sa.LargeBinary(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("bank_card", sa.LargeBinary(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("able_labour", sa.Integer(), nullable=False),
        sa.Column("willing", sa.Boolean(), nullable=False),
        sa.Column("class", sa.String(32), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "able_labour BETWEEN 0 AND members", name=op.f("ck_household_able_labour")
        ),
        sa.CheckConstraint("members > 0", name=op.f("ck_household_members")),
        refers(["village_code"], ["region.code"], name="fk_household_village_code"),
        sa.PrimaryKeyConstraint("id", name="pk_household"),
        sa.UniqueConstraint("code", name="uq_household_code"),
        sa.UniqueConstraint("id_number_index", name="uq_household_id_number_index"),
    )
    op.create_index(
        "ix_household_village_code",
        "household",
        ["village_code"],
        unique=False,
        postgresql_ops={"village_code": "text_pattern_ops"},
    )
    op.create_table(
        "benefit_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("since_on < until_on", name=op.f("ck_benefit_link_period")),
        refers(["household_id"], ["household.id"], name="fk_benefit_link_household_id"),
        refers(["organisation_id"], ["organisation.id"], name="fk_benefit_link_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_benefit_link"),
    )
    op.create_index("ix_benefit_link_household_id", "benefit_link", ["household_id"])
    op.create_index(
        "ix_benefit_link_organisation_id",
        "benefit_link",
        ["organisation_id", "household_id"],
        unique=False,
    )
    op.create_index(
        "uq_benefit_link_in_force",
        "benefit_link",
        ["household_id", "organisation_id", "way"],
        unique=True,
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        refers(["organisation_id"], ["organisation.id"], name="fk_disclosure_organisation_id"),
        refers(["user_id"], ["app_user.id"], name="fk_disclosure_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure"),
    )
    op.create_index("ix_disclosure_subject", "disclosure", ["subject_kind", "subject_id"])
    op.execute("SELECT make_append_only('disclosure')")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
