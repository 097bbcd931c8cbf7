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
from tests.builders.deliveries import measure_something
from tests.builders.marketplace import confirmed, receive, scene, ship
from tests.builders.offers import set_terms

APPEND_ONLY = (
    "lot_contribution",
    "lot_entry",
    "shipment",
    "shipment_line",
    "receipt",
    "receipt_line",
    "weighing",
    "receipt_photo",
    "temperature_reading",
    "order_contract",
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
SCALED = """
INSERT INTO weighing
  (id, receipt_id, order_line_id, sent_quantity, weighed_quantity, tolerance_bp)
SELECT gen_random_uuid(), receipt_id, order_line_id, {} FROM weighing
"""
PICTURED = """
INSERT INTO receipt_photo (id, receipt_id, order_line_id, document_id)
SELECT gen_random_uuid(), receipt_id, order_line_id, document_id FROM receipt_photo
"""
CHAINED = """
INSERT INTO cold_chain (id, shipment_id, storage_band, min_c, max_c)
SELECT gen_random_uuid(), shipment_id, {} FROM cold_chain
"""
READ = """
INSERT INTO temperature_reading
  (id, cold_chain_id, device, read_at, tenths_c, recorded_at, recorded_by)
SELECT gen_random_uuid(), cold_chain_id, device, read_at, {}, recorded_at, recorded_by
FROM temperature_reading
"""
SET = """
INSERT INTO delivery_term (id, code, value, from_on, source)
SELECT gen_random_uuid(), code, {}, from_on, source FROM delivery_term
"""
SIGNED = """
INSERT INTO order_contract (id, order_id, statement, digest, key_id, signature, signed_at)
SELECT gen_random_uuid(), order_id, statement, {}, key_id, signature, signed_at
FROM order_contract
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
    set_terms(there, storage_band="chilled", storage_min_c=0, storage_max_c=4)
    ship(there, order_id, "6")
    receive(there, order_id, ("4", "1"))
    measure_something()
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
        ("UPDATE purchase_order SET payment_term_days = 0", "ck_purchase_order_payment_term"),
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
        (SCALED.format("1, 0.989, 100"), "ck_weighing_tolerance"),
        (SCALED.format("0, 0, 100"), "ck_weighing_quantity"),
        (SCALED.format("1, 1, 100"), "uq_weighing_receipt_order_line"),
        (PICTURED, "uq_receipt_photo_document"),
        (CHAINED.format("'chilled', 0, 4"), "uq_cold_chain_shipment_band"),
        (CHAINED.format("'cool', 0, 4"), "ck_cold_chain_band"),
        (CHAINED.format("'frozen', 5, 4"), "ck_cold_chain_range"),
        (READ.format("0"), "uq_temperature_reading_instant"),
        (READ.format("1000"), "ck_temperature_reading_tenths"),
        (SET.format(10_001), "ck_delivery_term_value"),
        (SET.format(1), "uq_delivery_term_code_from_on"),
        (SIGNED.format("digest || '!'"), "ck_order_contract_digest"),
        (SIGNED.format("digest"), "uq_order_contract_order"),
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
