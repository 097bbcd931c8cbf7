"""Orders that each stay within a band and together pass it are signalled, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.calendar import shanghai_day, start_of_day
from kernel.database import constraint_of, db
from kernel.identity import new_id
from marketplace.events import OrderPlaced
from marketplace.orders.commands import deciding
from marketplace.orders.handlers import watch_splits
from marketplace.orders.models.orders import OrderId
from procurement.approvals.models import SplitOrder
from procurement.approvals.queries import SplitView, list_splits
from procurement.quotas.models import Fund
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import NOW, PRICE, TODAY, Scene, placed, scene
from tests.conftest import Client
from tests.marketplace.orders.test_bands import band

PATH = "/api/v1/procurement/approval-splits"


@pytest.fixture
def there(db_session: Session) -> Scene:
    del db_session
    made = scene()
    band(made, 10)
    return made


def buy(there: Scene, kilograms: str, now: datetime = NOW) -> OrderId:
    order_id = placed(there, kilograms, now=now).order.id
    watch_splits(OrderPlaced(order_id=order_id), now=now)
    return order_id


def signals(there: Scene) -> list[SplitView]:
    admin = registry.actor_of(registry.user(there.unit, [Role.UNIT_ADMIN]))
    return list(list_splits(admin, unit_id=None, limit=10, cursor=None).items)


def test_orders_that_together_pass_a_band_are_signalled_with_what_is_behind(there: Scene) -> None:
    first, second = buy(there, "6"), buy(there, "4")
    assert signals(there) == []
    third = buy(there, "1")
    [found] = signals(there)
    signal = found.signal
    assert (signal.amount_fen, signal.sum_fen) == (10 * PRICE, 11 * PRICE)
    assert (signal.completed_by, signal.unit_id) == (third, there.unit.id)
    assert (signal.from_on, signal.until_on) == (
        TODAY - timedelta(days=29),
        TODAY + timedelta(days=1),
    )
    behind = {one.order_id: one.amount_fen for one in found.orders}
    assert behind == {first: 6 * PRICE, second: 4 * PRICE, third: PRICE}


def test_each_passing_is_signalled_once(there: Scene) -> None:
    for kilograms in ("6", "5", "5"):
        last = buy(there, kilograms)
    watch_splits(OrderPlaced(order_id=last), now=NOW)
    assert len(signals(there)) == 1
    buy(there, "6")
    assert [one.signal.sum_fen for one in signals(there)] == [11 * PRICE, 11 * PRICE]


def test_what_was_above_the_band_or_called_off_does_not_count(there: Scene) -> None:
    buy(there, "11")
    buy(there, "5")
    gone = buy(there, "5")
    by = there.by("buyer")
    deciding.cancel_order(gone, reason="菜单调整", expected_version=None, by=by, now=NOW)
    buy(there, "5")
    assert signals(there) == []


def test_the_days_are_those_of_shanghai(there: Scene) -> None:
    begins = start_of_day(shanghai_day(NOW) - timedelta(days=29))
    buy(there, "6", begins - timedelta(microseconds=1))
    buy(there, "4", begins)
    buy(there, "6")
    assert signals(there) == []
    last = buy(there, "1")
    [found] = signals(there)
    assert (found.signal.completed_by, len(found.orders)) == (last, 3)


def test_bands_of_another_fund_or_category_are_not_passed(there: Scene) -> None:
    band(there, 2, fund=Fund.UNION)
    band(there, 2, category_code="nothing like it")
    buy(there, "2")
    buy(there, "2")
    assert signals(there) == []
    category = there.certificate.category_code
    assert category is not None
    band(there, 3, category_code=category)
    buy(there, "2")
    assert [one.signal.category_code for one in signals(there)] == [category]


def test_a_signal_is_seen_where_its_unit_is(there: Scene) -> None:
    buy(there, "6")
    buy(there, "5")
    stranger = registry.organisation(OrganisationKind.BUDGET_UNIT)
    admin = registry.actor_of(registry.user(stranger, [Role.UNIT_ADMIN]))
    assert list_splits(admin, unit_id=None, limit=10, cursor=None).items == []
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU)
    watcher = registry.actor_of(registry.user(bureau, [Role.FINANCE_SUPERVISOR]))
    assert len(list_splits(watcher, unit_id=there.unit.id, limit=10, cursor=None).items) == 1


def test_an_order_stands_behind_one_signal_of_a_band(there: Scene) -> None:
    buy(there, "6")
    buy(there, "5")
    [found] = signals(there)
    part = found.orders[0]
    again = SplitOrder(
        id=new_id(),
        signal_id=part.signal_id,
        threshold_id=part.threshold_id,
        order_id=part.order_id,
        amount_fen=part.amount_fen,
    )
    db.session.add(again)
    with pytest.raises(IntegrityError) as refused:
        db.session.flush()
    assert constraint_of(refused.value) == "uq_split_order_order_threshold"


def test_the_door(client: Client) -> None:
    there = scene()
    band(there, 10)
    buy(there, "6")
    buy(there, "5")
    admin = registry.token_of(registry.user(there.unit, [Role.UNIT_ADMIN]))
    [one] = client.get(PATH, token=admin).get_json()["items"]
    assert (one["amount_fen"], one["sum_fen"]) == (10 * PRICE, 11 * PRICE)
    assert [part["amount_fen"] for part in one["orders"]] == [6 * PRICE, 5 * PRICE]
    buyer = registry.token_of(there.buyer)
    assert client.get(PATH, token=buyer).status_code == 403
