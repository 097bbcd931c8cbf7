"""Two who rate at once: each line once, and no mark is lost from the sums."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from kernel.actor import Actor
from kernel.database import db
from kernel.unit_of_work import run, unit_of_work
from marketplace.catalogue.commands import ratings
from marketplace.catalogue.commands.ratings import Marks
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.models.ratings import ListingRating
from marketplace.deliveries.commands.rating import LineMarks, rate_line
from marketplace.orders.models.orders import OrderId, OrderLineId
from tests.builders import marketplace
from tests.builders.marketplace import NOW, confirmed, lines_of, receive, ship
from tests.racing import race, rival

Line = tuple[OrderId, OrderLineId]


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def taken_in(orders: int) -> tuple[ListingId, Actor, list[Line]]:
    """Take in so many orders of one listing, of a line each."""

    def unit() -> tuple[ListingId, Actor, list[Line]]:
        there = marketplace.scene()
        lines = []
        for _ in range(orders):
            order_id = confirmed(there, "1").order.id
            ship(there, order_id, "1")
            receive(there, order_id, ("1", "0"))
            lines.append((order_id, lines_of(order_id)[0].id))
        return there.listing_id, there.by("buyer"), lines

    return run(unit)


def rate(line: Line, *, by: Actor, goods: int = 4) -> None:
    rate_line(LineMarks(line[1], Marks(goods, 5)), order_id=line[0], by=by, now=NOW)


def sums(listing_id: ListingId) -> tuple[int, int]:
    with unit_of_work():
        row = db.session.get_one(Listing, listing_id, populate_existing=True)
        return row.rating_count, row.goods_sum


def test_one_line_is_rated_once_however_often_at_once(app: Flask) -> None:
    listing_id, by, [line] = taken_in(1)
    told = race(app, [partial(rate, line, by=by)] * 6)
    assert sorted(told) == ["done"] + ["uq_listing_rating_source"] * 5
    assert sums(listing_id) == (1, 4)


def test_marks_of_two_orders_at_once_are_both_counted(app: Flask) -> None:
    listing_id, by, [one, other] = taken_in(2)
    first, second = partial(rate, one, by=by), partial(rate, other, by=by, goods=1)
    assert rival(app, first, second) == "done"
    assert sums(listing_id) == (2, 5)


def test_control_sums_that_are_read_and_written_lose_a_mark(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the sums read before they are written, the second of two forgets the first."""
    listing_id, by, [one, other] = taken_in(2)
    written = ratings._written  # noqa: SLF001 - what is taken away

    def read_then_write(rating: ListingRating, action: str, **said: Any) -> ListingRating:
        before = db.session.execute(
            select(Listing.goods_sum, Listing.rating_count).where(Listing.id == listing_id)
        ).one()
        written(rating, action, **{**said, "counted": 0, "before": (rating.goods, rating.service)})
        values = {
            "goods_sum": before[0] + rating.goods,
            "service_sum": 5 * (before[1] + 1),
            "rating_count": before[1] + 1,
        }
        db.session.execute(update(Listing).where(Listing.id == listing_id).values(**values))
        return rating

    monkeypatch.setattr(ratings, "_written", read_then_write)
    first, second = partial(rate, one, by=by), partial(rate, other, by=by, goods=1)
    assert rival(app, first, second) == "done"
    assert sums(listing_id)[0] == 1
