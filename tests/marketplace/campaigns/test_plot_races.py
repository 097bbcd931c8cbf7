"""Acts on one plot at once: one of the orders of the acts comes out, nothing is held twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, select

from kernel import clock
from kernel.database import db
from kernel.errors import NotFound
from kernel.unit_of_work import run
from marketplace.campaigns.models.commissions import FarmingCommissionId
from marketplace.campaigns.queries import commissions as queries
from marketplace.orders.commands.commissions import report_failure
from marketplace.orders.commands.deciding import cancel_order
from marketplace.orders.commands.milestones import accept_milestone
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries import finding
from marketplace.wiring import MARKETPLACE
from tests.builders.plots import (
    PROOF,
    WHOLE,
    adopted,
    harvested,
    milestones_of,
    offered,
    plot_of,
    shown,
)
from tests.builders.settlement import NOW, Market, market, order_of, quota_of
from tests.marketplace.orders.test_rivals import Rivalry, interleaved, serial
from tests.promises import broken
from tests.racing import Act, race


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def calling_off(there: Market, order_id: OrderId) -> Act:
    by = there.by("clerk")
    return lambda: cancel_order(order_id, reason="", expected_version=None, by=by, now=NOW)


def ends(there: Market, plot: FarmingCommissionId, order_id: OrderId) -> Callable[[], Any]:
    return lambda: (
        plot_of(plot).status,
        order_of(order_id).order_status,
        [one.status for one in milestones_of(plot)],
        quota_of(there),
    )


def harvest_and_cancel() -> Rivalry:
    there = market()
    plot = offered(there)
    order_id = adopted(there, plot)
    return Rivalry(
        lambda: harvested(there, plot, [30, 40]),
        calling_off(there, order_id),
        ends(there, plot, order_id),
    )


def failure_and_cancel() -> Rivalry:
    there = market()
    plot = offered(there)
    order_id = adopted(there, plot)
    by = there.by("manager")
    return Rivalry(
        lambda: report_failure(plot, PROOF, by=by, now=NOW),
        calling_off(there, order_id),
        ends(there, plot, order_id),
    )


def acceptance_and_failure() -> Rivalry:
    there = market()
    plot = offered(there)
    order_id = adopted(there, plot)
    milestone, buyer, clerk = shown(there, plot).id, there.by("buyer"), there.by("clerk")
    return Rivalry(
        lambda: accept_milestone(milestone, expected_version=None, by=buyer, now=NOW),
        lambda: report_failure(plot, PROOF, by=clerk, now=NOW),
        ends(there, plot, order_id),
    )


RIVALRIES = (harvest_and_cancel, failure_and_cancel, acceptance_and_failure)


@pytest.mark.faults
@pytest.mark.parametrize("make", RIVALRIES)
def test_whatever_the_moment_one_of_the_two_orders_comes_out(
    app: Flask, make: Callable[[], Rivalry]
) -> None:
    with clock.stopped(NOW):
        expected = serial(make, turned=False)
        found = list(interleaved(app, make, turned=False))
        assert len(found) > 2
        assert [one for one in found if one not in expected] == []
        assert run(partial(broken, MARKETPLACE.invariants)) == []


@pytest.mark.faults
def test_without_the_locks_something_else_comes_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(actor: Any, order_id: OrderId, side: Any) -> PurchaseOrder:
        del actor
        found = db.session.scalar(select(PurchaseOrder).where(PurchaseOrder.id == order_id, side))
        if found is None:
            raise NotFound
        return found

    def plainly(statement: Select[Any], **_: Any) -> Any:
        return db.session.scalars(statement).one()

    with clock.stopped(NOW):
        expected = serial(harvest_and_cancel, turned=False)
        monkeypatch.setattr(finding, "lock_order", unlocked)
        monkeypatch.setattr(queries, "locked", plainly)
        found = list(interleaved(app, harvest_and_cancel, turned=False))
    assert any(one not in expected for one in found)


def test_a_plot_is_adopted_once(app: Flask) -> None:
    with clock.stopped(NOW):
        there = run(market)
        plot = run(lambda: offered(there))
        told = race(app, [lambda: adopted(there, plot, confirm=False)] * 4)
        assert sorted(told) == ["done", *["wrong_state"] * 3]
        assert run(lambda: quota_of(there)) == (WHOLE, 0)
        assert run(partial(broken, MARKETPLACE.invariants)) == []
