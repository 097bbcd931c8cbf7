"""R6: an account is deleted or closed while it orders, at every statement, one paused, both ways.

Through the doors: whoever is first, the other is refused in words, never by a foreign key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kernel import clock
from kernel.database import db
from kernel.unit_of_work import run
from kernel.visits import Visit
from marketplace.orders.models.orders import PurchaseOrder
from registry.accounts.models import AppUser, Role, UserId
from tests.builders import registry
from tests.builders.marketplace import NOW, Scene, body_of, new_order, scene
from tests.promises import broken
from tests.racing import interleave

Answering = Callable[[], TestResponse]


@dataclass(frozen=True)
class Rivals:
    """A new buyer who orders, and an administrator who takes the account away."""

    buyer_id: UserId
    order: Answering
    leave: Answering


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context(), clock.stopped(NOW):
        yield fresh


@pytest.fixture
def there(app: Flask) -> Scene:
    del app
    return run(scene)


def rivals(app: Flask, there: Scene, *, close: bool) -> Rivals:
    buyer = registry.user(there.unit, [Role.CANTEEN_BUYER])
    admin = registry.user(there.unit, [Role.UNIT_ADMIN])
    token, other = registry.token_of(buyer), registry.token_of(admin)
    path = f"/api/v1/users/{buyer.id}"
    order = partial(
        app.test_client().post,
        "/api/v1/orders",
        json=body_of(new_order(there, "1")),
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(buyer.id)},
    )
    headers = {"Authorization": f"Bearer {other}", "If-Match": '"1"'}
    client = app.test_client()
    leave = partial(client.post, f"{path}/close") if close else partial(client.delete, path)
    return Rivals(buyer.id, order, partial(leave, headers=headers))


def told(act: Answering) -> str:
    """Give the code of a refusal, or the status of anything else."""
    answer = act()
    return str(answer.json["code"]) if answer.json and "code" in answer.json else answer.status


def left(buyer_id: UserId) -> tuple[bool, int]:
    """Say whether the account is there and open, and how many orders it made."""
    user = db.session.get(AppUser, buyer_id, populate_existing=True)
    orders = select(func.count()).where(PurchaseOrder.author_id == buyer_id)
    return user is not None and user.closed_at is None, db.session.scalars(orders).one()


def met(app: Flask, there: Scene, *, close: bool, turned: bool) -> Iterator[object]:
    """Give what comes of both with the second injected before each statement of the first."""
    for at in range(60):
        two = run(partial(rivals, app, there, close=close))
        first, second = (two.leave, two.order) if turned else (two.order, two.leave)
        came = interleave(app, first, second, at=at, tell=told)
        if came is None:
            return
        ordered, gone = reversed(came) if turned else came
        yield ordered, gone, *run(partial(left, two.buyer_id))
    raise AssertionError("an act has more statements than were tried")


DELETED = {
    ("201 CREATED", "account_in_use", True, 1),
    ("unauthenticated", "204 NO CONTENT", False, 0),
}
DEFECT = ("defect", "204 NO CONTENT", False, 0)
CLOSED = {
    ("201 CREATED", "200 OK", False, 1),
    ("unauthenticated", "200 OK", False, 0),
}


@pytest.mark.parametrize("turned", [False, True], ids=["order-stopped", "leaving-stopped"])
@pytest.mark.parametrize(("close", "serial"), [(False, DELETED), (True, CLOSED)])
def test_an_order_of_somebody_who_leaves_is_made_or_refused_in_words(
    app: Flask,
    there: Scene,
    close: bool,  # noqa: FBT001 - a switch of the test
    serial: set[object],
    turned: bool,  # noqa: FBT001 - a switch of the test
) -> None:
    found = list(met(app, there, close=close, turned=turned))
    assert len(found) > 3
    assert set(found) <= serial
    assert run(lambda: broken(app.extensions["bangfu.invariants"])) == []


def test_control_without_a_second_look_at_who_asks_it_is_a_defect(
    app: Flask, there: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Visit, "_has_left", lambda _: False)
    found = met(app, there, close=False, turned=False)
    assert DEFECT in found
