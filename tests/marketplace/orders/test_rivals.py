"""Two acts on one thing, the second injected before each statement of the first, both ways.

Whatever the moment, what comes out is what one of the two orders of the acts gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, select

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import ChangeKind
from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.identity import new_id
from kernel.money import Fen
from kernel.operations import judge
from kernel.unit_of_work import run
from marketplace.catalogue.commands.listings import ListingChange, change_listing, delist_listing
from marketplace.deliveries.commands.substituting import accept_substitute
from marketplace.orders.commands import deciding
from marketplace.orders.commands.placing import place_order
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries import finding
from procurement.approvals.models import ApprovalThreshold
from registry.accounts.models import Role
from tests.builders import certification, registry
from tests.builders.deliveries import proposed, second_listing
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    confirmed,
    figures,
    listing_of,
    lots_of,
    new_order,
    order_of,
    placed,
    scene,
    ship,
)
from tests.racing import Act, interleave, outcome

LONGEST = 60
"""More statements than any act has."""


@dataclass(frozen=True)
class Rivalry:
    """Two acts on something new, and what to look at afterwards."""

    first: Act
    second: Act
    look: Callable[[], Any]


Make = Callable[[Scene], Rivalry]
"""Makes rivals on something new, in the scene that a test has; some use up one of their own."""


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


@pytest.fixture
def there(app: Flask) -> Scene:
    del app
    return run(partial(scene, stock="1000"))


def waiting(there: Scene) -> OrderId:
    if not db.session.query(ApprovalThreshold).filter_by(unit_id=there.unit.id).count():
        limit = ApprovalThreshold(
            id=new_id(),
            unit_id=there.unit.id,
            amount_fen=PRICE,
            from_on=date(2026, 1, 1),
            source="test",
            created_at=NOW,
        )
        db.session.add(limit)
        db.session.flush()
    return placed(there, "10").order.id


def approve(order_id: OrderId, by: Actor) -> Act:
    return lambda: deciding.approve_order(order_id, expected_version=None, by=by, now=NOW)


def cancel(order_id: OrderId, by: Actor) -> Act:
    return lambda: deciding.cancel_order(
        order_id, reason="菜单调整", expected_version=None, by=by, now=NOW
    )


def ends(there: Scene, order_id: OrderId) -> Callable[[], Any]:
    """Look how an order ends, and what of the three gates it held, gave back or used up by then."""
    before = all_figures(there)

    def look() -> Any:
        moved = [now - then for now, then in zip(all_figures(there), before, strict=True)]
        return order_of(order_id).order_status, moved

    return look


def all_figures(there: Scene) -> list[Decimal]:
    now = figures(there)
    return [Decimal(one) for one in (*now.money, *now.capacity, *now.stock)]


def cancel_and_approve(there: Scene) -> Rivalry:
    order_id = waiting(there)
    return Rivalry(
        approve(order_id, there.by("approver")),
        cancel(order_id, there.by("buyer")),
        ends(there, order_id),
    )


def two_approvers(there: Scene) -> Rivalry:
    order_id = waiting(there)
    other = registry.actor_of(registry.user(there.unit, [Role.UNIT_APPROVER]))
    return Rivalry(
        approve(order_id, there.by("approver")), approve(order_id, other), ends(there, order_id)
    )


def cancel_and_confirm(there: Scene) -> Rivalry:
    order_id = placed(there, "10").order.id
    by = there.by("clerk")
    return Rivalry(
        lambda: deciding.confirm_order(order_id, expected_version=None, by=by, now=NOW),
        cancel(order_id, there.by("buyer")),
        ends(there, order_id),
    )


def cancel_and_ship(there: Scene) -> Rivalry:
    order_id = confirmed(there, "10").order.id
    return Rivalry(
        lambda: ship(there, order_id, "4"),
        cancel(order_id, there.by("buyer")),
        ends(there, order_id),
    )


def cancel_and_substitute(there: Scene) -> Rivalry:
    order_id, other = confirmed(there, "10").order.id, second_listing(there)
    found = proposed(there, order_id, other, "4", PRICE - 1)
    accept = partial(
        accept_substitute, found.id, expected_version=None, by=there.by("buyer"), now=NOW
    )
    ended = ends(there, order_id)
    return Rivalry(
        accept,
        cancel(order_id, there.by("buyer")),
        lambda: (ended(), [lot.held for lot in lots_of(other)]),
    )


def place(there: Scene) -> Act:
    new, by = new_order(there, "2"), there.by("buyer")
    return lambda: place_order(new, by=by, now=NOW)


def totals(there: Scene) -> list[int]:
    query: Select[Any] = select(PurchaseOrder.total_fen)
    return list(db.session.scalars(query.where(PurchaseOrder.bound_unit_id == there.unit.id)))


def revocation_and_order(_: Scene) -> Rivalry:
    there = scene()
    by = registry.actor_of(certification.reviewer_of("county"))
    revoke = partial(
        change_certificate, there.certificate.id, ChangeKind.REVOKED, reason="抽检", by=by, now=NOW
    )
    return Rivalry(place(there), revoke, lambda: (totals(there), figures(there)))


def price_change_and_order(_: Scene) -> Rivalry:
    there = scene()
    change = partial(
        change_listing,
        there.listing_id,
        ListingChange(unit_price_fen=Fen(2 * PRICE)),
        expected_version=None,
        by=there.by("clerk"),
        now=NOW,
    )
    return Rivalry(
        place(there), change, lambda: (totals(there), listing_of(there.listing_id).unit_price_fen)
    )


def delisting_and_order(_: Scene) -> Rivalry:
    there = scene()
    delist = partial(
        delist_listing, there.listing_id, expected_version=None, by=there.by("clerk"), now=NOW
    )
    return Rivalry(
        place(there), delist, lambda: (totals(there), listing_of(there.listing_id).status)
    )


RIVALRIES = (
    cancel_and_approve,
    two_approvers,
    cancel_and_confirm,
    cancel_and_ship,
    cancel_and_substitute,
    revocation_and_order,
    price_change_and_order,
    delisting_and_order,
)


def set_up(make: Callable[[], Rivalry], *, turned: bool) -> Rivalry:
    """Make the rivals; `turned` lets the second be the one that is stopped."""
    made = run(make)
    return Rivalry(made.second, made.first, made.look) if turned else made


def serial(make: Callable[[], Rivalry], *, turned: bool) -> list[Any]:
    """Give what comes out of the two orders of the acts, outcomes as (first, second)."""
    found = []
    for swapped in (False, True):
        rivals = set_up(make, turned=turned)
        acts = [rivals.first, rivals.second]
        came = [outcome(act) for act in (reversed(acts) if swapped else acts)]
        found.append((tuple(reversed(came)) if swapped else tuple(came), run(rivals.look)))
    return found


def interleaved(app: Flask, make: Callable[[], Rivalry], *, turned: bool) -> Iterator[Any]:
    """Give what comes out with the second act injected before each statement of the first."""
    for at in range(LONGEST):
        rivals = set_up(make, turned=turned)
        came = interleave(app, rivals.first, rivals.second, at=at)
        if came is None:
            return
        yield came, run(rivals.look)
    raise AssertionError("an act has more statements than were tried")


@pytest.mark.parametrize("turned", [False, True], ids=["stopped-first", "stopped-second"])
@pytest.mark.parametrize("make", RIVALRIES)
def test_whatever_the_moment_one_of_the_two_orders_comes_out(
    app: Flask,
    there: Scene,
    make: Make,
    turned: bool,  # noqa: FBT001 - a switch of the test
) -> None:
    made = partial(make, there)
    expected = serial(made, turned=turned)
    found = list(interleaved(app, made, turned=turned))
    assert len(found) > 2
    for one in found:
        assert one in expected
    with clock.stopped(NOW):
        judged = run(lambda: judge(app.extensions["bangfu.invariants"]))
    assert [one.code for one in judged if not one.holds] == []


@pytest.mark.parametrize(
    "make", [two_approvers, pytest.param(cancel_and_substitute, marks=pytest.mark.faults)]
)
def test_without_the_lock_on_the_order_something_else_comes_out(
    app: Flask, there: Scene, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    def unlocked(actor: Actor, order_id: OrderId, side: Any) -> PurchaseOrder:
        del actor
        found = db.session.scalar(select(PurchaseOrder).where(PurchaseOrder.id == order_id, side))
        if found is None:
            raise NotFound
        return found

    made = partial(make, there)
    expected = serial(made, turned=False)
    monkeypatch.setattr(finding, "lock_order", unlocked)
    found = list(interleaved(app, made, turned=False))
    assert any(one not in expected for one in found)
