"""A school, a cooperative and a reviewer who meet in the market, through their doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask

from kernel import clock
from kernel.database import db
from kernel.relay import run_due_deliveries
from kernel.unit_of_work import run
from marketplace.orders.commands.deciding import confirm_order
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene, body_of, new_order
from tests.conftest import Client
from tests.marketplace.doors import Door, json_of
from tests.promises import broken


@dataclass(frozen=True)
class Market:
    """A school, a cooperative and a reviewer, each at their own door."""

    app: Flask
    scene: Scene
    public: Door
    buyer: Door
    clerk: Door
    county: Door

    @property
    def certificate(self) -> str:
        """The certificate's path."""
        return f"/certificates/{self.scene.certificate.id}"

    def order(self) -> Any:
        """Order ten kilograms."""
        return self.buyer.post("/orders", body_of(new_order(self.scene, "10")))

    def found(self) -> list[str]:
        """Search the market as anyone does."""
        return [row["id"] for row in json_of(self.public.get("/listings"))["items"]]

    def stop(self, what: str) -> None:
        """Let the county's reviewer change the certificate."""
        json_of(self.county.post(f"{self.certificate}/{what}", {"reason": "抽检"}))

    def hear_news(self) -> None:
        """Let every handler that has news take it in."""
        run_due_deliveries()
        db.session.remove()

    def state_of(self, order_id: str) -> tuple[str, str]:
        """Read an order as its buyer sees it."""
        seen = json_of(self.buyer.get(f"/orders/{order_id}"))
        return seen["order_status"], seen["fulfilment_status"]

    def broken_promises(self) -> list[str]:
        """Name the invariants that do not hold."""
        return broken(self.app.extensions["bangfu.invariants"])


@contextmanager
def opened(app: Flask) -> Iterator[Market]:
    """Open a market at NOW in a database of its own."""
    with app.app_context(), clock.stopped(NOW):
        scene = run(marketplace.scene)
        county = run(lambda: certification.reviewer_of("county"))
        client = Client(app)
        doors = (Door(client), *(Door(client, one) for one in (scene.buyer, scene.clerk, county)))
        yield Market(app, scene, *doors)


def accepted(market: Market) -> str:
    """Place an order that the cooperative takes on."""
    order_id = json_of(market.order(), 201)["id"]
    run(
        lambda: confirm_order(
            order_id, expected_version=None, by=registry.actor_of(market.scene.clerk), now=NOW
        )
    )
    return str(order_id)


def delivered(market: Market, order_id: Any) -> None:
    """Ship and take in what was accepted."""
    run(lambda: marketplace.ship(market.scene, order_id, "10", final=True))
    run(lambda: marketplace.receive(market.scene, order_id, ("10", "0")))
