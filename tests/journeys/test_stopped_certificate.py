"""A certificate stops: the very next order is refused, accepted ones go on, the listing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import Certificate
from certification.certificates.tasks import expire_due_certificates
from kernel import clock
from kernel.database import db
from kernel.unit_of_work import run
from marketplace.catalogue.tasks import block_lapsed_papers
from tests.builders.marketplace import NOW
from tests.builders.marks import holder_of, rest_on
from tests.builders.registry import document
from tests.journeys.market import Market, accepted, delivered, opened
from tests.marketplace.doors import code_of, json_of

LAST_DAY = date(2026, 6, 2)
"""The day after NOW, as whose beginning the certificate of the last journey is over."""


@pytest.fixture
def market(fresh: Flask) -> Iterator[Market]:
    with opened(fresh) as made:
        yield made


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


def test_a_lapsed_paper_stops_orders_from_its_first_second_until_another_is_there(
    market: Market,
) -> None:
    listing = str(market.scene.listing_id)
    run(lambda: rest_on(market.scene.certificate, business_licence=None, test_report=LAST_DAY))
    order_id = accepted(market)
    over = datetime(2026, 6, 1, 16, tzinfo=NOW.tzinfo)
    with clock.stopped(over - timedelta(seconds=1)):
        json_of(market.order(), 201)
        assert market.found() == [listing]
    with clock.stopped(over):
        assert code_of(market.order()) == (409, "certificate_papers_lapsed")
        assert market.found() == []
        block_lapsed_papers()
        db.session.remove()
        blocked = json_of(market.clerk.get(f"/listings/{listing}"))
        assert (blocked["status"], blocked["blocked_for"]) == ("blocked", "papers")
        assert code_of(market.order()) == (409, "certificate_papers_lapsed")
        published = market.clerk.post(f"/listings/{listing}/publish")
        assert code_of(published) == (409, "certificate_papers_lapsed")
        delivered(market, order_id)
        assert market.state_of(order_id)[1] == "accepted"
        paper = run(lambda: new_report(market.scene.certificate))
        json_of(market.clerk.post(f"{market.certificate}/papers", {"document_id": paper}))
        market.hear_news()
        assert market.found() == [listing]
        json_of(market.order(), 201)
        assert market.broken_promises() == []


def new_report(certificate: Certificate) -> str:
    """Hand in a test report for another year."""
    return str(document(*holder_of(certificate), "test_report", date(2027, 6, 2)).id)


def shorten(certificate: Certificate) -> None:
    """Let a certificate end on the next day."""
    one = update(Certificate).where(Certificate.id == certificate.id)
    db.session.execute(one.values(valid_until_on=LAST_DAY))
    year = update(Capacity).where(Capacity.certificate_id == certificate.id)
    db.session.execute(year.values(until_on=LAST_DAY))
