"""Each constraint of bands, delegations, steps and signals speaks by its own name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.approvals.commands.delegations import NewDelegation, delegate
from procurement.approvals.commands.splits import Split, signal_split
from procurement.approvals.commands.steps import take_step
from procurement.approvals.commands.thresholds import NewThreshold, set_threshold
from procurement.approvals.models import StepAct
from procurement.approvals.rules import Band
from procurement.errors.approvals import CONSTRAINTS
from registry.accounts.models import Role, UserId
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.procurement import NOW
from tests.constraints import constraints_of, refused_by

TODAY = shanghai_day(NOW)
TABLES = (
    "approval_threshold",
    "approval_delegation",
    "approval_term",
    "approval_step",
    "split_signal",
    "split_order",
)
APPEND_ONLY = (
    "approval_threshold",
    "approval_term",
    "approval_step",
    "split_signal",
    "split_order",
)
OTHER = "(SELECT delegate_id FROM approval_delegation)"
AGAIN = {
    "approval_threshold": ("unit_id, amount_fen, approvers", "from_on, source, created_at"),
    "approval_delegation": (
        "delegate_id, from_on, until_on",
        "unit_id, delegator_id, reason, created_at",
    ),
    "approval_term": ("from_on, value", "code, source"),
    "approval_step": (
        "order_id, position, by_user_id, right_of",
        "act, author_id, at",
    ),
    "split_signal": (
        "completed_by, sum_fen, until_on",
        "unit_id, buyer_id, supplier_id, threshold_id, amount_fen, from_on, created_at",
    ),
    "split_order": ("order_id, amount_fen", "signal_id, threshold_id"),
}
"""What is written otherwise when a row is added again, and what is taken over."""
BREAKS = (
    ("approval_threshold", "unit_id, -1, 1", "ck_approval_threshold_amount"),
    ("approval_threshold", "unit_id, 1, 3", "ck_approval_threshold_approvers"),
    ("approval_threshold", "NULL, 1, 1", "uq_approval_threshold_default"),
    ("approval_delegation", "delegate_id, from_on, from_on", "ck_approval_delegation_period"),
    ("approval_delegation", "delegator_id, until_on, until_on + 1", "ck_approval_delegation_apart"),
    ("approval_delegation", "delegate_id, from_on + 1, until_on", "ex_approval_delegation_period"),
    ("approval_term", "from_on, 1", "uq_approval_term_code_from_on"),
    ("approval_term", "from_on + 1, 0", "ck_approval_term_value"),
    ("approval_step", f"order_id, 1, {OTHER}, {OTHER}", "uq_approval_step_order_position"),
    ("approval_step", f"order_id, 2, by_user_id, {OTHER}", "uq_approval_step_order_by_user"),
    ("approval_step", f"order_id, 2, {OTHER}, right_of", "uq_approval_step_order_right_of"),
    ("approval_step", "gen_random_uuid(), 3, by_user_id, right_of", "ck_approval_step_position"),
    ("approval_step", f"order_id, 2, author_id, {OTHER}", "ck_approval_step_author_apart"),
    ("approval_step", f"order_id, 2, {OTHER}, author_id", "ck_approval_step_author_apart"),
    ("split_signal", "completed_by, sum_fen, until_on", "uq_split_signal_order_threshold"),
    ("split_signal", "gen_random_uuid(), amount_fen, until_on", "ck_split_signal_sum"),
    ("split_signal", "gen_random_uuid(), sum_fen, from_on", "ck_split_signal_period"),
    ("split_order", "order_id, amount_fen", "uq_split_order_order_threshold"),
    ("split_order", "gen_random_uuid(), 0", "ck_split_order_amount"),
)


@pytest.fixture
def decided(db_session: Session) -> None:
    """Fill every table of approvals with a row."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    supplier = registry.organisation()
    approver = registry.user(unit, [Role.UNIT_APPROVER])
    colleague = registry.user(unit, [Role.UNIT_FINANCE])
    admin = registry.actor_of(registry.user(unit, [Role.UNIT_ADMIN]))
    by = registry.actor_of(approver)
    band = set_threshold(NewThreshold(Fen(500), "内控制度"), by=admin, now=NOW)
    away = NewDelegation(colleague.id, TODAY + timedelta(days=7), "出差")
    delegate(away, by=by, now=NOW)
    take_step(
        new_id(),
        StepAct.APPROVE,
        unit_id=unit.id,
        author_id=UserId(admin.user_id),
        by=by,
        now=NOW,
    )
    days = (TODAY, TODAY + timedelta(days=1))
    found = Split(unit.id, unit.id, supplier.id, new_id(), *days)
    measure = Band(band.id, None, None, 1, Fen(500))
    signal_split(found, measure, parts={found.completed_by: Fen(501)}, now=NOW)
    db_session.flush()


def test_every_constraint_of_approvals_is_broken_below() -> None:
    assert {name for _, _, name in BREAKS} == constraints_of(TABLES)


@pytest.mark.usefixtures("decided")
def test_a_row_that_breaks_it_is_refused_by_name() -> None:
    for table, values, name in BREAKS:
        changed, kept = AGAIN[table]
        copy = f"SELECT gen_random_uuid(), {values}, {kept} FROM {table} LIMIT 1"  # noqa: S608
        assert refused_by(f"INSERT INTO {table} (id, {changed}, {kept}) {copy}") == name
    assert CONSTRAINTS.keys() <= constraints_of(TABLES)


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_was_decided_stays(act: str) -> None:
    for table in APPEND_ONLY:
        with pytest.raises(IntegrityError, match="append-only"), db.session.begin_nested():
            db.session.execute(text(act.format(table)))
