"""Policies by version and condition, rules of the union, and waivers of one unit's share."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

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
    refers,
    word,
    words,
)

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("union_rule", "share_waiver")
BEGINNING = "2019-01-01 00:00:00+00"
EVERYBODY = '["canteen", "contractor", "union", "staff", "no_canteen"]'


def since_beginning() -> sa.Column[Any]:
    return sa.Column(
        "recorded_at", sa.DateTime(timezone=True), server_default=BEGINNING, nullable=False
    )


def upgrade() -> None:
    add(
        "share_policy",
        number("version", default="1"),
        json("buyer_kinds", default="[]"),
        flag("central?"),
        flag("subsidised?"),
        word("withheld?"),
        word("standing", default="copy"),
        words("document_number?"),
        words("source_url?"),
        since_beginning(),
        key("recorded_by?"),
        number("encouraged_bp?"),
        flag("not_below_last_year", default="false"),
        flag("contract_clause_required", default="false"),
        flag("zero_filing", default="true"),
        json("counting_purchases", default=EVERYBODY),
        json("reminder_days", default="[30, 14, 7, 3, 1]"),
        version="version >= 1",
        encouraged="encouraged_bp BETWEEN floor_bp AND 10000",
    )
    add_reference("share_policy", "recorded_by", "app_user")
    op.drop_constraint("uq_share_policy_code", "share_policy")
    op.create_unique_constraint("uq_share_policy_code", "share_policy", ["code", "version"])
    indexes("share_policy", "region_code")
    create(
        "union_rule",
        words("code"),
        number("version", default="1"),
        words("region_code"),
        number("year_from"),
        number("year_until?"),
        number("carried_from?"),
        json("situations"),
        json("buyer_kinds", default="[]"),
        flag("central?"),
        flag("subsidised?"),
        word("withheld?"),
        word("standing", default="copy"),
        words("document_number?"),
        words("source"),
        words("source_url?"),
        words("note_zh"),
        words("note_en"),
        since_beginning(),
        key("recorded_by?"),
        word("denominator?"),
        number("floor_bp?"),
        fen("head_floor_fen?"),
        fen("head_cap_fen?"),
        fen("once_cap_fen?"),
        day("once_until_on?"),
        fen("warn_once_fen?"),
        flag("not_below_last_year", default="false"),
        sa.UniqueConstraint("code", "version", name="uq_union_rule_code"),
        *checks(
            "union_rule",
            version="version >= 1",
            region_code="region_code ~ '^[0-9]{6}$'",
            years="year_until IS NULL OR year_from < year_until",
            carried="carried_from IS NULL OR year_from < carried_from",
            floor="floor_bp BETWEEN 0 AND 10000",
            denominator="(floor_bp IS NULL) = (denominator IS NULL)",
            amounts="head_floor_fen >= 0 AND head_cap_fen >= 0 AND once_cap_fen >= 0"
            " AND warn_once_fen >= 0",
            heads="head_floor_fen <= head_cap_fen",
            once="(once_cap_fen IS NULL) = (once_until_on IS NULL)",
        ),
        *refers("union_rule", recorded_by="app_user"),
    )
    indexes("union_rule", "region_code")
    create(
        "share_waiver",
        key("unit_id"),
        number("floor_bp"),
        words("document_number"),
        key("document_id?"),
        word("approved_by_level"),
        words("reason"),
        day("since_on"),
        day("until_on"),
        key("organisation_id"),
        key("recorded_by"),
        at("recorded_at"),
        day("revoked_on?"),
        key("revoked_by?"),
        words("revoke_reason?"),
        at("ended_at?"),
        number("version"),
        sa.UniqueConstraint("unit_id", "document_number", name="uq_share_waiver_document"),
        ExcludeConstraint(
            (sa.text("unit_id"), "="),
            (sa.text("daterange(since_on, coalesce(revoked_on, until_on))"), "&&"),
            name="ex_share_waiver_period",
        ),
        *checks(
            "share_waiver",
            revoked_on="revoked_on BETWEEN since_on AND until_on",
            period="since_on < until_on",
            floor="floor_bp BETWEEN 0 AND 10000",
            revoked="(revoked_on IS NULL) = (revoked_by IS NULL)",
            revoke_reason="(revoked_on IS NULL) = (revoke_reason IS NULL)",
            own_organisation="organisation_id <> unit_id",
        ),
        *refers(
            "share_waiver",
            unit_id="organisation",
            document_id="document",
            organisation_id="organisation",
            recorded_by="app_user",
            revoked_by="app_user",
        ),
    )
    index("ix_share_waiver_until_on", "until_on", on="share_waiver", where="ended_at IS NULL")
    only_add_to(("union_rule",))


def downgrade() -> None:
    drop_tables(TABLES)
    op.drop_index("ix_share_policy_region_code", "share_policy")
    op.drop_constraint("uq_share_policy_code", "share_policy")
    op.create_unique_constraint("uq_share_policy_code", "share_policy", ["code"])
    drop_columns(
        "share_policy",
        "version",
        "buyer_kinds",
        "central",
        "subsidised",
        "withheld",
        "standing",
        "document_number",
        "source_url",
        "recorded_at",
        "recorded_by",
        "encouraged_bp",
        "not_below_last_year",
        "contract_clause_required",
        "zero_filing",
        "counting_purchases",
        "reminder_days",
    )
