"""Productions: what was grown in a year, and what certificates took of it."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    counted,
    create,
    drop_tables,
    indexes,
    key,
    number,
    only_add_to,
    quantity,
    refers,
    word,
    words,
)

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("production", "production_hold", "production_entry")
APPEND_ONLY_TABLES = ("production_entry",)


def upgrade() -> None:
    create(
        "production",
        key("holder_id"),
        *map(words, ("category_code", "county_code")),
        number("year"),
        word("unit"),
        quantity("declared"),
        quantity("held", default="0"),
        quantity("certified", default="0"),
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
            holder_id="organisation",
            category_code="product_category.code",
            county_code="region.code",
            declared_by_id="app_user",
        ),
    )
    create(
        "production_hold",
        key("counter_id"),
        words("source"),
        key("source_id"),
        at("held_at"),
        at("expires_at?"),
        quantity("amount"),
        quantity("posted", default="0"),
        quantity("released", default="0"),
        sa.UniqueConstraint(
            "source_id", "counter_id", "source", name="uq_production_hold_source_id_counter_id"
        ),
        *checks(
            "production_hold",
            amount_positive="amount > 0",
            ends_once="posted >= 0 AND released >= 0 AND posted + released <= amount",
        ),
        *refers("production_hold", counter_id="production"),
    )
    create(
        "production_entry",
        counted("position"),
        word("kind"),
        at("at"),
        quantity("held"),
        quantity("spent"),
        *map(key, ("counter_id", "hold_id")),
        *refers("production_entry", counter_id="production", hold_id="production_hold"),
    )
    indexes("production_entry", "counter_id")
    only_add_to(APPEND_ONLY_TABLES)


def downgrade() -> None:
    drop_tables(TABLES)
