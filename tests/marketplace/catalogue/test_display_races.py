"""Two slots of one page given at once: each has a seat of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.unit_of_work import run, unit_of_work
from marketplace.catalogue.commands.displays import SlotDecision, decide_slot
from marketplace.catalogue.models.displays import DisplaySlot, SlotId
from marketplace.catalogue.queries import displays as queries
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW
from tests.builders.places import slot
from tests.racing import rival

GIVE = SlotDecision(give=True, opinion="应季，同意")
PAGE = "440203"


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def asked() -> tuple[Actor, list[SlotId]]:
    """Ask twice for a slot on one page; gives who decides, and both."""

    def unit() -> tuple[Actor, list[SlotId]]:
        there = marketplace.scene(stock="0")
        by = there.by("clerk")
        second = marketplace.listing(there.certificate, by=by)
        both = [slot(by, one, place=PAGE).id for one in (there.listing_id, second)]
        return registry.actor_of(certification.reviewer_of("county")), both

    return run(unit)


def give_both(app: Flask) -> tuple[str, list[int | None]]:
    """Give one while the other is not committed; tell what became of it, and the seats."""
    by, both = asked()
    acts = [partial(decide_slot, one, GIVE, expected_version=None, by=by, now=NOW) for one in both]
    told = rival(app, *acts)
    with unit_of_work():
        return told, list(db.session.scalars(select(DisplaySlot.seat).order_by(DisplaySlot.seat)))


def test_who_gives_a_seat_of_a_page_does_so_alone(app: Flask) -> None:
    assert give_both(app) == ("done", [1, 2])


def test_control_without_the_lock_both_take_one_seat_and_the_database_refuses(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "lock_page", lambda *_: None)
    assert give_both(app) == ("ex_display_slot_seat", [1, None])
