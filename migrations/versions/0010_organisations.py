"""Organisations whole: endings, names, changes, credit and pairings; what became of a region."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    add_reference,
    apart,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    index_prefixes,
    indexes,
    json,
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    "region_successor",
    "organisation_name",
    "organisation_change",
    "credit_entry",
    "pairing",
    "industry_pairing",
)
APPEND_ONLY_TABLES = ("organisation_change",)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    create_region_successors()
    widen_organisations()
    create_records()
    create_pairings()
    only_add_to(APPEND_ONLY_TABLES)


def create_region_successors() -> None:
    op.create_table(
        "region_successor",
        *map(words, ("code", "successor_code", "source")),
        day("since_on"),
        *checks("region_successor", other="code <> successor_code"),
        *refers("region_successor", code="region.code", successor_code="region.code"),
        sa.PrimaryKeyConstraint("code", "successor_code", name="pk_region_successor"),
    )


def widen_organisations() -> None:
    add(
        "organisation",
        day("ended_on?"),
        word("ending?"),
        key("successor_id?"),
        number("member_count?"),
        fen("capital_fen?"),
        ending="(ended_on IS NULL) = (ending IS NULL)",
        successor="successor_id IS NULL OR (ended_on IS NOT NULL AND successor_id <> id)",
        merged="ending <> 'merged' OR successor_id IS NOT NULL",
        cooperative="kind = 'cooperative' OR (member_count IS NULL AND capital_fen IS NULL)",
        members="member_count > 0 AND capital_fen >= 0",
    )
    add_reference("organisation", "successor_id", "organisation")
    indexes("organisation", "successor_id")


def create_records() -> None:
    create(
        "organisation_name",
        key("organisation_id"),
        *map(words, ("name", "source")),
        day("since_on?"),
        day("until_on"),
        *checks("organisation_name", period="since_on < until_on"),
        *refers("organisation_name", organisation_id="organisation"),
        apart("ex_organisation_name_period", "organisation_id"),
    )
    create(
        "organisation_change",
        key("organisation_id"),
        word("kind"),
        day("effective_on"),
        key("from_id?"),
        key("to_id?"),
        words("source"),
        key("recorded_by"),
        at("recorded_at"),
        *refers(
            "organisation_change",
            organisation_id="organisation",
            from_id="organisation",
            to_id="organisation",
        ),
    )
    indexes("organisation_change", "organisation_id")
    create(
        "credit_entry",
        key("organisation_id"),
        word("kind"),
        words("source"),
        key("document_id?"),
        day("recorded_on"),
        day("since_on"),
        day("until_on?"),
        json("consequences"),
        key("recorded_by"),
        at("recorded_at"),
        at("withdrawn_at?"),
        words("withdrawal_reason?"),
        number("version"),
        *checks(
            "credit_entry",
            period="since_on < until_on",
            withdrawn="(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
        ),
        *refers("credit_entry", organisation_id="organisation"),
    )
    indexes("credit_entry", "organisation_id")


def create_pairings() -> None:
    create(
        "pairing",
        word("kind"),
        key("helper_id"),
        key("helper_user_id?"),
        words("village_code"),
        key("household_id?"),
        day("since_on"),
        day("until_on?"),
        words("source"),
        at("created_at"),
        number("version"),
        *checks("pairing", period="since_on < until_on"),
        *refers(
            "pairing",
            helper_id="organisation",
            helper_user_id="app_user",
            village_code="region.code",
            household_id="household",
        ),
        apart(
            "ex_pairing_period",
            "helper_id",
            "village_code",
            "coalesce(household_id, '00000000-0000-0000-0000-000000000000'::uuid)",
            "coalesce(helper_user_id, '00000000-0000-0000-0000-000000000000'::uuid)",
        ),
    )
    indexes("pairing", "helper_id", "household_id")
    index_prefixes("ix_pairing_village_code", "village_code", on="pairing")
    create(
        "industry_pairing",
        *map(words, ("region_code", "industry", "source")),
        word("party_kind"),
        key("organisation_id"),
        day("since_on"),
        day("until_on?"),
        at("created_at"),
        number("version"),
        *checks("industry_pairing", period="since_on < until_on"),
        *refers("industry_pairing", organisation_id="organisation", region_code="region.code"),
        apart(
            "ex_industry_pairing_period", "region_code", "industry", "party_kind", "organisation_id"
        ),
    )
    indexes("industry_pairing", "organisation_id")
    index_prefixes("ix_industry_pairing_region_code", "region_code", on="industry_pairing")


def downgrade() -> None:
    drop_tables(TABLES)
    drop_columns(
        "organisation", "ended_on", "ending", "successor_id", "member_count", "capital_fen"
    )
