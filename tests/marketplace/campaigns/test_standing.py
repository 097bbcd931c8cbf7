"""Standing orders: each week an ordinary order, or a reason; a refusal stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kernel import clock
from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.events import EventRow
from kernel.unit_of_work import run
from marketplace.campaigns.commands.standing import (
    StandingChange,
    change_standing,
    pause_standing,
    resume_standing,
)
from marketplace.campaigns.models.standing import (
    StandingOrder,
    StandingOutcome,
)
from marketplace.campaigns.queries import purchases as queries
from marketplace.orders.commands import standing as ordering
from marketplace.orders.commands.standing import order_due_week
from marketplace.orders.models.orders import PurchaseOrder
from marketplace.orders.queries.finding import OrderFilter, list_orders
from registry.accounts.models import Membership
from registry.notices.models import CalendarDay
from tests.builders import marketplace
from tests.builders.campaigns import HEADS, new_standing, rice, standing, standing_of, weeks_of
from tests.builders.marketplace import NOW, PRICE, Scene, figures, held
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of
from tests.racing import LONG, race

FIRST = datetime(2026, 6, 4, 16, tzinfo=UTC)
"""Friday, midnight in Shanghai: three days before Monday 8 June."""
WEEK = timedelta(days=7)


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    del client  # it brings the transaction
    with clock.stopped(NOW):
        yield marketplace.scene()


def orders_of(there: Scene, week: int, standing_id: object) -> list[PurchaseOrder]:
    found = weeks_of(standing_id)[week]  # type: ignore[arg-type]
    wanted = OrderFilter(checkout_id=found.checkout_id)  # type: ignore[arg-type]
    return list(list_orders(there.by("buyer"), wanted, limit=9, cursor=None).items)


def test_a_week_becomes_an_order_under_all_gates(there: Scene) -> None:
    made = standing(there)
    assert order_due_week(now=FIRST - timedelta(seconds=1)) == 0
    assert (order_due_week(now=FIRST), order_due_week(now=FIRST)) == (1, 0)
    [week] = weeks_of(made)
    assert (week.outcome, week.days, week.total_fen) == ("placed", 5, 11 * PRICE)
    assert figures(there) == held(11 * PRICE, "11", "11")
    [order] = orders_of(there, 0, made)
    assert (order.author_id, order.bound_unit_id) == (there.buyer.id, there.unit.id)
    assert (order.delivery_on, order.year) == (date(2026, 6, 8), 2026)
    assert standing_of(made).next_week_on == date(2026, 6, 15)


def test_a_refusal_is_shown_and_the_next_week_comes_all_the_same(
    there: Scene, written: Callable[[], list[AuditRow]]
) -> None:
    made = standing(there, heads=400)
    before = figures(there)
    assert order_due_week(now=FIRST) == 1
    [week] = weeks_of(made)
    assert (week.outcome, week.refusal_code) == (StandingOutcome.REFUSED, "stock_short")
    assert " / " in (week.refusal or "")
    assert figures(there) == before
    assert "order_standing_week" in [row.action for row in written()]
    told = db.session.query(EventRow).filter_by(kind="StandingWeekRefused").count()
    assert told == 1
    change = StandingChange(heads=HEADS)
    change_standing(made, change, expected_version=None, by=there.by("buyer"), now=FIRST)
    assert order_due_week(now=FIRST + WEEK) == 1
    assert [one.outcome for one in weeks_of(made)] == ["refused", "placed"]


def test_a_holiday_is_not_ordered_for_and_a_free_week_is_skipped(there: Scene) -> None:
    friday = date(2026, 6, 12)
    free = [friday, *(date(2026, 6, day) for day in range(15, 20))]
    db.session.add_all(CalendarDay(day_on=day, is_working=False, source="test") for day in free)
    made = standing(there)
    assert order_due_week(now=FIRST) == 1
    assert order_due_week(now=FIRST + WEEK) == 1
    first, second = weeks_of(made)
    assert (first.days, first.total_fen) == (4, 9 * PRICE)
    assert (second.outcome, second.checkout_id) == (StandingOutcome.SKIPPED, None)


def test_after_a_pause_it_goes_on_and_no_week_comes_twice(there: Scene) -> None:
    made, by = standing(there), there.by("buyer")
    order_due_week(now=FIRST)
    pause_standing(made, expected_version=None, by=by, now=FIRST)
    assert order_due_week(now=FIRST + WEEK * 3) == 0
    resume_standing(made, expected_version=None, by=by, now=FIRST)
    assert standing_of(made).next_week_on == date(2026, 6, 15)
    pause_standing(made, expected_version=None, by=by, now=FIRST)
    resume_standing(made, expected_version=None, by=by, now=FIRST + WEEK * 3)
    assert standing_of(made).next_week_on == date(2026, 6, 29)
    assert len(weeks_of(made)) == 1


def test_who_may_no_longer_buy_orders_nothing(there: Scene) -> None:
    made = standing(there)
    db.session.query(Membership).filter_by(user_id=there.buyer.id).delete()
    assert order_due_week(now=FIRST) == 1
    assert weeks_of(made)[0].refusal_code == "author_gone"


def test_a_defect_is_told_like_a_refusal_and_keeps_nobody_waiting(
    there: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: Any, **__: Any) -> None:
        raise RuntimeError

    made, before = standing(there), figures(there)
    with monkeypatch.context() as broken:
        broken.setattr(ordering, "place_checkout", defect)
        assert (order_due_week(now=FIRST), order_due_week(now=FIRST)) == (1, 0)
    assert weeks_of(made)[0].refusal_code == "week_not_ordered"
    assert figures(there) == before
    assert order_due_week(now=FIRST + WEEK) == 1
    assert [one.outcome for one in weeks_of(made)] == ["refused", "placed"]


def body(there: Scene, **changes: object) -> dict[str, object]:
    new = new_standing(there)
    menu = [{"listing_id": str(there.listing_id), "grams_per_head": 100, "weekdays": [1, 3]}]
    said = {name: getattr(new, name) for name in ("kind", "fund", "pay_mode", "heads")}
    where = {"address": new.delivery.address, "contact": new.delivery.contact}
    unit = {"bound_unit_id": str(there.unit.id), "menu": menu, "delivery": where}
    return {**said, **unit, **changes}


def test_the_doors_of_a_standing_order(client: Client, there: Scene) -> None:
    buyer = Door(client, there.buyer)
    made = json_of(buyer.post("/standing-orders", body(there)), 201)
    path = f"/standing-orders/{made['id']}"
    assert (made["status"], made["next_week_on"], made["lead_days"]) == ("active", "2026-06-08", 3)
    assert "13800001234" not in str(made)
    assert json_of(buyer.get("/standing-orders", status="active"))["items"] == [made]
    assert code_of(buyer.patch(path, {"heads": 30})) == (428, "precondition_required")
    changed = json_of(buyer.patch(path, {"heads": 30, "lead_days": 5}, version=made["version"]))
    assert (changed["heads"], changed["due_at"]) == (30, "2026-06-02T16:00:00+00:00")
    stale = buyer.patch(path, {"heads": 31}, version=made["version"])
    assert code_of(stale) == (412, "version_stale")
    assert order_due_week(now=FIRST) == 1
    [week] = json_of(buyer.get(f"{path}/weeks"))["items"]
    assert (week["outcome"], week["days"], week["heads"]) == ("placed", 2, 30)
    assert json_of(buyer.get("/orders", checkout_id=week["checkout_id"]))["items"]


def test_what_cannot_stand_is_refused(client: Client, there: Scene) -> None:
    buyer, nobody = Door(client, there.buyer), str(there.quota.id)
    menu = [{"listing_id": nobody, "grams_per_head": 100, "weekdays": [1]}]
    donation = {"kind": "purchase_instead_of_donation"}
    cases: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
        (donation, (422, "kind_not_standing", "/kind")),
        ({"menu": menu}, (422, "menu_listing_unknown", "/menu/0/listing_id")),
    ]
    for changes, told in cases:
        assert problem_of(buyer.post("/standing-orders", body(there, **changes))) == told
    elsewhere = body(there, bound_unit_id=str(there.cooperative.id))
    assert code_of(buyer.post("/standing-orders", elsewhere)) == (404, "not_found")


def test_many_timers_order_a_week_once(fresh: Flask) -> None:
    with fresh.app_context():
        there = run(marketplace.scene)
        made = run(lambda: standing(there, menu=[rice(there.listing_id, 100, (1,))]))
        done = race(fresh, [lambda: order_due_week(now=FIRST)] * 8)
        assert done == ["done"] * 8
        assert len(run(lambda: weeks_of(made))) == 1
        left = run(lambda: figures(there))
        assert left.stock == (Decimal(3), Decimal(0))


def test_negative_control_without_the_lock_two_timers_want_one_week(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Barrier(2)

    def look(actor: Actor, *, now: datetime) -> StandingOrder | None:
        del actor
        found = db.session.scalar(select(StandingOrder).where(StandingOrder.due_at <= now))
        both.wait(LONG)
        return found

    with fresh.app_context():
        there = run(marketplace.scene)
        made = run(lambda: standing(there))
        monkeypatch.setattr(queries, "find_due_standing", look)
        done = race(fresh, [lambda: order_due_week(now=FIRST)] * 2)
        assert done.count("done") == 1, "the constraint of a week stops the second"
        assert len(run(lambda: weeks_of(made))) == 1


def test_a_menu_from_two_suppliers_is_one_purchase(there: Scene) -> None:
    other = marketplace.scene()
    menu = [rice(there.listing_id), replace(rice(other.listing_id), grams_per_head=50)]
    made = standing(there, menu=menu)
    assert order_due_week(now=FIRST) == 1
    assert len(orders_of(there, 0, made)) == 2
    assert weeks_of(made)[0].total_fen == (11 + 6) * PRICE
