"""Each constraint of offers speaks by its own name, and prices only grow."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.database import constraint_of, db
from marketplace.catalogue.queries.promises import PROMISES
from tests.builders import marketplace, offers


@pytest.fixture
def offered(db_session: Session) -> None:
    """Fill every table of the catalogue with a row."""
    there = marketplace.scene()
    marketplace.confirmed(there, "1")
    offers.say_something()
    db_session.flush()


def change(statement: str) -> None:
    with db.session.begin_nested():
        db.session.execute(text(statement))


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE listing SET unit_weight_kg = 0", "ck_listing_weight"),
        ("UPDATE listing SET season_months = '{13}'", "ck_listing_season"),
        ("UPDATE listing SET lead_days = -1", "ck_listing_window"),
        ("UPDATE listing SET lead_days = 3, latest_days = 2", "ck_listing_window"),
        ("UPDATE listing SET storage_band = 'chilled'", "ck_listing_storage"),
        ("UPDATE listing SET storage_min_c = 5, storage_max_c = 4", "ck_listing_storage"),
        ("UPDATE listing SET pay_modes = '{}'", "ck_listing_pay_modes"),
        ("UPDATE listing SET pay_modes = '{barter}'", "ck_listing_pay_modes"),
        ("UPDATE listing SET goods_sum = 6", "ck_listing_ratings"),
        ("UPDATE listing SET service_sum = 0", "ck_listing_ratings"),
        ("UPDATE listing_rating SET goods = 6", "ck_listing_rating_marks"),
        ("UPDATE listing_rating SET service = 0", "ck_listing_rating_marks"),
        ("UPDATE listing_rating SET reply = '谢谢'", "ck_listing_rating_reply"),
        ("UPDATE listing_picture SET position = 11", "ck_listing_picture_position"),
        ("UPDATE fee_report SET amount_fen = 0", "ck_fee_report_amount"),
        ("UPDATE fee_report SET resolution = '已退'", "ck_fee_report_resolution"),
    ],
)
def test_a_row_that_breaks_it_is_refused_by_name(statement: str, name: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        change(statement)
    assert constraint_of(refused.value) == name


@pytest.mark.usefixtures("offered")
def test_what_something_cost_stays_written() -> None:
    for act in ("UPDATE listing_price SET unit_price_fen = 1", "DELETE FROM listing_price"):
        with pytest.raises(IntegrityError, match="append-only"):
            change(act)


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("M40_marks", "UPDATE listing SET goods_sum = goods_sum - 1"),
        ("M41_prices", "UPDATE listing SET unit_price_fen = unit_price_fen + 1"),
    ],
)
def test_each_promise_notices_what_breaks_it(code: str, spoil: str) -> None:
    [promise] = [one for one in PROMISES if one.code == code]
    assert db.session.execute(promise.statement).all() == []
    db.session.execute(text(spoil))
    assert db.session.execute(promise.statement).all() != []
