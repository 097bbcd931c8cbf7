"""Accounts whole: invitations, resets, passwords used before, second factors, idle sessions."""

import sqlalchemy as sa

from migrations.columns import (
    add,
    at,
    checks,
    create,
    drop_columns,
    drop_tables,
    indexes,
    json,
    key,
    large,
    refers,
    sealed,
    word,
    words,
)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("used_password", "recovery_code", "invitation", "password_reset")


def upgrade() -> None:
    widen_accounts()
    create_secrets()
    create_invitations()


def widen_accounts() -> None:
    add(
        "app_user",
        *map(at, ("closed_at?", "password_changed_at?")),
        sealed("totp_secret?"),
        at("totp_confirmed_at?"),
        large("totp_last_step?"),
        totp="totp_confirmed_at IS NULL OR totp_secret IS NOT NULL",
    )
    add(
        "access_token",
        word("kind", default="api"),
        words("name?"),
        json("scopes?"),
        *map(at, ("idle_until_at?", "touch_after_at?", "last_used_at?")),
        idle="(kind = 'session') = (idle_until_at IS NOT NULL)",
    )


def create_secrets() -> None:
    create(
        "used_password",
        key("user_id"),
        words("password_hash"),
        at("set_at"),
        *refers("used_password", user_id="app_user"),
    )
    indexes("used_password", "user_id")
    create(
        "recovery_code",
        key("user_id"),
        sealed("digest"),
        at("used_at?"),
        *refers("recovery_code", user_id="app_user"),
        sa.UniqueConstraint("digest", name="uq_recovery_code_digest"),
    )
    indexes("recovery_code", "user_id")


def create_invitations() -> None:
    create(
        "invitation",
        sealed("digest"),
        key("organisation_id"),
        json("roles"),
        key("invited_by"),
        *map(at, ("issued_at", "expires_at")),
        at("accepted_at?"),
        key("accepted_by?"),
        at("revoked_at?"),
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
        sa.UniqueConstraint("digest", name="uq_invitation_digest"),
    )
    indexes("invitation", "organisation_id")
    create(
        "password_reset",
        sealed("digest"),
        *map(key, ("user_id", "issued_by")),
        *map(at, ("issued_at", "expires_at")),
        at("used_at?"),
        *checks("password_reset", period="issued_at < expires_at"),
        *refers("password_reset", user_id="app_user", issued_by="app_user"),
        sa.UniqueConstraint("digest", name="uq_password_reset_digest"),
    )
    indexes("password_reset", "user_id")


def downgrade() -> None:
    drop_tables(TABLES)
    drop_columns(
        "app_user",
        "closed_at",
        "password_changed_at",
        "totp_secret",
        "totp_confirmed_at",
        "totp_last_step",
    )
    drop_columns(
        "access_token", "kind", "name", "scopes", "idle_until_at", "touch_after_at", "last_used_at"
    )
