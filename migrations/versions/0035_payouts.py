"""Split rules, payouts to households with proof and answer, and surplus runs."""

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
    key,
    number,
    only_add_to,
    refers,
    sealed,
    word,
    words,
)

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLES = (
    "split_rule",
    "surplus_run",
    "surplus_share",
    "payout_list",
    "payout_line",
    "payout_item",
)
APPEND_ONLY_TABLES = ("split_rule", "surplus_share")


def upgrade() -> None:
    create_split_rules()
    create_surpluses()
    create_payouts()
    only_add_to(APPEND_ONLY_TABLES)


def create_split_rules() -> None:
    create(
        "split_rule",
        key("supplier_id"),
        word("way"),
        number("version"),
        word("basis"),
        number("rate_bp"),
        day("from_on"),
        words("source"),
        key("document_id?"),
        key("recorded_by"),
        at("recorded_at"),
        *checks(
            "split_rule",
            rate="rate_bp BETWEEN 0 AND 10000 AND (basis = 'farm_price') = (rate_bp = 0)",
            version="version > 0",
        ),
        *refers(
            "split_rule",
            supplier_id="organisation",
            document_id="document",
            recorded_by="app_user",
        ),
        sa.UniqueConstraint("supplier_id", "way", "version", name="uq_split_rule_version"),
    )
    add(
        "attribution_share",
        key("split_rule_id?"),
        split_rule="party_kind = 'household' OR split_rule_id IS NULL",
    )
    add_reference("attribution_share", "split_rule_id", "split_rule")


def create_surpluses() -> None:
    create(
        "surplus_run",
        words("number"),
        key("cooperative_id"),
        number("year"),
        *map(word, ("kind", "status")),
        *map(fen, ("surplus_fen", "by_volume_fen", "own_assets_fen", "fund_fen")),
        *map(number, ("fund_bp", "floor_bp")),
        fen("floor_fen"),
        number("preferred_bp"),
        fen("total_fen"),
        words("source"),
        *map(key, ("document_id", "created_by")),
        at("created_at"),
        key("approved_by?"),
        at("approved_at?"),
        words("cancel_reason?"),
        key("transfer_id?"),
        number("version"),
        *checks(
            "surplus_run",
            apart="approved_by <> created_by",
            by_volume="kind <> 'volume_return' OR by_volume_fen * 10 >= surplus_fen * 6",
            amounts="surplus_fen >= 0 AND total_fen > 0",
            approval="(status = 'approved') = (transfer_id IS NOT NULL)",
        ),
        *refers(
            "surplus_run",
            cooperative_id="organisation",
            document_id="document",
            created_by="app_user",
            approved_by="app_user",
            transfer_id="ledger_transfer",
        ),
        sa.UniqueConstraint("number", name="uq_surplus_run_number"),
    )
    once = "kind = 'volume_return' AND status <> 'cancelled'"
    index("uq_surplus_run_year", "cooperative_id", "year", on="surplus_run", where=once)
    create(
        "surplus_share",
        key("run_id"),
        key("household_id?"),
        *map(fen, ("volume_fen", "first_fen", "second_fen", "amount_fen")),
        *checks(
            "surplus_share",
            amount="amount_fen = first_fen + second_fen",
            parts="first_fen >= 0 AND second_fen >= 0 AND amount_fen > 0",
        ),
        *refers("surplus_share", run_id="surplus_run", household_id="household"),
        sa.UniqueConstraint("run_id", "household_id", name="uq_surplus_share_household"),
    )
    indexes("surplus_share", "household_id")


def create_payouts() -> None:
    create(
        "payout_list",
        words("number"),
        key("cooperative_id"),
        word("status"),
        fen("total_fen"),
        key("created_by"),
        at("created_at"),
        key("issued_by?"),
        at("issued_at?"),
        words("cancel_reason?"),
        number("version"),
        *checks(
            "payout_list",
            apart="issued_by <> created_by",
            issue="(status = 'issued') = (issued_by IS NOT NULL)",
            cancel="(status = 'cancelled') = (cancel_reason IS NOT NULL)",
            total="total_fen > 0",
        ),
        *refers(
            "payout_list",
            cooperative_id="organisation",
            created_by="app_user",
            issued_by="app_user",
        ),
        sa.UniqueConstraint("number", name="uq_payout_list_number"),
    )
    index("uq_payout_list_draft", "cooperative_id", on="payout_list", where="status = 'draft'")
    indexes("payout_list", "cooperative_id")
    create(
        "payout_line",
        words("number"),
        *map(key, ("list_id", "household_id")),
        fen("amount_fen"),
        word("status"),
        key("issuer_id?"),
        day("paid_on?"),
        key("paid_by?"),
        at("paid_at?"),
        *map(key, ("document_id?", "transfer_id?")),
        sealed("code_index?"),
        at("code_until_at?"),
        number("failed_attempts"),
        *map(at, ("answered_at?", "returned_at?")),
        words("return_reason?"),
        number("version"),
        *checks(
            "payout_line",
            amount="amount_fen > 0",
            payer_apart="paid_by <> issuer_id",
            proof="status NOT IN ('paid', 'confirmed', 'denied') OR (paid_on IS NOT NULL AND"
            " paid_by IS NOT NULL AND document_id IS NOT NULL AND transfer_id IS NOT NULL)",
            answer="status NOT IN ('confirmed', 'denied') OR answered_at IS NOT NULL",
            attempts="failed_attempts BETWEEN 0 AND 5",
            code="(code_index IS NULL) = (code_until_at IS NULL)",
        ),
        *refers(
            "payout_line",
            list_id="payout_list",
            household_id="household",
            issuer_id="app_user",
            paid_by="app_user",
            document_id="document",
            transfer_id="ledger_transfer",
        ),
        sa.UniqueConstraint("number", name="uq_payout_line_number"),
        sa.UniqueConstraint("list_id", "household_id", name="uq_payout_line_household"),
    )
    indexes("payout_line", "household_id")
    create(
        "payout_item",
        key("line_id"),
        *map(key, ("attribution_share_id?", "surplus_share_id?")),
        fen("amount_fen"),
        flag("is_live"),
        *checks(
            "payout_item",
            amount="amount_fen <> 0",
            source="(attribution_share_id IS NULL) <> (surplus_share_id IS NULL)",
        ),
        *refers(
            "payout_item",
            line_id="payout_line",
            attribution_share_id="attribution_share",
            surplus_share_id="surplus_share",
        ),
    )
    for source in ("attribution_share", "surplus_share"):
        index(f"uq_payout_item_{source}", f"{source}_id", on="payout_item", where="is_live")
    indexes("payout_item", "line_id")


def downgrade() -> None:
    op.drop_constraint("fk_attribution_share_split_rule_id", "attribution_share")
    op.drop_constraint("ck_attribution_share_split_rule", "attribution_share")
    drop_columns("attribution_share", "split_rule_id")
    drop_tables(TABLES)
