"""Two workers hear of one split at the same time, of one fact or of two: it is signalled once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from kernel.database import db
from kernel.unit_of_work import run
from marketplace.events import OrderPlaced
from marketplace.orders.handlers import watch_splits
from marketplace.orders.models.orders import OrderId
from procurement.approvals.models import ApprovalThreshold, SplitSignal
from tests.builders.marketplace import NOW, Scene, placed, scene
from tests.marketplace.orders.test_bands import band
from tests.racing import Act, interleave, outcome

LONGEST = 30
"""More statements than the reaction has."""
ONCE = {"uq_split_order_order_threshold", "uq_split_signal_order_threshold"}


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def bought() -> tuple[Scene, list[OrderId]]:
    """Buy for 6, 5 and 5 kilograms: any two together are more than 10."""
    there = scene()
    return there, [placed(there, kilograms).order.id for kilograms in ("6", "5", "5")]


def hears(order_id: OrderId) -> Act:
    return lambda: watch_splits(OrderPlaced(order_id=order_id), now=NOW)


def signals() -> int:
    """Count the signals of the band that was set last."""
    newest = select(ApprovalThreshold.id).order_by(ApprovalThreshold.id.desc()).limit(1)
    query = select(func.count()).where(SplitSignal.threshold_id == newest.scalar_subquery())
    return db.session.execute(query).scalar_one()


def met(app: Flask, there: Scene, first: Act, second: Act) -> Iterator[tuple[set[str], int]]:
    """Let both hear of a new band's passing, the second before each statement of the first.

    Gives how they ended, and how many signals there are once whoever failed has heard again.
    """
    for at in range(LONGEST):
        run(partial(band, there, 10))
        came = interleave(app, first, second, at=at)
        if came is None:
            return
        again = [outcome(act) for act in (first, second)]
        assert again == ["done"] * 2
        yield set(came), run(signals)
    raise AssertionError("the reaction has more statements than were tried")


def test_a_split_that_two_hear_of_at_once_is_signalled_once(app: Flask) -> None:
    there, (_, second, third) = run(bought)
    for pair in ((second, second), (second, third)):
        found = list(met(app, there, *map(hears, pair)))
        for came, count in found:
            assert (came - ONCE, count) == ({"done"}, 1)
        assert any(came & ONCE for came, _ in found), "they never met"


def test_without_its_constraint_a_split_is_signalled_twice(app: Flask) -> None:
    """The negative control: nothing else keeps two facts of one split apart."""
    there, orders = run(bought)
    drop = "ALTER TABLE split_order DROP CONSTRAINT uq_split_order_order_threshold"
    run(lambda: db.session.execute(text(drop)))
    found = met(app, there, hears(orders[1]), hears(orders[2]))
    assert any(count == 2 for _, count in found)
