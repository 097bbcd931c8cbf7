"""The payment clock of an order: thirty days from acceptance, then 0.05 % a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kernel.errors import NotFound
from marketplace.orders.models.orders import OrderId, PayMode
from marketplace.settlement.commands.clocks import tell_clock
from marketplace.settlement.queries.clocks import PaymentClock
from tests.builders.settlement import (
    NOW,
    Market,
    market,
    order_of,
    ordered,
    paid,
    received,
    shipped,
)

pytestmark = pytest.mark.usefixtures("db_session")


def accepted(there: Market) -> OrderId:
    order_id = ordered(there, "9", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (9, None))
    received(there, order_id, "9")
    return order_id


def after(there: Market, order_id: OrderId, days: int) -> PaymentClock:
    return tell_clock(order_id, by=there.by("finance"), now=NOW + timedelta(days=days))


def test_money_is_due_thirty_days_after_acceptance_and_costs_interest_then() -> None:
    there = market()
    order_id = accepted(there)
    early = after(there, order_id, 30)
    assert (early.due_on, early.overdue_fen, early.interest_fen) == (date(2026, 7, 1), 0, 0)
    late = after(there, order_id, 41)
    assert (late.due_on, late.overdue_fen, late.overdue_days) == (date(2026, 7, 1), 27_000, 11)
    assert late.interest_fen == 149
    paid(there, order_id, 20_000)
    assert after(there, order_id, 41).interest_fen == 39
    paid(there, order_id, 7_000)
    done = after(there, order_id, 41)
    assert (done.due_on, done.overdue_fen, done.paid_fen) == (None, 0, 27_000)


def test_the_days_that_were_agreed_take_the_place_of_thirty() -> None:
    there = market()
    order_id = accepted(there)
    order_of(order_id).payment_term_days = 45
    assert after(there, order_id, 0).due_on == date(2026, 7, 16)
    late = after(there, order_id, 46)
    assert (late.term_days, late.overdue_days, late.interest_fen) == (45, 1, 14)


def test_nothing_is_due_before_goods_are_in_and_strangers_see_no_clock() -> None:
    there = market()
    order_id = ordered(there, "1", mode=PayMode.GOODS_FIRST)
    assert after(there, order_id, 90).due_on is None
    with pytest.raises(NotFound):
        after(market(), order_id, 1)
