"""Each constraint of split rules, payouts, surpluses and regrouped lots speaks by its own name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from kernel.database import constraint_of, db
from kernel.money import Fen
from marketplace.attribution.commands.split_rules import NewSplitRule, record_split_rule
from marketplace.attribution.commands.surpluses import NewVolumeReturn, draw_up_return
from marketplace.attribution.models.split_rules import SplitBasis
from marketplace.lots.commands.adjusting import NewAdjustment, adjust_lot
from marketplace.lots.commands.paying import NewContributionPayment, pay_contributions
from marketplace.lots.commands.regrouping import split_lot
from marketplace.lots.models import AdjustmentKind
from registry.households.models.links import BenefitWay
from tests.builders.payouts import paid_out, paying
from tests.builders.settlement import NOW, TODAY

APPEND_ONLY = (
    "split_rule",
    "surplus_share",
    "contribution_payment",
    "lot_adjustment",
    "lot_carriage",
    "lot_carriage_part",
)
COPIED = "INSERT INTO {0} SELECT (json_populate_record(t, json_build_object({1}))).* FROM {0} t"
"""Insert each row of a table again with another key and these columns changed."""


@pytest.fixture
def filled(db_session: Session) -> None:
    """Fill every table with at least one row."""
    del db_session
    stage = paying()
    by, lot_id = stage.by("clerk"), stage.there.lots[0]
    paid_out(stage)
    rule = NewSplitRule(BenefitWay.JOBS, SplitBasis.PREMIUM, TODAY, "章程", 100)
    record_split_rule(rule, by=stage.by("manager"), now=NOW)
    surplus = NewVolumeReturn(2026, Fen(10_000), 6_000, "决议", stage.proof.id)
    draw_up_return(surplus, by=by, now=NOW)
    pay_contributions(lot_id, NewContributionPayment(TODAY, stage.proof.id), by=by, now=NOW)
    order_free = stage.there.lots[1]
    split_lot(order_free, quantity=Decimal(5), reason="分", by=by, now=NOW)
    lost = NewAdjustment(AdjustmentKind.SPOILED, Decimal(1), "霉变")
    adjust_lot(order_free, lost, by=by, now=NOW)
    db.session.flush()


def change(statement: str) -> None:
    with db.session.begin_nested():
        db.session.execute(text(statement))


def again(table: str, **changes: str) -> str:
    said = {"id": "gen_random_uuid()", **changes}
    pairs = ", ".join(f"'{name}', {value}" for name, value in said.items())
    return COPIED.format(table, pairs)


CASES = [
    (again("split_rule"), "uq_split_rule_version"),
    (again("split_rule", version="9", rate_bp="0"), "ck_split_rule_rate"),
    (again("split_rule", version="0"), "ck_split_rule_version"),
    ("UPDATE payout_list SET issued_by = created_by", "ck_payout_list_apart"),
    ("UPDATE payout_list SET issued_by = NULL", "ck_payout_list_issue"),
    ("UPDATE payout_list SET cancel_reason = 'x'", "ck_payout_list_cancel"),
    ("UPDATE payout_list SET total_fen = 0", "ck_payout_list_total"),
    ("UPDATE payout_line SET amount_fen = 0", "ck_payout_line_amount"),
    ("UPDATE payout_line SET issuer_id = paid_by", "ck_payout_line_payer_apart"),
    ("UPDATE payout_line SET document_id = NULL", "ck_payout_line_proof"),
    ("UPDATE payout_line SET status = 'confirmed'", "ck_payout_line_answer"),
    ("UPDATE payout_line SET failed_attempts = 6", "ck_payout_line_attempts"),
    ("UPDATE payout_line SET code_until_at = now()", "ck_payout_line_code"),
    (again("payout_line"), "uq_payout_line_"),
    ("UPDATE payout_item SET amount_fen = 0", "ck_payout_item_amount"),
    ("UPDATE payout_item SET attribution_share_id = NULL", "ck_payout_item_source"),
    (again("payout_item"), "uq_payout_item_attribution_share"),
    ("UPDATE surplus_run SET approved_by = created_by", "ck_surplus_run_apart"),
    ("UPDATE surplus_run SET by_volume_fen = 5999", "ck_surplus_run_by_volume"),
    ("UPDATE surplus_run SET total_fen = 0", "ck_surplus_run_amounts"),
    ("UPDATE surplus_run SET status = 'approved'", "ck_surplus_run_approval"),
    (again("surplus_run", number="'x'"), "uq_surplus_run_year"),
    (again("surplus_share", amount_fen="1"), "ck_surplus_share_amount"),
    (again("surplus_share"), "uq_surplus_share_household"),
    (again("contribution_payment"), "uq_contribution_payment_step"),
    (again("contribution_payment", sequence="2"), "ck_contribution_payment_reversal"),
    (again("contribution_payment", amount_fen="0"), "ck_contribution_payment_amount"),
    (again("lot_adjustment", quantity="0"), "ck_lot_adjustment_quantity"),
    (again("lot_adjustment", kind="'corrected'"), "ck_lot_adjustment_correction"),
    (again("lot_carriage"), "uq_lot_carriage_lots"),
    (again("lot_carriage", quantity="0"), "ck_lot_carriage_quantity"),
    (again("lot_carriage_part"), "uq_lot_carriage_part"),
    (again("lot_contribution"), "uq_lot_contribution_"),
]


@pytest.mark.usefixtures("filled")
def test_each_constraint_speaks_by_its_name() -> None:
    for statement, name in CASES:
        with pytest.raises(IntegrityError) as refused:
            change(statement)
        assert constraint_of(refused.value).startswith(name), statement
    for table in APPEND_ONLY:
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(DatabaseError, match="append"):
                change(statement)
