"""Certification in full: schemes with papers and prices, versions, work lists, productions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import SchemaItem

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    "notice_rule", "notice_extension", "notice_posting", "notice_outcome", "application_price",
    "application_version", "production", "production_hold", "production_entry",
)  # fmt: skip
APPEND_ONLY_TABLES = (
    "notice_extension", "notice_posting", "notice_outcome", "application_version",
    "production_entry",
)  # fmt: skip
quantity = sa.Numeric(14, 3)
number = sa.Integer()
truth = sa.Boolean()
bag = postgresql.JSONB()

NEVER_EARLIER = """
CREATE FUNCTION keep_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'what was on notice stays' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'ck_notice_stays';
  END IF;
  IF NEW.closes_on < OLD.closes_on OR NEW.opens_on <> OLD.opens_on
     OR NEW.working_days <> OLD.working_days OR NEW.subject_id <> OLD.subject_id THEN
    RAISE EXCEPTION 'a notice only moves later' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'ck_notice_later';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_notice BEFORE UPDATE OR DELETE ON notice
  FOR EACH ROW EXECUTE FUNCTION keep_notice();
"""


def key(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of(
    kind: sa.types.TypeEngine[object], name: str, default: str | None = None
) -> sa.Column[object]:
    return sa.Column(name, kind, server_default=default, nullable=False)


def checks(table: str, **conditions: str) -> list[SchemaItem]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def refers(table: str, **targets: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")
        for column, to in targets.items()
    ]


def create(table: str, *items: SchemaItem) -> None:
    op.create_table(table, key("id"), *items, sa.PrimaryKeyConstraint("id", name=f"pk_{table}"))


def add(table: str, *columns: sa.Column[object], **conditions: str) -> None:
    for column in columns:
        op.add_column(table, column)
    for name, condition in conditions.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def notices() -> None:
    create(
        "notice_rule",
        words("subject_kind"),
        of(number, "reply_working_days"),
        of(number, "extension_working_days"),
        day("in_force_from_on"),
        day("in_force_until_on", nullable=True),
        words("source"),
        sa.UniqueConstraint("subject_kind", "in_force_from_on", name="uq_notice_rule_begin"),
        *checks(
            "notice_rule",
            period="in_force_from_on < in_force_until_on",
            reply_working_days="reply_working_days > 0",
            extension_working_days="extension_working_days > 0",
        ),
    )
    add(
        "notice",
        of(number, "reply_working_days", "5"),
        of(number, "extension_working_days", "5"),
        words("deciding_level", nullable=True),
    )
    add(
        "objection",
        day("due_on", nullable=True),
        words("published_text", nullable=True),
        at("published_at", nullable=True),
        published="(published_text IS NULL) = (published_at IS NULL)",
    )
    create(
        "notice_extension",
        *map(key, ("notice_id", "objection_id")),
        *map(day, ("closed_on", "closes_on")),
        of(number, "working_days"),
        key("by_id"),
        at("at"),
        sa.UniqueConstraint("objection_id", name="uq_notice_extension_objection"),
        *checks("notice_extension", later="closed_on < closes_on"),
        *refers(
            "notice_extension",
            notice_id="notice.id",
            objection_id="objection.id",
            by_id="app_user.id",
        ),
    )
    create(
        "notice_posting",
        key("notice_id"),
        words("level"),
        words("place"),
        key("document_id"),
        day("posted_on"),
        key("posted_by"),
        at("at"),
        *refers(
            "notice_posting",
            notice_id="notice.id",
            document_id="document.id",
            posted_by="app_user.id",
        ),
    )
    for table in ("notice_extension", "notice_posting"):
        op.create_index(f"ix_{table}_notice_id", table, ["notice_id"])
    create(
        "notice_outcome",
        key("notice_id"),
        words("outcome"),
        at("at"),
        sa.UniqueConstraint("notice_id", name="uq_notice_outcome_notice"),
        *refers("notice_outcome", notice_id="notice.id"),
    )
    op.execute(NEVER_EARLIER)


def schemes() -> None:
    add(
        "scheme",
        of(bag, "category_papers", "{}"),
        of(bag, "notice_levels", "[]"),
        *(of(sa.Text(), name, "") for name in ("papers_source", "price_source")),
        *(of(sa.Text(), name, "") for name in ("goods_value_source", "deadline_source")),
        of(number, "comparison_prices", "3"),
        of(truth, "comparison_required", "false"),
        of(number, "price_low_bp", "7000"),
        of(number, "price_high_bp", "13000"),
        sa.Column("minimum_goods_value_fen", sa.BigInteger(), nullable=True),
        of(truth, "production_required", "false"),
        of(bag, "review_working_days", "{}"),
        key("adopted_by_id", nullable=True),
        comparison_prices="comparison_prices >= 0",
        price_band="price_low_bp > 0 AND price_low_bp < price_high_bp",
        minimum_goods_value_fen="minimum_goods_value_fen > 0",
    )
    op.create_foreign_key(
        "fk_scheme_adopted_by_id", "scheme", "app_user", ["adopted_by_id"], ["id"]
    )


def applications() -> None:
    county = sa.Computed('"left"(origin_region_code, 6)', persisted=True)
    add(
        "application",
        sa.Column("origin_county_code", sa.Text(), county, nullable=False),
        words("waiting_region_code", nullable=True),
        day("due_on", nullable=True),
        due_on="(due_on IS NULL) = (waiting_region_code IS NULL)",
    )
    op.create_index("ix_application_county", "application", ["origin_county_code", "id"])
    op.create_index(
        "ix_application_waiting",
        "application",
        ["waiting_region_code", "due_on", "id"],
        postgresql_where=sa.text("waiting_region_code IS NOT NULL"),
    )
    add("application_document", words("sha256", nullable=True), words("number", nullable=True))
    for column in ("sha256", "number"):
        op.create_index(f"ix_application_document_{column}", "application_document", [column])
    add(
        "application_benefit_link",
        sa.Column("quantity", quantity, nullable=True),
        quantity="quantity > 0",
    )
    op.create_index(
        "ix_application_benefit_link_benefit_link_id",
        "application_benefit_link",
        ["benefit_link_id"],
    )
    op.create_table(
        "application_price",
        key("application_id"),
        sa.Column("position", number, autoincrement=False, nullable=False),
        words("source"),
        day("observed_on"),
        words("specification"),
        of(sa.String(32), "unit"),
        of(sa.BigInteger(), "unit_price_fen"),
        *checks("application_price", unit_price_fen="unit_price_fen > 0"),
        *refers("application_price", application_id="application.id"),
        sa.PrimaryKeyConstraint("application_id", "position", name="pk_application_price"),
    )
    create(
        "application_version",
        key("application_id"),
        of(number, "round"),
        key("scheme_id"),
        of(bag, "contents"),
        key("submitted_by_id"),
        at("submitted_at"),
        sa.UniqueConstraint("application_id", "round", name="uq_application_version_round"),
        *refers(
            "application_version",
            application_id="application.id",
            scheme_id="scheme.id",
            submitted_by_id="app_user.id",
        ),
    )
    add(
        "application_review",
        of(bag, "reasons", "[]"),
        reasons="decision = 'return' OR reasons = '[]'::jsonb",
    )


def productions() -> None:
    create(
        "production",
        key("holder_id"),
        *map(words, ("category_code", "county_code")),
        of(number, "year"),
        of(sa.String(32), "unit"),
        of(quantity, "declared"),
        of(quantity, "held", "0"),
        of(quantity, "certified", "0"),
        words("basis"),
        key("declared_by_id"),
        at("declared_at"),
        sa.UniqueConstraint(
            "holder_id", "category_code", "county_code", "year", "unit", name="uq_production"
        ),
        *checks(
            "production",
            held="held >= 0",
            certified="certified >= 0",
            ceiling="held + certified <= declared",
        ),
        *refers(
            "production",
            holder_id="organisation.id",
            category_code="product_category.code",
            county_code="region.code",
            declared_by_id="app_user.id",
        ),
    )
    create(
        "production_hold",
        key("counter_id"),
        words("source"),
        key("source_id"),
        at("held_at"),
        at("expires_at", nullable=True),
        of(quantity, "amount"),
        of(quantity, "posted", "0"),
        of(quantity, "released", "0"),
        sa.UniqueConstraint(
            "source_id", "counter_id", "source", name="uq_production_hold_source_id_counter_id"
        ),
        *checks(
            "production_hold",
            amount_positive="amount > 0",
            ends_once="posted >= 0 AND released >= 0 AND posted + released <= amount",
        ),
        *refers("production_hold", counter_id="production.id"),
    )
    create(
        "production_entry",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        of(sa.String(32), "kind"),
        at("at"),
        of(quantity, "held"),
        of(quantity, "spent"),
        *map(key, ("counter_id", "hold_id")),
        *refers("production_entry", counter_id="production.id", hold_id="production_hold.id"),
    )
    op.create_index("ix_production_entry_counter_id", "production_entry", ["counter_id"])


def upgrade() -> None:
    notices()
    schemes()
    applications()
    productions()
    for table in APPEND_ONLY_TABLES:
        op.execute(f"SELECT make_append_only('{table}')")


ADDED = {
    "application_review": ("reasons",),
    "application_benefit_link": ("quantity",),
    "application_document": ("number", "sha256"),
    "application": ("due_on", "waiting_region_code", "origin_county_code"),
    "scheme": (
        "adopted_by_id", "review_working_days", "production_required", "minimum_goods_value_fen",
        "price_high_bp", "price_low_bp", "comparison_required", "comparison_prices",
        "deadline_source", "goods_value_source", "price_source", "papers_source",
        "notice_levels", "category_papers",
    ),
    "objection": ("published_at", "published_text", "due_on"),
    "notice": ("deciding_level", "extension_working_days", "reply_working_days"),
}  # fmt: skip


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_application_benefit_link_benefit_link_id", "application_benefit_link")
    op.execute("DROP TRIGGER keep_notice ON notice")
    op.execute("DROP FUNCTION keep_notice")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column)
