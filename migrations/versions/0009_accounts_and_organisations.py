"""Accounts and organisations whole: invitations, second factors, endings, pairings, credit."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.sql.schema import SchemaItem

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "region_successor", "used_password", "recovery_code", "invitation", "password_reset",
    "organisation_name", "organisation_change", "pairing", "industry_pairing", "credit_entry",
)  # fmt: skip
ONLY_ADDED_TO = ("organisation_change",)
COLUMNS = {
    "app_user": ("closed_at", "password_changed_at", "totp_secret", "totp_confirmed_at",
                 "totp_last_step"),
    "access_token": ("kind", "name", "scopes", "idle_until_at", "touch_after_at", "last_used_at"),
    "organisation": ("ended_on", "ending", "successor_id", "member_count", "capital_fen"),
}  # fmt: skip


def key(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def kind(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def on(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def sealed(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), nullable=False)


def checks(table: str, **conditions: str) -> list[SchemaItem]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def refers(table: str, **targets: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{to}.code" if to == "region" else f"{to}.id"],
            name=f"fk_{table}_{column}",
        )
        for column, to in targets.items()
    ]


def once(table: str, column: str = "digest") -> SchemaItem:
    return sa.UniqueConstraint(column, name=f"uq_{table}_{column}")


def apart(name: str, *same: str, period: str = "daterange(since_on, until_on)") -> SchemaItem:
    return ExcludeConstraint(
        *((sa.text(one), "=") for one in same), (sa.text(period), "&&"), name=name
    )


def create(table: str, *items: SchemaItem) -> None:
    op.create_table(table, key("id"), *items, sa.PrimaryKeyConstraint("id", name=f"pk_{table}"))


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    regions()
    accounts()
    organisations()
    helpers()
    for table in ONLY_ADDED_TO:
        op.execute(f"SELECT make_append_only('{table}')")


def regions() -> None:
    op.create_table(
        "region_successor",
        *map(words, ("code", "successor_code", "source")),
        on("since_on"),
        *checks("region_successor", other="code <> successor_code"),
        *refers("region_successor", code="region", successor_code="region"),
        sa.PrimaryKeyConstraint("code", "successor_code", name="pk_region_successor"),
    )


def accounts() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        at("closed_at", nullable=True),
        at("password_changed_at", nullable=True),
        sealed("totp_secret", nullable=True),
        at("totp_confirmed_at", nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
    )
    for column in columns:
        op.add_column("app_user", column)
    op.create_check_constraint(
        op.f("ck_app_user_totp"), "app_user", "totp_confirmed_at IS NULL OR totp_secret IS NOT NULL"
    )
    columns = (
        sa.Column("kind", sa.String(32), nullable=False, server_default="api"),
        words("name", nullable=True),
        sa.Column("scopes", JSONB(), nullable=True),
        at("idle_until_at", nullable=True),
        at("touch_after_at", nullable=True),
        at("last_used_at", nullable=True),
    )
    for column in columns:
        op.add_column("access_token", column)
    op.create_check_constraint(
        op.f("ck_access_token_idle"),
        "access_token",
        "(kind = 'session') = (idle_until_at IS NOT NULL)",
    )
    create(
        "used_password",
        key("user_id"),
        words("password_hash"),
        at("set_at"),
        *refers("used_password", user_id="app_user"),
    )
    index("used_password", "user_id")
    create(
        "recovery_code",
        key("user_id"),
        sealed("digest"),
        at("used_at", nullable=True),
        *refers("recovery_code", user_id="app_user"),
        once("recovery_code"),
    )
    index("recovery_code", "user_id")
    create(
        "invitation",
        sealed("digest"),
        key("organisation_id"),
        sa.Column("roles", JSONB(), nullable=False),
        key("invited_by"),
        *map(at, ("issued_at", "expires_at")),
        at("accepted_at", nullable=True),
        key("accepted_by", nullable=True),
        at("revoked_at", nullable=True),
        *checks(
            "invitation",
            period="issued_at < expires_at",
            accepted="(accepted_at IS NULL) = (accepted_by IS NULL)",
            ended_once="accepted_at IS NULL OR revoked_at IS NULL",
        ),
        *refers(
            "invitation",
            organisation_id="organisation",
            invited_by="app_user",
            accepted_by="app_user",
        ),
        once("invitation"),
    )
    index("invitation", "organisation_id")
    create(
        "password_reset",
        sealed("digest"),
        *map(key, ("user_id", "issued_by")),
        *map(at, ("issued_at", "expires_at")),
        at("used_at", nullable=True),
        *checks("password_reset", period="issued_at < expires_at"),
        *refers("password_reset", user_id="app_user", issued_by="app_user"),
        once("password_reset"),
    )
    index("password_reset", "user_id")


def organisations() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        on("ended_on", nullable=True),
        kind("ending", nullable=True),
        key("successor_id", nullable=True),
        sa.Column("member_count", sa.Integer(), nullable=True),
        sa.Column("capital_fen", sa.BigInteger(), nullable=True),
    )
    for column in columns:
        op.add_column("organisation", column)
    op.create_foreign_key(
        "fk_organisation_successor_id", "organisation", "organisation", ["successor_id"], ["id"]
    )
    for name, condition in {
        "ending": "(ended_on IS NULL) = (ending IS NULL)",
        "successor": "successor_id IS NULL OR (ended_on IS NOT NULL AND successor_id <> id)",
        "merged": "ending <> 'merged' OR successor_id IS NOT NULL",
        "cooperative": "kind = 'cooperative' OR (member_count IS NULL AND capital_fen IS NULL)",
        "members": "member_count > 0 AND capital_fen >= 0",
    }.items():
        op.create_check_constraint(op.f(f"ck_organisation_{name}"), "organisation", condition)
    index("organisation", "successor_id")
    create(
        "organisation_name",
        key("organisation_id"),
        *map(words, ("name", "source")),
        on("since_on", nullable=True),
        on("until_on"),
        *checks("organisation_name", period="since_on < until_on"),
        *refers("organisation_name", organisation_id="organisation"),
        apart("ex_organisation_name_period", "organisation_id"),
    )
    create(
        "organisation_change",
        key("organisation_id"),
        kind("kind"),
        on("effective_on"),
        key("from_id", nullable=True),
        key("to_id", nullable=True),
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
    index("organisation_change", "organisation_id")
    create(
        "credit_entry",
        key("organisation_id"),
        kind("kind"),
        words("source"),
        key("document_id", nullable=True),
        on("recorded_on"),
        on("since_on"),
        on("until_on", nullable=True),
        sa.Column("consequences", JSONB(), nullable=False),
        key("recorded_by"),
        at("recorded_at"),
        at("withdrawn_at", nullable=True),
        words("withdrawal_reason", nullable=True),
        version(),
        *checks(
            "credit_entry",
            period="since_on < until_on",
            withdrawn="(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
        ),
        *refers("credit_entry", organisation_id="organisation"),
    )
    index("credit_entry", "organisation_id")


def helpers() -> None:
    create(
        "pairing",
        kind("kind"),
        key("helper_id"),
        key("helper_user_id", nullable=True),
        words("village_code"),
        key("household_id", nullable=True),
        on("since_on"),
        on("until_on", nullable=True),
        words("source"),
        at("created_at"),
        version(),
        *checks("pairing", period="since_on < until_on"),
        *refers(
            "pairing",
            helper_id="organisation",
            helper_user_id="app_user",
            village_code="region",
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
    index("pairing", "helper_id", "household_id")
    op.create_index(
        "ix_pairing_village_code",
        "pairing",
        ["village_code"],
        postgresql_ops={"village_code": "text_pattern_ops"},
    )
    create(
        "industry_pairing",
        *map(words, ("region_code", "industry", "source")),
        kind("party_kind"),
        key("organisation_id"),
        on("since_on"),
        on("until_on", nullable=True),
        at("created_at"),
        version(),
        *checks("industry_pairing", period="since_on < until_on"),
        *refers("industry_pairing", organisation_id="organisation", region_code="region"),
        apart(
            "ex_industry_pairing_period", "region_code", "industry", "party_kind", "organisation_id"
        ),
    )
    index("industry_pairing", "organisation_id")
    op.create_index(
        "ix_industry_pairing_region_code",
        "industry_pairing",
        ["region_code"],
        postgresql_ops={"region_code": "text_pattern_ops"},
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
