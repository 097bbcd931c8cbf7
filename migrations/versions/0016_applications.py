"""Schemes with papers and prices; applications with prices, versions and work lists."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    flag,
    index,
    indexes,
    json,
    key,
    number,
    only_add_to,
    quantity,
    refers,
    word,
    words,
)

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("application_price", "application_version")
APPEND_ONLY_TABLES = ("application_version",)
SOURCES = ("papers_source", "price_source", "goods_value_source", "deadline_source")
ADDED = {
    "scheme": (
        "category_papers", "notice_levels", *SOURCES, "comparison_prices", "comparison_required",
        "price_low_bp", "price_high_bp", "minimum_goods_value_fen", "production_required",
        "review_working_days", "adopted_by_id",
    ),
    "application": ("origin_county_code", "waiting_region_code", "due_on"),
    "application_document": ("sha256", "number"),
    "application_benefit_link": ("quantity",),
    "application_review": ("reasons",),
}  # fmt: skip


def upgrade() -> None:
    widen_schemes()
    widen_applications()
    create_versions()
    only_add_to(APPEND_ONLY_TABLES)


def widen_schemes() -> None:
    add(
        "scheme",
        json("category_papers", default="{}"),
        json("notice_levels", default="[]"),
        *(words(name, default="") for name in SOURCES),
        number("comparison_prices", default="3"),
        flag("comparison_required", default="false"),
        number("price_low_bp", default="7000"),
        number("price_high_bp", default="13000"),
        fen("minimum_goods_value_fen?"),
        flag("production_required", default="false"),
        json("review_working_days", default="{}"),
        key("adopted_by_id?"),
        comparison_prices="comparison_prices >= 0",
        price_band="price_low_bp > 0 AND price_low_bp < price_high_bp",
        minimum_goods_value_fen="minimum_goods_value_fen > 0",
    )
    add_reference("scheme", "adopted_by_id", "app_user")


def widen_applications() -> None:
    county = sa.Computed('"left"(origin_region_code, 6)', persisted=True)
    add(
        "application",
        sa.Column("origin_county_code", sa.Text(), county, nullable=False),
        words("waiting_region_code?"),
        day("due_on?"),
        due_on="(due_on IS NULL) = (waiting_region_code IS NULL)",
    )
    index("ix_application_county", "origin_county_code", "id", on="application")
    index(
        "ix_application_waiting",
        "waiting_region_code",
        "due_on",
        "id",
        on="application",
        where="waiting_region_code IS NOT NULL",
    )
    add("application_document", words("sha256?"), words("number?"))
    indexes("application_document", "sha256", "number")
    add("application_benefit_link", quantity("quantity?"), quantity="quantity > 0")
    indexes("application_benefit_link", "benefit_link_id")
    add(
        "application_review",
        json("reasons", default="[]"),
        reasons="decision = 'return' OR reasons = '[]'::jsonb",
    )


def create_versions() -> None:
    op.create_table(
        "application_price",
        key("application_id"),
        number("position"),
        words("source"),
        day("observed_on"),
        words("specification"),
        word("unit"),
        fen("unit_price_fen"),
        *checks("application_price", unit_price_fen="unit_price_fen > 0"),
        *refers("application_price", application_id="application"),
        sa.PrimaryKeyConstraint("application_id", "position", name="pk_application_price"),
    )
    create(
        "application_version",
        key("application_id"),
        number("round"),
        key("scheme_id"),
        json("contents"),
        key("submitted_by_id"),
        at("submitted_at"),
        sa.UniqueConstraint("application_id", "round", name="uq_application_version_round"),
        *refers(
            "application_version",
            application_id="application",
            scheme_id="scheme",
            submitted_by_id="app_user",
        ),
    )


def downgrade() -> None:
    drop_tables(TABLES)
    op.drop_index("ix_application_benefit_link_benefit_link_id", "application_benefit_link")
    for table, columns in ADDED.items():
        drop_columns(table, *columns)
