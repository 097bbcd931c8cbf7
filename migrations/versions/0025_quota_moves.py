"""What moves approved money between quotas and years; re-binding orders; bands of approval."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    counted,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    index,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APPEND_ONLY_TABLES = ("quota_move", "quota_setting", "quota_warning")


def upgrade() -> None:
    add("quota", at("closed_at?"), at("reopened_until?"))
    op.create_check_constraint(
        op.f("ck_quota_closed"), "quota", "closed_at IS NULL OR reopened_until IS NULL"
    )
    indexes("quota", "year")
    create_moves()
    create_settings()
    create_rebindings()
    only_add_to(APPEND_ONLY_TABLES)


def create_moves() -> None:
    create(
        "quota_move",
        counted("position"),
        word("kind"),
        *map(key, ("from_id?", "to_id?", "order_id?")),
        words("source"),
        key("moved_by"),
        at("at"),
        *checks(
            "quota_move",
            somewhere="num_nonnulls(from_id, to_id) > 0",
            apart="from_id <> to_id",
            order="(kind = 'rebinding') = (order_id IS NOT NULL)",
        ),
        *refers("quota_move", from_id="quota", to_id="quota"),
    )
    index("ix_quota_move_from_id", "from_id", "to_id", on="quota_move")
    indexes("quota_move", "to_id")
    add("quota_entry", key("move_id?"), move="move_id IS NULL OR kind = 'adjust'")
    add_reference("quota_entry", "move_id", "quota_move")
    index("ix_quota_entry_move_id", "move_id", on="quota_entry", where="move_id IS NOT NULL")


def create_settings() -> None:
    create(
        "quota_setting",
        word("kind"),
        key("unit_id?"),
        words("region_code?"),
        number("value_bp"),
        day("from_on"),
        words("source"),
        key("author_id?"),
        at("created_at"),
        *checks(
            "quota_setting",
            value="value_bp BETWEEN 0 AND 10000",
            place="num_nonnulls(unit_id, region_code) = 1",
            region_code="region_code ~ '^[0-9]{6}$'",
        ),
        *refers("quota_setting", unit_id="organisation", author_id="app_user"),
    )
    indexes("quota_setting", "unit_id")
    index(
        "uq_quota_setting_default",
        *("kind", "region_code", "from_on"),
        on="quota_setting",
        where="author_id IS NULL",
    )
    create(
        "quota_warning",
        key("quota_id"),
        *map(fen, ("ceiling_fen", "used_fen")),
        number("value_bp"),
        at("at"),
        *refers("quota_warning", quota_id="quota"),
        sa.UniqueConstraint("quota_id", "ceiling_fen", "value_bp", name="uq_quota_warning_once"),
    )


def create_rebindings() -> None:
    create(
        "rebinding",
        *map(key, ("order_id", "from_unit_id", "to_unit_id")),
        words("reason"),
        key("document_id?"),
        word("status"),
        key("requested_by"),
        at("requested_at"),
        day("due_on"),
        *map(key, ("from_consent_by?", "to_consent_by?", "closed_by?")),
        *map(at, ("from_consent_at?", "to_consent_at?", "closed_at?")),
        words("close_reason?"),
        number("version"),
        *checks(
            "rebinding",
            units="from_unit_id <> to_unit_id",
            apart="from_consent_by <> to_consent_by",
            closed="(status = 'open') = (closed_at IS NULL)",
            consents="status <> 'done'"
            " OR (from_consent_by IS NOT NULL AND to_consent_by IS NOT NULL)",
        ),
        *refers(
            "rebinding",
            order_id="purchase_order",
            from_unit_id="organisation",
            to_unit_id="organisation",
            document_id="document",
            requested_by="app_user",
            from_consent_by="app_user",
            to_consent_by="app_user",
            closed_by="app_user",
        ),
    )
    index("uq_rebinding_open", "order_id", on="rebinding", where="status = 'open'")
    indexes("rebinding", "order_id", "from_unit_id", "to_unit_id")


def downgrade() -> None:
    op.drop_table("rebinding")
    drop_columns("quota_entry", "move_id")
    drop_tables(APPEND_ONLY_TABLES)
    op.drop_constraint(op.f("ck_quota_closed"), "quota", type_="check")
    op.drop_index("ix_quota_year", table_name="quota")
    drop_columns("quota", "closed_at", "reopened_until")
