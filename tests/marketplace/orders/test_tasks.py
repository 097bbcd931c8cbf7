"""The timer of unpaid orders: each lapses in a transaction of its own, once."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from kernel import clock
from kernel.unit_of_work import run
from marketplace.orders.models.orders import OrderId, OrderStatus, PayMode
from marketplace.orders.tasks import expire_orders
from tests.builders.marketplace import NOW, Scene, figures, held, order_of, placed, scene


def test_every_order_that_is_due_lapses_once(fresh: Flask) -> None:
    def set_up() -> tuple[Scene, list[OrderId]]:
        there = scene()
        mode = PayMode.PAY_FIRST
        return there, [placed(there, "2", pay_mode=mode).order.id for _ in range(3)]

    with fresh.app_context():
        there, orders = run(set_up)
        with clock.stopped(NOW + timedelta(days=29)):
            assert expire_orders.run() == 0
        with clock.stopped(NOW + timedelta(days=30)):
            assert (expire_orders.run(), expire_orders.run()) == (3, 0)
        states = run(lambda: {order_of(one).order_status for one in orders})
        assert states == {OrderStatus.EXPIRED}
        assert run(lambda: figures(there)) == held()
