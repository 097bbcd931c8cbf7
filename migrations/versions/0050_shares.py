"""Assets as shares with their holders, moves and dividends; the bases of cities."""

import sqlalchemy as sa

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
    index,
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLES = ("share_asset", "share_holding", "share_move", "assistance_base")


def upgrade() -> None:
    create(
        "share_asset",
        *map(words, ("number", "village_code", "name")),
        key("operator_id"),
        fen("value_fen"),
        *map(number, ("shares", "issued", "floor_bp")),
        words("source"),
        key("created_by_id"),
        at("created_at"),
        number("version"),
        *checks(
            "share_asset",
            value_fen="value_fen > 0",
            shares="shares > 0",
            issued="issued BETWEEN 0 AND shares",
            floor_bp="floor_bp BETWEEN 0 AND 10000",
        ),
        *refers(
            "share_asset",
            village_code="region.code",
            operator_id="organisation",
            created_by_id="app_user",
        ),
        sa.UniqueConstraint("number", name="uq_share_asset_number"),
    )
    index("ix_share_asset_place", "village_code", "id", on="share_asset")
    index("ix_share_asset_operator_id", "operator_id", on="share_asset")
    create(
        "share_holding",
        *map(key, ("asset_id", "household_id?")),
        number("shares"),
        *checks("share_holding", shares="shares >= 0"),
        *refers("share_holding", asset_id="share_asset", household_id="household"),
        sa.UniqueConstraint(
            "asset_id",
            "household_id",
            name="uq_share_holding_holder",
            postgresql_nulls_not_distinct=True,
        ),
    )
    index("ix_share_holding_household_id", "household_id", on="share_holding")
    create(
        "share_move",
        key("asset_id"),
        word("kind"),
        *map(key, ("giver_id?", "taker_id?")),
        number("shares"),
        words("reason"),
        number("passed_over"),
        day("moved_on"),
        key("by_id"),
        at("at"),
        *checks(
            "share_move",
            shares="shares > 0",
            giver="kind <> 'issue' OR giver_id IS NULL",
            taker="kind <> 'withdrawal' OR taker_id IS NULL",
            parties="kind <> 'transfer' OR giver_id IS DISTINCT FROM taker_id",
        ),
        *refers(
            "share_move",
            asset_id="share_asset",
            giver_id="household",
            taker_id="household",
            by_id="app_user",
        ),
    )
    index("ix_share_move_asset_id", "asset_id", "id", on="share_move")
    only_add_to(["share_move"])
    create(
        "assistance_base",
        *map(words, ("city_code", "name")),
        key("operator_id"),
        *map(day, ("since_on", "until_on?")),
        words("source"),
        at("created_at"),
        number("version"),
        *checks("assistance_base", period="since_on < until_on"),
        *refers("assistance_base", city_code="region.code", operator_id="organisation"),
    )
    index("ix_assistance_base_place", "city_code", "id", on="assistance_base")
    index("ix_assistance_base_operator_id", "operator_id", on="assistance_base")
    add(
        "surplus_run",
        key("share_asset_id?"),
        number("shares?"),
        shares="(share_asset_id IS NULL) = (shares IS NULL)",
    )
    add_reference("surplus_run", "share_asset_id", "share_asset")
    index(
        "uq_surplus_run_share_asset",
        "share_asset_id",
        "year",
        on="surplus_run",
        where="status <> 'cancelled'",
    )
    add("surplus_share", number("shares?"))


def downgrade() -> None:
    drop_columns("surplus_share", "shares")
    drop_columns("surplus_run", "share_asset_id", "shares")
    drop_tables(TABLES)
