"""A certificate stops: the very next order is refused, accepted ones go on, the listing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import Certificate
from certification.certificates.tasks import expire_due_certificates
from kernel import clock
from kernel.database import db
from kernel.operations import judge
from kernel.relay import run_due_deliveries
from kernel.unit_of_work import run
from marketplace.orders.commands.deciding import confirm_order
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene, body_of, new_order
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of

LAST_DAY = date(2026, 6, 2)
"""The day after NOW, as whose beginning the certificate of the last journey is over."""


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
        found = judge(self.app.extensions["bangfu.invariants"])
        return [one.code for one in found if not one.holds]


@pytest.fixture
def market(fresh: Flask) -> Iterator[Market]:
    with fresh.app_context(), clock.stopped(NOW):
        scene = run(marketplace.scene)
        county = run(lambda: certification.reviewer_of("county"))
        client = Client(fresh)
        doors = (Door(client), *(Door(client, one) for one in (scene.buyer, scene.clerk, county)))
        yield Market(fresh, scene, *doors)


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


def check_refused(market: Market, status: str) -> None:
    """See the very next order refused, before any news was heard, with the state as reason."""
    answer = market.order()
    assert code_of(answer) == (409, "certificate_not_in_force")
    assert answer.json["figures"]["status"] == status
    seen = json_of(market.public.get(f"/certificates/{market.scene.certificate.number}"))
    assert seen["status"] == status


def test_a_revocation_stops_the_next_order_and_no_accepted_one(market: Market) -> None:
    listing = str(market.scene.listing_id)
    order_id = accepted(market)
    assert market.found() == [listing]
    market.stop("revoke")
    check_refused(market, "revoked")
    market.hear_news()
    assert market.found() == []
    check_refused(market, "revoked")
    assert market.state_of(order_id) == ("confirmed", "unshipped")
    delivered(market, order_id)
    assert market.state_of(order_id)[1] == "accepted"
    reinstated = market.county.post(f"{market.certificate}/reinstate", {"reason": "误"})
    assert code_of(reinstated) == (409, "wrong_state")
    assert market.broken_promises() == []


def test_a_suspension_stops_orders_until_it_is_lifted(market: Market) -> None:
    listing = str(market.scene.listing_id)
    order_id = accepted(market)
    market.stop("suspend")
    check_refused(market, "suspended")
    market.hear_news()
    assert market.found() == []
    assert market.state_of(order_id) == ("confirmed", "unshipped")
    delivered(market, order_id)
    assert market.state_of(order_id)[1] == "accepted"
    market.stop("reinstate")
    market.hear_news()
    assert market.found() == [listing]
    json_of(market.order(), 201)
    assert market.broken_promises() == []


def test_the_clock_stops_orders_before_any_timer_runs(market: Market) -> None:
    order_id = accepted(market)
    run(lambda: shorten(market.scene.certificate))
    over = datetime(2026, 6, 1, 16, tzinfo=NOW.tzinfo)
    with clock.stopped(over - timedelta(seconds=1)):
        json_of(market.order(), 201)
    with clock.stopped(over):
        check_refused(market, "expired")
        expire_due_certificates()
        market.hear_news()
        check_refused(market, "expired")
        assert market.found() == []
        assert market.state_of(order_id) == ("confirmed", "unshipped")
        delivered(market, order_id)
        market.hear_news()
        assert market.state_of(order_id)[1] == "accepted"
        assert market.broken_promises() == []


def shorten(certificate: Certificate) -> None:
    """Let a certificate end on the next day."""
    one = update(Certificate).where(Certificate.id == certificate.id)
    db.session.execute(one.values(valid_until_on=LAST_DAY))
    year = update(Capacity).where(Capacity.certificate_id == certificate.id)
    db.session.execute(year.values(until_on=LAST_DAY))
