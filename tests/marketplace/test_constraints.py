"""Each constraint of listings, lots, orders and deliveries speaks by its own name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.database import constraint_of, db
from marketplace.lots.rules import Contribution
from tests.builders import marketplace, registry
from tests.builders.marketplace import confirmed, receive, scene, ship

APPEND_ONLY = (
    "lot_contribution",
    "lot_entry",
    "shipment",
    "shipment_line",
    "receipt",
    "receipt_line",
)

CONTRIBUTED = """
INSERT INTO lot_contribution (id, lot_id, household_id, quantity, farm_price_fen)
SELECT gen_random_uuid(), lot_id, household_id, {}, {} FROM lot_contribution
"""
SENT = """
INSERT INTO shipment_line (id, shipment_id, order_line_id, lot_id, quantity, lot_quantity, moved)
SELECT gen_random_uuid(), shipment_id, order_line_id, lot_id, {} FROM shipment_line
"""
TAKEN = """
INSERT INTO receipt_line
  (id, receipt_id, order_line_id, shipment_line_id, accepted_quantity, rejected_quantity)
SELECT gen_random_uuid(), receipt_id, order_line_id, shipment_line_id, {} FROM receipt_line
"""


@pytest.fixture
def traded(db_session: Session) -> None:
    """Fill every table of trade with at least one row."""
    there = scene(stock="0")
    household = registry.household()
    registry.benefit_link(household, there.cooperative)
    contribution = Contribution(household.id, Decimal(20), 100)
    by = there.by("clerk")
    marketplace.lot(there.listing_id, "5", by=by, contributions=[contribution])
    order_id = confirmed(there, "10", "2").order.id
    ship(there, order_id, "6")
    receive(there, order_id, ("4", "1"))
    db_session.flush()


def change(statement: str) -> None:
    with db.session.begin_nested():
        db.session.execute(text(statement))


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE listing SET step = 0", "ck_listing_step"),
        ("UPDATE listing SET unit_price_fen = 0", "ck_listing_price"),
        ("UPDATE listing SET available_quantity = -1", "ck_listing_available"),
        ("UPDATE lot SET held = total + 1", "ck_lot_stock"),
        ("UPDATE lot SET shipped = -1", "ck_lot_stock"),
        ("UPDATE lot SET held = -1", "ck_lot_stock"),
        ("UPDATE lot SET own_quantity = total + 1", "ck_lot_total"),
        ("UPDATE lot SET expires_on = harvested_on", "ck_lot_life"),
        ("UPDATE lot_hold SET amount = 0, posted = 0", "ck_lot_hold_amount_positive"),
        ("UPDATE lot_hold SET released = amount + 1, posted = 0", "ck_lot_hold_ends_once"),
        ("UPDATE purchase_order SET total_fen = total_fen + 1", "ck_purchase_order_total"),
        (
            "UPDATE purchase_order SET freight_fen = -1, total_fen = goods_fen - 1",
            "ck_purchase_order_amounts",
        ),
        ("UPDATE purchase_order SET accepted_fen = goods_fen + 1", "ck_purchase_order_accepted"),
        ("UPDATE purchase_order SET paid_fen = total_fen + 1", "ck_purchase_order_paid"),
        ("UPDATE purchase_order SET pending_fen = -1", "ck_purchase_order_paid"),
        ("UPDATE purchase_order SET refunded_fen = 1", "ck_purchase_order_refunded"),
        ("UPDATE purchase_order SET decided_by = author_id", "ck_purchase_order_author_apart"),
        ("UPDATE order_line SET quantity = 0", "ck_order_line_quantity"),
        ("UPDATE order_line SET shipped_quantity = quantity + 1", "ck_order_line_shipped"),
        (
            "UPDATE order_line SET accepted_quantity = shipped_quantity + 1",
            "ck_order_line_received",
        ),
        ("UPDATE order_line SET accepted_fen = amount_fen + 1", "ck_order_line_accepted"),
        ("UPDATE order_line SET position = 0", "uq_order_line_order_position"),
        (CONTRIBUTED.format(1, 1), "uq_lot_contribution_lot_household"),
        (CONTRIBUTED.format(0, 1), "ck_lot_contribution_quantity"),
        (CONTRIBUTED.format(1, -1), "ck_lot_contribution_price"),
        (SENT.format("1, 1, moved"), "uq_shipment_line_once"),
        (SENT.format("0, 1, NOT moved"), "ck_shipment_line_quantity"),
        (TAKEN.format("1, 0"), "uq_receipt_line_receipt_shipment_line"),
        (TAKEN.format("0, 0"), "ck_receipt_line_quantity"),
        (TAKEN.format("0, 1"), "ck_receipt_line_reason"),
    ],
)
def test_a_row_that_breaks_it_is_refused_by_name(statement: str, name: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        change(statement)
    assert constraint_of(refused.value) == name


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_written_down_stays(table: str, act: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        change(act.format(table))


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize("table", ["lot", "purchase_order"])
def test_a_number_is_given_once(table: str) -> None:
    number = db.session.execute(text(f"SELECT number FROM {table} LIMIT 1")).scalar_one()  # noqa: S608
    there = scene()
    confirmed(there, "1")
    with pytest.raises(IntegrityError) as refused:
        change(f"UPDATE {table} SET number = '{number}'")  # noqa: S608
    assert constraint_of(refused.value) == f"uq_{table}_number"
