"""Households whole: their states and history, members, leaders of production, incomes."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    checks,
    counted,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    flag,
    index,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    sealed,
    word,
    words,
)

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    "household_change",
    "village_leader",
    "household_member",
    "register_setting",
    "income_line",
    "household_income",
)
APPEND_ONLY_TABLES = ("household_change", "register_setting", "income_line", "household_income")


def upgrade() -> None:
    widen_household()
    create_people()
    create_figures()
    only_add_to(APPEND_ONLY_TABLES)
    op.execute(
        "INSERT INTO household_change (id, household_id, class, state, members, able_labour,"
        " willing, from_on, reason, by_id, at) SELECT gen_random_uuid(), id, class, state,"
        " members, able_labour, willing, (registered_at AT TIME ZONE 'Asia/Shanghai')::date,"
        " 'registered', '00000000-0000-0000-0000-000000000000', registered_at FROM household"
    )


def widen_household() -> None:
    add(
        "household",
        word("state", default="listed"),
        day("observed_until_on?"),
        word("cause?"),
        observed_until_on="(state = 'observed') = (observed_until_on IS NOT NULL)",
    )
    index("ix_household_place", "village_code", "code", on="household")
    index("ix_household_class_place", "class", "village_code", "code", on="household")
    index("ix_household_state_place", "state", "village_code", "code", on="household")
    index(
        "ix_household_observed_until_on",
        "observed_until_on",
        on="household",
        where="state = 'observed'",
    )


def create_people() -> None:
    create(
        "household_change",
        *map(key, ("household_id", "reason_id?", "by_id")),
        *map(word, ("class", "state", "reason")),
        *map(number, ("members", "able_labour")),
        flag("willing"),
        day("from_on"),
        at("at"),
        counted("position"),
        *refers("household_change", household_id="household"),
    )
    index(
        "ix_household_change_household_id",
        "household_id",
        "from_on",
        "position",
        on="household_change",
    )
    create(
        "village_leader",
        *map(words, ("village_code", "trade")),
        *map(sealed, ("name", "id_number", "id_number_index")),
        *map(day, ("since_on", "until_on?")),
        at("created_at"),
        number("version"),
        *checks("village_leader", period="since_on < until_on"),
        *refers("village_leader", village_code="region.code"),
    )
    index(
        "uq_village_leader_in_office",
        "village_code",
        "id_number_index",
        on="village_leader",
        where="until_on IS NULL",
    )
    create(
        "household_member",
        key("household_id"),
        *map(sealed, ("name", "document_number", "document_index")),
        *map(word, ("relation", "sex", "health", "labour", "left_reason?")),
        *map(number, ("disability_grade?", "version")),
        flag("willing"),
        *map(day, ("joined_on", "left_on?")),
        at("created_at"),
        *checks(
            "household_member",
            disability="(health = 'disabled') = (disability_grade IS NOT NULL)",
            disability_grade="disability_grade BETWEEN 1 AND 4",
            left_reason="(left_on IS NULL) = (left_reason IS NULL)",
            period="joined_on < left_on",
        ),
        *refers("household_member", household_id="household"),
    )
    indexes("household_member", "household_id")
    index(
        "uq_household_member_head",
        "household_id",
        on="household_member",
        where="left_on IS NULL AND relation = 'head'",
    )
    index(
        "uq_household_member_present",
        "document_index",
        on="household_member",
        where="left_on IS NULL",
    )


def create_figures() -> None:
    create(
        "register_setting",
        word("name"),
        *map(words, ("region_code", "source")),
        number("value"),
        *map(day, ("in_force_from_on", "in_force_until_on?")),
        flag("is_assumed"),
        *checks(
            "register_setting", period="in_force_from_on < in_force_until_on", value="value > 0"
        ),
        sa.UniqueConstraint(
            "name", "region_code", "in_force_from_on", name="uq_register_setting_day"
        ),
    )
    create(
        "income_line",
        *map(words, ("region_code", "price_basis", "source")),
        number("year"),
        fen("per_head_fen"),
        *checks("income_line", per_head_fen="per_head_fen > 0"),
        sa.UniqueConstraint("region_code", "year", name="uq_income_line_year"),
    )
    create(
        "household_income",
        *map(key, ("household_id", "source_id?", "reverses_id?", "recorded_by")),
        number("year"),
        word("kind"),
        fen("amount_fen"),
        *map(words, ("source", "note")),
        at("recorded_at"),
        *checks(
            "household_income",
            amount_fen="(reverses_id IS NULL) = (amount_fen > 0)",
            year="year BETWEEN 2000 AND 2100",
        ),
        *refers("household_income", household_id="household", reverses_id="household_income"),
        sa.UniqueConstraint("reverses_id", name="uq_household_income_reverses_id"),
    )
    index("ix_household_income_household_id", "household_id", "year", on="household_income")
    index(
        "uq_household_income_source",
        "source",
        "source_id",
        "kind",
        on="household_income",
        where="source_id IS NOT NULL",
    )


def downgrade() -> None:
    drop_tables(TABLES)
    for name in ("place", "class_place", "state_place", "observed_until_on"):
        op.drop_index(f"ix_household_{name}", "household")
    drop_columns("household", "state", "observed_until_on", "cause")
