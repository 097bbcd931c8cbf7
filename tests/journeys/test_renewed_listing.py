"""A certificate is renewed: its listings are sold under the successor from its first day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from certification.applications.commands.applications import submit_application
from certification.certificates.commands.grants import grant_certificate
from certification.certificates.commands.renewals import draft_renewal
from certification.certificates.models.certificates import Certificate
from certification.certificates.tasks import expire_due_certificates
from kernel import clock
from kernel.audit import AuditRow
from kernel.database import db
from kernel.unit_of_work import run
from tests.builders import certification, marketplace, procurement
from tests.builders.certification import LEVELS, Cast
from tests.builders.marketplace import body_of, new_order
from tests.journeys.market import Market, opened
from tests.marketplace.doors import code_of, json_of

YEAR = 2027
MIDNIGHT = datetime(2027, 3, 9, 16, tzinfo=UTC)
"""The 10th of March 2027 begins in Shanghai: the scene's certificate is over."""
SECOND = timedelta(seconds=1)


@pytest.fixture
def market(fresh: Flask) -> Iterator[Market]:
    with opened(fresh) as made:
        run(lambda: procurement.quota(made.scene.unit, year=YEAR))
        yield made


def renew(market: Market, *, granted_at: datetime) -> Certificate:
    """Bring a renewal of the scene's certificate through its review."""
    drafted_at = granted_at - timedelta(days=21)

    def unit() -> Certificate:
        reviewers = {level: certification.reviewer_of(level) for level in LEVELS}
        people = Cast(market.scene.cooperative, market.scene.clerk, reviewers)
        said = certification.contents(people)
        made = draft_renewal(market.scene.certificate.id, said, by=people.by, now=drafted_at)
        submit_application(made.id, by=people.by, now=drafted_at)
        for level in LEVELS:
            certification.review(made.id, people.reviewer(level), now=drafted_at)
        return grant_certificate(made.id, by=people.reviewer("province"), now=granted_at)

    return run(unit)


def in_time(market: Market) -> Certificate:
    return renew(market, granted_at=MIDNIGHT - timedelta(days=20))


def order(market: Market) -> Any:
    return market.buyer.post("/orders", body_of(new_order(market.scene, "10", year=YEAR)))


def certificate_of(answer: dict[str, Any]) -> str:
    (line,) = answer["lines"]
    return str(line["certificate_number"])


def held(market: Market, number: str) -> tuple[str, str]:
    (year,) = json_of(market.public.get(f"/certificates/{number}/capacities"))["items"]
    return year["held"], year["sold"]


def shown(market: Market) -> tuple[str, str, str | None]:
    """Read the listing as its own clerk does."""
    found = json_of(market.clerk.get(f"/listings/{market.scene.listing_id}"))
    return found["certificate_number"], found["status"], found["blocked_for"]


def on_the_market(market: Market) -> list[str]:
    return [one["certificate_number"] for one in json_of(market.public.get("/listings"))["items"]]


def told(market: Market) -> list[str]:
    """List what the audit says of the listing since it was put on sale."""
    market.hear_news()
    rows = select(AuditRow.action).where(AuditRow.subject_id == str(market.scene.listing_id))
    return list(run(lambda: db.session.scalars(rows.order_by(AuditRow.position)).all()))[2:]


def midnight_passes(market: Market) -> None:
    """Let the timer end what is over, and the news of it be heard."""
    expire_due_certificates()
    market.hear_news()


def test_at_midnight_orders_go_under_the_successor_and_nobody_types_anything(
    market: Market,
) -> None:
    old, new = market.scene.certificate.number, in_time(market).number
    with clock.stopped(MIDNIGHT - SECOND):
        assert told(market) == []
        before = json_of(order(market), 201)
        assert certificate_of(before) == old
        assert shown(market) == (old, "listed", None)
        assert on_the_market(market) == [old]
        assert (held(market, old), held(market, new)) == (("10.000", "0.000"), ("0.000", "0.000"))
    with clock.stopped(MIDNIGHT):
        after = json_of(order(market), 201)
        assert certificate_of(after) == new
        assert shown(market) == (new, "listed", None)
        assert on_the_market(market) == [new]
        assert (held(market, old), held(market, new)) == (("10.000", "0.000"), ("10.000", "0.000"))
        assert told(market) == []
        for _ in range(2):
            midnight_passes(market)
            assert told(market) == ["listing_renewed"]
        assert shown(market) == (new, "listed", None)
        assert on_the_market(market) == [new]
        assert certificate_of(json_of(order(market), 201)) == new
        again = json_of(market.buyer.get(f"/orders/{before['id']}"))
        assert certificate_of(again) == old
        assert market.broken_promises() == []


def test_what_was_ordered_before_is_counted_where_it_was_ordered(market: Market) -> None:
    old, new = market.scene.certificate.number, in_time(market).number
    with clock.stopped(MIDNIGHT - SECOND):
        made = json_of(order(market), 201)
        json_of(market.clerk.post(f"/orders/{made['id']}/confirm"))
    with clock.stopped(MIDNIGHT):
        midnight_passes(market)
        run(lambda: marketplace.ship(market.scene, made["id"], "10", final=True))
        run(lambda: marketplace.receive(market.scene, made["id"], ("10", "0")))
        assert (held(market, old), held(market, new)) == (("0.000", "10.000"), ("0.000", "0.000"))
        market.hear_news()
        assert market.broken_promises() == []


def test_a_listing_that_waited_for_a_late_renewal_comes_back_with_it(market: Market) -> None:
    old = market.scene.certificate.number
    with clock.stopped(MIDNIGHT):
        midnight_passes(market)
        assert shown(market) == (old, "blocked", "certificate")
        assert code_of(order(market)) == (409, "certificate_not_in_force")
    granted_at = MIDNIGHT + timedelta(days=30)
    new = renew(market, granted_at=granted_at)
    with clock.stopped(granted_at):
        market.hear_news()
        assert shown(market) == (new.number, "listed", None)
        assert told(market) == ["listing_blocked", "listing_renewed", "listing_listed"]
        assert certificate_of(json_of(order(market), 201)) == new.number
        assert market.broken_promises() == []


def test_a_successor_that_was_stopped_sells_nothing_until_it_is_reinstated(market: Market) -> None:
    new = in_time(market)
    market.stop("suspend")
    with clock.stopped(MIDNIGHT):
        midnight_passes(market)
        assert shown(market) == (new.number, "blocked", "certificate")
        answer = order(market)
        assert code_of(answer) == (409, "certificate_not_in_force")
        assert answer.json["figures"]["number"] == new.number
        assert on_the_market(market) == []
        lifted = market.county.post(f"/certificates/{new.id}/reinstate", {"reason": "复核"})
        json_of(lifted)
        market.hear_news()
        assert shown(market) == (new.number, "listed", None)
    with clock.stopped(MIDNIGHT + timedelta(minutes=2)):
        assert certificate_of(json_of(order(market), 201)) == new.number
        assert market.broken_promises() == []


def test_a_listing_that_was_taken_down_is_published_under_the_successor(market: Market) -> None:
    new = in_time(market)
    path = f"/listings/{market.scene.listing_id}"
    json_of(market.clerk.post(f"{path}/delist"))
    with clock.stopped(MIDNIGHT):
        assert shown(market) == (new.number, "delisted", None)
        json_of(market.clerk.post(f"{path}/publish"))
        assert certificate_of(json_of(order(market), 201)) == new.number
        midnight_passes(market)
        assert shown(market) == (new.number, "listed", None)


def test_what_is_warned_or_renewed_is_sold_and_the_promises_hold(market: Market) -> None:
    json_of(market.county.post(f"{market.certificate}/warn", {"reason": "提醒"}))
    in_time(market)
    with clock.stopped(MIDNIGHT - SECOND):
        json_of(order(market), 201)
        market.hear_news()
        assert market.broken_promises() == []
