"""The promises about goods: they hold after whole purchases, and each planted lie is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import ChangeKind
from kernel import clock
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.operations import judge
from marketplace.orders.commands.deciding import cancel_order
from marketplace.orders.models.orders import OrderId
from registry.organisations.commands.endings import NewEnding, abolish_organisation
from tests.builders import certification, registry
from tests.builders.marketplace import (
    NOW,
    Scene,
    confirmed,
    order_of,
    placed,
    receive,
    scene,
    ship,
)

pytestmark = pytest.mark.usefixtures("db_session")


def broken(app: Flask) -> set[str]:
    db.session.flush()
    with clock.stopped(NOW):
        found = judge(app.extensions["bangfu.invariants"])
    return {one.code for one in found if not one.holds}


def lie(statement: str, order_id: OrderId) -> None:
    """Change what no command changes."""
    db.session.flush()
    assert db.session.execute(text(statement), {"id": order_id}).rowcount >= 1  # type: ignore[attr-defined]


def traded() -> tuple[Scene, OrderId]:
    """Place, ship in part, take in in part."""
    there = scene()
    placed(there, "3")
    order_id = confirmed(there, "10").order.id
    ship(there, order_id, "6")
    receive(there, order_id, ("4", "1"))
    return there, order_id


def test_they_hold_on_the_way_and_at_the_end(app: Flask) -> None:
    there, order_id = traded()
    assert broken(app) == set()
    ship(there, order_id, "2", final=True)
    receive(there, order_id, ("3", "0"))
    off = placed(there, "2").order.id
    cancel_order(off, reason="菜单", expected_version=None, by=there.by("buyer"), now=NOW)
    assert broken(app) == set()


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (("UPDATE purchase_order SET goods_fen = goods_fen + 1, total_fen = total_fen + 1"
         " WHERE id = :id"), {"M2_totals"}),
        (("UPDATE purchase_order SET order_status = 'cancelled', closed_at = placed_at"
         " WHERE id = :id"), {"M3_ended"}),
        ("UPDATE order_line SET shipped_quantity = shipped_quantity + 1 WHERE order_id = :id",
         {"M5_deliveries"}),
        ("UPDATE order_line SET shipped_quantity = quantity WHERE order_id = :id",
         {"M4_open", "M5_deliveries"}),
        (("UPDATE lot SET held = held + 1 WHERE id IN (SELECT lot_id FROM shipment_line s"
         " JOIN order_line l ON l.id = s.order_line_id WHERE l.order_id = :id)"), {"M1_stock"}),
        ("UPDATE purchase_order SET placed_at = placed_at - interval '1 year' WHERE id = :id",
         {"M6_certified"}),
    ],
)  # fmt: skip
def test_each_lie_is_found(app: Flask, statement: str, codes: set[str]) -> None:
    _, order_id = traded()
    lie(statement, order_id)
    assert codes <= broken(app)


@pytest.mark.parametrize("whose", ["cooperative", "unit"])
def test_an_order_from_or_for_whom_had_ended_is_found(app: Flask, whose: str) -> None:
    there, order_id = traded()
    ending = NewEnding(NOW.date(), "编办〔2026〕1号")
    ended = getattr(there, whose).id
    abolish_organisation(ended, ending=ending, expected_version=None, by=SYSTEM, now=NOW)
    assert "M14_living" not in broken(app)
    order_of(order_id).placed_at = NOW + timedelta(hours=1)
    assert "M14_living" in broken(app)


def test_an_order_under_a_revoked_certificate_is_found(app: Flask) -> None:
    there, order_id = traded()
    by = registry.actor_of(certification.reviewer_of("county"))
    change_certificate(there.certificate.id, ChangeKind.REVOKED, reason="抽检", by=by, now=NOW)
    assert "M6_certified" not in broken(app)
    order_of(order_id).placed_at = NOW + timedelta(hours=1)
    assert "M6_certified" in broken(app)
