"""An order against the end of its seller or its unit: never both, whatever the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.unit_of_work import run
from marketplace.orders.commands.placing import place_order
from registry.organisations.commands.endings import (
    NewEnding,
    abolish_organisation,
    merge_organisation,
)
from registry.organisations.models import OrganisationId, OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import NOW, TODAY, Scene, figures, held, new_order, scene
from tests.racing import Act, interleave

LONGEST = 40
"""More statements than any of the acts has."""
KEPT = " FOR KEY SHARE OF "
ENDED = text("SELECT count(*) FROM organisation WHERE id IN (:seller, :unit) AND ended_on <= :day")


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def seller(there: Scene) -> OrganisationId:
    return there.cooperative.id


def unit(there: Scene) -> OrganisationId:
    return there.unit.id


def merge(ending_id: OrganisationId, successor_id: OrganisationId) -> Act:
    into = NewEnding(TODAY, "编办〔2026〕1号", successor_id)
    return partial(
        merge_organisation, ending_id, into=into, expected_version=None, by=SYSTEM, now=NOW
    )


def abolish(ending_id: OrganisationId, _: OrganisationId) -> Act:
    ending = NewEnding(TODAY, "编办〔2026〕1号")
    return partial(
        abolish_organisation, ending_id, ending=ending, expected_version=None, by=SYSTEM, now=NOW
    )


class Slips:
    """Orders that were placed although the seller or the unit had ended before they came to be."""

    def __init__(self) -> None:
        self.count = 0

    def place(self, there: Scene) -> Act:
        """Place an order, and look with other eyes, before its commit, at who has ended."""
        by = run(lambda: there.by("buyer"))

        def act() -> None:
            place_order(new_order(there, "2"), by=by, now=NOW)
            named = {"seller": there.cooperative.id, "unit": there.unit.id, "day": TODAY}
            with db.engine.connect() as elsewhere:
                self.count += elsewhere.execute(ENDED, named).scalar_one()

        return act


def meet(
    app: Flask, slips: Slips, *, whose: Callable[[Scene], OrganisationId], how: Any, turned: bool
) -> list[tuple[tuple[str, str], Any]]:
    """Inject one act before each statement of the other; give outcomes (order, end) and holds."""
    found: list[tuple[tuple[str, str], Any]] = []
    for at in range(LONGEST):
        there = run(scene)
        kind = OrganisationKind.BUDGET_UNIT if whose is unit else OrganisationKind.COOPERATIVE
        heir = run(partial(registry.organisation, kind))
        acts = [slips.place(there), how(whose(there), heir.id)]
        came = interleave(app, *(reversed(acts) if turned else acts), at=at)
        if came is None:
            return found
        order, ending = reversed(came) if turned else came
        found.append(((order, ending), run(partial(figures, there))))
    raise AssertionError("an act has more statements than were tried")


@pytest.mark.parametrize("turned", [False, True], ids=["order-stopped", "ending-stopped"])
@pytest.mark.parametrize("how", [merge, abolish])
@pytest.mark.parametrize(("whose", "refusal"), [(seller, "supplier_ended"), (unit, "unit_ended")])
def test_no_order_is_placed_once_its_seller_or_unit_has_ended(
    app: Flask,
    whose: Callable[[Scene], OrganisationId],
    refusal: str,
    how: Any,
    turned: bool,  # noqa: FBT001 - a switch of the test
) -> None:
    slips = Slips()
    found = meet(app, slips, whose=whose, how=how, turned=turned)
    assert slips.count == 0
    outcomes = {outcome for outcome, _ in found}
    assert outcomes == {("done", "done"), (refusal, "done")}
    for (order, _), holds in found:
        assert holds == (held(6_000, "2", "2") if order == "done" else held())


@contextmanager
def unlocked() -> Iterator[None]:
    """Take away the lock with which an order keeps its seller and its unit: the control."""

    def strip(*told: Any) -> tuple[str, Any]:
        statement, parameters = told[2], told[3]
        for name in ("seller", "organisation"):
            statement = statement.replace(KEPT + name, "")
        return statement, parameters

    event.listen(db.engine, "before_cursor_execute", strip, retval=True)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", strip)


@pytest.mark.parametrize("whose", [seller, unit])
def test_without_the_lock_an_order_slips_through(
    app: Flask, whose: Callable[[Scene], OrganisationId]
) -> None:
    slips = Slips()
    with unlocked():
        meet(app, slips, whose=whose, how=merge, turned=False)
    assert slips.count > 0
