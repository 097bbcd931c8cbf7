"""Money of an order that had lapsed: it stands again under the gates, or the money is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import ChangeKind
from kernel import clock
from kernel.database import db
from kernel.gates import Gate
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.lots import queries as lot_queries
from marketplace.lots.commands.stock import STOCK_GATE
from marketplace.lots.models import Lot
from marketplace.orders.commands.deciding import cancel_order, expire_next
from marketplace.orders.models.orders import OrderId, OrderStatus, PaymentStatus, PurchaseOrder
from marketplace.settlement.commands.matching import LinePart, match_by_hand, match_lines
from marketplace.settlement.models.statements import BankAccountId, BankLine, LineState, Outcome
from procurement.quotas.models import Quota
from registry.accounts.models import Role
from registry.organisations.models import Ending, Organisation, OrganisationKind
from tests.builders import certification, procurement, registry
from tests.builders.settlement import (
    NOW,
    Market,
    lot,
    market,
    order_of,
    ordered,
    quota_of,
    received,
    shipped,
)
from tests.builders.statements import bank_account, credit, looked_at, number_of, read
from tests.promises import broken
from tests.racing import interleave, only, race

AFTER = NOW + timedelta(days=31)
ALL = "120"
"""Kilograms: all there is."""
STANDS, LAPSED = OrderStatus.CONFIRMED, OrderStatus.EXPIRED


def lapsed(there: Market, kilograms: str = "10", *, confirm: bool = True) -> OrderId:
    order_id = ordered(there, kilograms, confirm=confirm)
    while expire_next(now=AFTER):
        pass
    assert order_of(order_id).order_status is OrderStatus.EXPIRED
    assert quota_of(there) == (0, 0)
    return order_id


def comes(there: Market, order_id: OrderId, amount: int = 30_000) -> BankLine:
    by = there.by("manager")
    return looked_at(bank_account(by), [credit(amount, number_of(order_id))], by=by)[-1]


def held(there: Market) -> tuple[object, object]:
    """Give what is held of the certificate's year and of the listing's lots."""
    year = select(Capacity.held).where(Capacity.certificate_id == there.certificate.id)
    lots = select(Lot.held).where(Lot.listing_id == there.listing_id)
    return db.session.scalars(year).one(), sum(db.session.scalars(lots), Decimal(0))


def kept(app: Flask) -> bool:
    with clock.stopped(NOW):
        return broken(app.extensions["bangfu.invariants"]) == []


@pytest.fixture
def there(db_session: Session) -> Market:
    del db_session
    return market()


def test_an_order_whose_money_comes_late_stands_again_and_goes_its_way(
    app: Flask, there: Market
) -> None:
    order_id = lapsed(there)
    line = comes(there, order_id)
    assert (line.state, line.outcome, line.matched_fen) == (
        LineState.MATCHED, Outcome.EXACT, 30_000,
    )  # fmt: skip
    order = order_of(order_id)
    assert (order.order_status, order.payment_status) == (
        OrderStatus.CONFIRMED, PaymentStatus.PAID,
    )  # fmt: skip
    assert (quota_of(there), held(there)) == ((0, 30_000), (10, 10))
    assert kept(app)
    assert expire_next(now=AFTER + timedelta(days=90)) == 0
    shipped(there, order_id, (10, None))
    received(there, order_id, "8", "2")
    assert (quota_of(there), held(there)) == ((0, 30_000), (0, 0))
    assert order_of(order_id).order_status is OrderStatus.COMPLETED
    assert kept(app)


def test_part_of_the_money_brings_all_of_the_order_back(app: Flask, there: Market) -> None:
    order_id = lapsed(there)
    assert comes(there, order_id, 10_000).outcome is Outcome.PARTIAL
    assert (quota_of(there), held(there)) == ((20_000, 10_000), (10, 10))
    assert kept(app)


def test_other_lots_do_where_the_first_ones_are_sold(app: Flask, there: Market) -> None:
    order_id = lapsed(there, "60")
    ordered(there, "100")
    lot(there.listing_id, {}, own=50, by=there.by("clerk"))
    assert comes(there, order_id, 180_000).state is LineState.MATCHED
    assert held(there) == (160, 160)
    assert kept(app)


def goods_are_gone(there: Market, _: OrderId) -> None:
    ordered(there, "110.5")


def money_is_gone(there: Market, _: OrderId) -> None:
    db.session.get_one(Quota, there.quota.id).ceiling_fen = Fen(29_999)


def certificate_is_suspended(there: Market, _: OrderId) -> None:
    by = registry.actor_of(certification.reviewer_of("county"))
    change_certificate(there.certificate.id, ChangeKind.SUSPENDED, reason="抽检", by=by, now=NOW)


def unit_is_gone(there: Market, _: OrderId) -> None:
    unit = db.session.get_one(Organisation, there.unit.id)
    unit.ended_on, unit.ending = NOW.date(), Ending.ABOLISHED


def year_is_over(_: Market, order_id: OrderId) -> None:
    order_of(order_id).year = 2025


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (goods_are_gone, "stock_short"),
        (money_is_gone, "quota_exceeded"),
        (certificate_is_suspended, "certificate_not_in_force"),
        (unit_is_gone, "organisation_ended"),
        (year_is_over, "year_not_open"),
    ],
)
def test_where_a_gate_refuses_nothing_changes_and_the_money_is_shown(
    there: Market, meanwhile: Callable[[Market, OrderId], None], reason: str
) -> None:
    order_id = lapsed(there)
    meanwhile(there, order_id)
    db.session.flush()
    before = (quota_of(there), held(there))
    line = comes(there, order_id)
    assert (line.state, line.outcome, line.matched_fen) == (LineState.PARKED, Outcome.LATE, 0)
    assert reason in (line.reason or "")
    assert order_of(order_id).order_status is OrderStatus.EXPIRED
    assert (quota_of(there), held(there)) == before


def test_an_order_that_nobody_took_on_does_not_stand_again(there: Market) -> None:
    line = comes(there, lapsed(there, confirm=False))
    assert (line.state, line.outcome) == (LineState.PARKED, Outcome.LATE)
    assert held(there) == (0, 0)


def test_people_try_again_once_there_is_room(app: Flask, there: Market) -> None:
    order_id = lapsed(there)
    other = ordered(there, "115")
    line = comes(there, order_id)
    cancel_order(other, reason="不要了", expected_version=None, by=there.by("buyer"), now=NOW)
    by, parts = there.by("manager"), [LinePart(order_id, Fen(30_000))]
    view = match_by_hand(line.id, parts, expected_version=None, by=by, now=NOW)
    assert (view.line.state, view.line.reason) == (LineState.MATCHED, None)
    assert order_of(order_id).paid_fen == 30_000
    assert kept(app)


@pytest.fixture
def fresh_app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def late(there: Market) -> tuple[OrderId, BankAccountId]:
    """Let money come, nobody has looked yet, for a lapsed order of all there is."""
    order_id, by = lapsed(there, ALL), there.by("manager")
    account = bank_account(by)
    read(account, [credit(360_000, number_of(order_id))], by=by)
    return order_id, account.id


def rivals(there: Market) -> tuple[OrderId, list[Callable[[], object]]]:
    """Commit money that came for a lapsed order, whose goods somebody else is about to order."""
    order_id, account_id = run(partial(late, there))
    return order_id, [
        lambda: match_lines(account_id, now=NOW),
        lambda: ordered(there, ALL, confirm=False),
    ]


def both_have_them(there: Market, order_id: OrderId) -> bool:
    """Say whether the lapsed order stands again, and the new one stands too."""
    stands = select(func.count()).select_from(PurchaseOrder)
    mine = PurchaseOrder.bound_unit_id == there.unit.id
    again = order_of(order_id).order_status is OrderStatus.CONFIRMED
    return again and db.session.scalar(stands.where(mine, PurchaseOrder.closed_at.is_(None))) == 2


EVERY = [pytest.param(turned, 1, marks=pytest.mark.faults) for turned in (1, -1)]


@pytest.mark.parametrize(("turned", "step"), [(1, 12), (-1, 4), *EVERY])
def test_late_money_and_a_new_order_never_have_the_same_goods(
    fresh_app: Flask, turned: int, step: int
) -> None:
    seen = []
    for at in range(0, 60, step):
        there = run(market)
        order_id, acts = rivals(there)
        first, second = acts[::turned]
        came = interleave(fresh_app, first, second, at=at)
        seen.append(came)
        assert not run(partial(both_have_them, there, order_id))
        assert run(partial(held, there)) == (Decimal(ALL), Decimal(ALL))
        if came is None:
            break
    assert len(seen) > 2
    assert run(partial(kept, fresh_app))


def another_unit(there: Market) -> Market:
    """Let another unit buy of the same cooperative, by its own quota."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    buyer = registry.user(unit, [Role.CANTEEN_BUYER])
    return replace(there, unit=unit, buyer=buyer, quota=procurement.quota(unit))


def two_late(there: Market) -> list[tuple[OrderId, BankAccountId]]:
    """Let money come late for what two units ordered, one after the other: all there is."""
    return [run(partial(late, one)) for one in (there, run(partial(another_unit, there)))]


def both_looked_at(
    app: Flask, two: Sequence[tuple[OrderId, BankAccountId]]
) -> tuple[list[str], list[OrderStatus]]:
    """Let the money of two lapsed orders be looked at at once."""
    came = race(app, [partial(match_lines, account_id, now=NOW) for _, account_id in two])
    return came, [run(partial(order_of, order_id)).order_status for order_id, _ in two]


def test_of_two_that_pay_late_at_once_one_has_the_goods_and_the_other_is_shown(
    fresh_app: Flask,
) -> None:
    there = run(market)
    came, states = both_looked_at(fresh_app, two_late(there))
    assert (came, sorted(states)) == (["done", "done"], [STANDS, LAPSED])
    assert run(partial(held, there)) == (Decimal(ALL), Decimal(ALL))
    lines = run(lambda: list(db.session.scalars(select(BankLine).order_by(BankLine.state))))
    assert [line.state for line in lines] == [LineState.MATCHED, LineState.PARKED]
    assert "stock_short" in (lines[1].reason or "")
    assert run(partial(kept, fresh_app))


@pytest.mark.parametrize(
    ("guarded", "states"), [(True, [STANDS, LAPSED]), (False, [STANDS, STANDS])]
)
def test_the_gate_alone_holds_and_without_it_two_that_pay_late_have_the_same_goods(
    fresh_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,  # noqa: FBT001 - a switch of the test
    states: list[OrderStatus],
) -> None:
    """Both see the goods free before either takes them: no lock but the gate's."""
    there, seen, real = run(market), Barrier(2, timeout=20), lot_queries.list_sellable_lots
    two = two_late(there)

    def look(*args: Any, lock: bool, **said: Any) -> list[Lot]:
        lots = real(*args, lock=not lock, **said)
        seen.wait()
        return lots

    monkeypatch.setattr(lot_queries, "list_sellable_lots", look)
    monkeypatch.setattr(Gate, "take", only(STOCK_GATE, guarded=guarded))
    monkeypatch.setattr(Gate, "post", lambda *_, **__: None)
    assert sorted(both_looked_at(fresh_app, two)[1]) == states
