"""Each constraint of quotas, holds, moves, settings and re-bindings speaks by its own name."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from kernel.identity import new_id
from kernel.money import Fen
from procurement.quotas.commands import holds, settings, shifts
from procurement.quotas.commands.shifts import Reason, Shift
from procurement.quotas.models import MoveKind
from registry.regions.models import OriginKind
from tests.builders import marketplace, procurement
from tests.builders.marketplace import NOW
from tests.constraints import AGAIN, constraints_of, refused_by

TABLES = (
    "quota",
    "quota_hold",
    "quota_entry",
    "quota_move",
    "quota_setting",
    "quota_warning",
    "rebinding",
)
ENTRY = """
INSERT INTO quota_entry (id, counter_id, kind, held, spent, move_id, at)
SELECT gen_random_uuid(), counter_id, 'hold', 0, 0, move_id, at FROM quota_entry
WHERE move_id IS NOT NULL LIMIT 1
"""
QUOTA = """
INSERT INTO quota (id, unit_id, year, fund, ceiling_fen, floor_fen, held_fen, spent_fen)
SELECT gen_random_uuid(), unit_id, year, fund, 0, 0, 0, 0 FROM quota LIMIT 1
"""
MOVE = """
INSERT INTO quota_move (id, kind, from_id, to_id, source, moved_by, at)
SELECT gen_random_uuid(), {}, source, moved_by, at FROM quota_move LIMIT 1
"""
SETTING = """
INSERT INTO quota_setting (id, kind, source, created_at, unit_id, region_code, value_bp, from_on)
SELECT gen_random_uuid(), kind, source, created_at, {} FROM quota_setting
WHERE author_id IS NULL LIMIT 1
"""
WARNING = """
INSERT INTO quota_warning (id, quota_id, ceiling_fen, used_fen, value_bp, at)
SELECT gen_random_uuid(), quota_id, ceiling_fen, used_fen, value_bp, at FROM quota_warning LIMIT 1
"""
ASKED_AGAIN = """
INSERT INTO rebinding (id, order_id, from_unit_id, to_unit_id, reason, status, requested_by,
  requested_at, due_on, version)
SELECT gen_random_uuid(), order_id, from_unit_id, to_unit_id, reason, status, requested_by,
  requested_at, due_on, 1 FROM rebinding
"""
BREAKS = (
    (QUOTA, "uq_quota_unit_year_fund"),
    ("UPDATE quota SET held_fen = -1", "ck_quota_counters"),
    ("UPDATE quota SET floor_fen = -1", "ck_quota_floor"),
    ("UPDATE quota SET held_fen = ceiling_fen + 1", "ck_quota_ceiling"),
    ("UPDATE quota SET closed_at = now(), reopened_until = now()", "ck_quota_closed"),
    ("UPDATE quota_hold SET released = amount + 1", "ck_quota_hold_ends_once"),
    ("UPDATE quota_hold SET amount = 0", "ck_quota_hold_amount_positive"),
    ("UPDATE quota_hold SET source_id = order_id", "uq_quota_hold_source_id_counter_id"),
    ("UPDATE quota_hold SET accepted_fen = amount + 1", "ck_quota_hold_accepted"),
    ("UPDATE quota_hold SET accepted_fen = -1", "ck_quota_hold_accepted"),
    ("UPDATE quota_hold SET payment_term_days = 0", "ck_quota_hold_payment_term"),
    (ENTRY, "ck_quota_entry_move"),
    (MOVE.format("'lapse', NULL, NULL"), "ck_quota_move_somewhere"),
    (MOVE.format("'allocation', from_id, from_id"), "ck_quota_move_apart"),
    (MOVE.format("'rebinding', from_id, NULL"), "ck_quota_move_order"),
    (SETTING.format("NULL, NULL, 1, from_on"), "ck_quota_setting_place"),
    (SETTING.format("NULL, 'x', 1, from_on"), "ck_quota_setting_region_code"),
    (SETTING.format("NULL, region_code, 10001, from_on + 1"), "ck_quota_setting_value"),
    (SETTING.format("NULL, region_code, 1, from_on"), "uq_quota_setting_default"),
    (WARNING, "uq_quota_warning_once"),
    (ASKED_AGAIN, "uq_rebinding_open"),
    ("UPDATE rebinding SET to_unit_id = from_unit_id", "ck_rebinding_units"),
    (
        "UPDATE rebinding SET from_consent_by = requested_by, to_consent_by = requested_by",
        "ck_rebinding_apart",
    ),
    ("UPDATE rebinding SET closed_at = now()", "ck_rebinding_closed"),
    ("UPDATE rebinding SET status = 'done', closed_at = now()", "ck_rebinding_consents"),
)
OF_ORDERS = (
    (AGAIN.format("purchase_order", ""), "uq_purchase_order_number"),
    ("UPDATE purchase_order SET approvals_wanted = 3", "ck_purchase_order_approvals"),
    ("UPDATE purchase_order SET approval_due_at = now()", "ck_purchase_order_approval_due"),
    ("UPDATE purchase_order SET decided_for = author_id", "ck_purchase_order_decided_for"),
    ("UPDATE purchase_order SET replaces_id = id", "ck_purchase_order_replaces"),
    (
        "UPDATE purchase_order SET extended_at = now(), pay_mode = 'goods_first'",
        "ck_purchase_order_extended",
    ),
)
"""What an order holds of its approval and its life; its money is broken elsewhere."""


@pytest.fixture
def moved(db_session: Session) -> None:
    """Fill every table of quotas with a row, and apply for an order to be re-bound."""
    there = marketplace.scene(ceiling=50_000)
    marketplace.confirmed(there, "10")
    marketplace.ask_for_rebinding()
    order_id = new_id()
    parts = [procurement.part(8_000), procurement.part(8_000, OriginKind.PAIRED_REGION)]
    quota_id = there.quota.id
    holds.hold(order_id=order_id, quota_id=quota_id, parts=parts, expires_at=None, now=NOW)
    admin = procurement.unit_actor(there.unit)
    lapse = Reason(MoveKind.LAPSE, "演示", quota_id)
    shifts.move(lapse, [Shift(quota_id, ceiling=Fen(-1))], by=admin, now=NOW)
    assert settings.warn_of_used(now=NOW) == 1
    db_session.flush()


def test_every_constraint_of_quotas_is_broken_below() -> None:
    assert {name for _, name in BREAKS} == constraints_of(TABLES)


@pytest.mark.usefixtures("moved")
def test_a_row_that_breaks_it_is_refused_by_name() -> None:
    for statement, name in (*BREAKS, *OF_ORDERS):
        assert refused_by(statement) == name, statement
