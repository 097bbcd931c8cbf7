"""Other goods than were ordered: by consent, never dearer, held under the gates or not at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from kernel import clock
from kernel.database import db
from kernel.errors import NotFound, Refusal, VersionStale, WrongState
from kernel.money import Fen
from kernel.operations import judge
from marketplace.catalogue.commands.listings import ListingChange, change_listing
from marketplace.deliveries.commands import substituting
from marketplace.deliveries.models.goods import Substitution, SubstitutionStatus
from marketplace.errors.deliveries import OverShipped, SubstituteDearer, SubstituteUnlike
from marketplace.errors.lots import StockShort
from marketplace.orders.models.orders import FulfilmentStatus
from tests.builders import registry
from tests.builders.deliveries import proposed, second_listing
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    confirmed,
    figures,
    lines_of,
    listing,
    lot,
    lots_of,
    order_of,
    placed,
    receive,
    scene,
    ship,
)
from tests.conftest import Client
from tests.constraints import AGAIN, constraints_of, refused_by
from tests.transitions import bystanders, posting, walk

pytestmark = pytest.mark.usefixtures("db_session")
D = Decimal
S = SubstitutionStatus


def decide(
    act: str, found: Substitution, there: Scene, who: str, version: int | None = None
) -> Any:
    """Accept, refuse or withdraw a proposal."""
    return getattr(substituting, f"{act}_substitute")(
        found.id, expected_version=version, by=there.by(who), now=NOW
    )


def refused(act: Callable[[], object]) -> type[Refusal]:
    """Give how an act is refused, its writes taken back."""
    with pytest.raises(Refusal) as refusal, db.session.begin_nested():
        act()
    db.session.expire_all()
    return type(refusal.value)


def holds(app: Flask) -> bool:
    """Say whether every promise holds."""
    db.session.flush()
    with clock.stopped(NOW):
        return all(one.holds for one in judge(app.extensions["bangfu.invariants"]))


def test_accepted_other_goods_are_held_and_what_is_cheaper_is_free(app: Flask) -> None:
    there = scene()
    order_id, other = confirmed(there, "10").order.id, second_listing(there)
    found = proposed(there, order_id, other, "4", PRICE - 500)
    assert figures(there).money == (10 * PRICE, 0)
    decide("accept", found, there, "buyer")
    old, new = lines_of(order_id)
    assert (old.due_quantity, old.amount_fen) == (D(6), 6 * PRICE)
    assert (new.quantity, new.amount_fen, new.listing_id) == (D(4), 4 * (PRICE - 500), other)
    order = order_of(order_id)
    assert order.goods_fen == order.total_fen == 10 * PRICE - 4 * 500
    assert figures(there).money == (10 * PRICE - 4 * 500, 0)
    assert (figures(there).capacity, figures(there).stock) == ((D(10), D(0)), (D(6), D(0)))
    assert [lot.held for lot in lots_of(other)] == [D(4)]
    assert holds(app)
    ship(there, order_id, "6", "4")
    assert order_of(order_id).fulfilment_status is FulfilmentStatus.SHIPPED
    receive(there, order_id, ("6", "0"), ("3", "1"))
    assert order_of(order_id).accepted_fen == 6 * PRICE + 3 * (PRICE - 500)
    assert figures(there).capacity == (D(0), D(9))
    assert holds(app)


def test_a_whole_line_is_replaced_and_the_rest_goes_its_way(app: Flask) -> None:
    there = scene()
    order_id, other = confirmed(there, "10").order.id, second_listing(there)
    ship(there, order_id, "4")
    decide("accept", proposed(there, order_id, other, "6"), there, "buyer")
    assert order_of(order_id).fulfilment_status is FulfilmentStatus.PARTLY_SHIPPED
    assert refused(lambda: ship(there, order_id, "1")) is OverShipped
    ship(there, order_id, final=True)
    assert order_of(order_id).fulfilment_status is FulfilmentStatus.SHIPPED
    assert holds(app)


def test_a_gate_that_refuses_changes_nothing(app: Flask) -> None:
    there = scene()
    order_id, other = confirmed(there, "10").order.id, second_listing(there, "5")
    found = proposed(there, order_id, other, "6")
    before = figures(there)
    assert refused(lambda: decide("accept", found, there, "buyer")) is StockShort
    [line] = lines_of(order_id)
    assert (line.due_quantity, line.amount_fen, figures(there)) == (D(10), 10 * PRICE, before)
    assert db.session.get_one(Substitution, found.id).status is S.PROPOSED
    assert holds(app)


@pytest.mark.parametrize(
    ("quantity", "price", "refusal"),
    [("11", PRICE, OverShipped), ("4", PRICE + 1, SubstituteDearer)],
)
def test_it_is_neither_more_nor_dearer(quantity: str, price: int, refusal: type[Refusal]) -> None:
    there = scene()
    order_id, other = confirmed(there, "10").order.id, second_listing(there)
    assert refused(lambda: proposed(there, order_id, other, quantity, price)) is refusal


@pytest.mark.parametrize(
    ("turned_away", "refusal"),
    [("0.4", None), ("0.7", SubstituteDearer)],
    ids=["rounds alike", "a fen short"],
)
def test_goods_turned_away_leave_no_fen_that_rounding_makes(
    app: Flask, turned_away: str, refusal: type[Refusal] | None
) -> None:
    """At 30.01 yuan a kilogram 9.3 cost 279.09, but 8.7 and 0.6 of them 261.09 and 18.01."""
    there, dearer = scene(step="0.1"), ListingChange(unit_price_fen=Fen(PRICE + 1))
    by = there.by("clerk")
    change_listing(there.listing_id, dearer, expected_version=None, by=by, now=NOW)
    other = listing(there.certificate, by=by, step="0.1")
    lot(other, "10", by=by)
    order_id = confirmed(there, "10").order.id
    early = proposed(there, order_id, other, "0.6", PRICE + 1)
    ship(there, order_id, "1")
    receive(there, order_id, (str(1 - D(turned_away)), turned_away))
    before = figures(there), lines_of(order_id)[0].amount_fen
    if refusal is None:
        decide("accept", early, there, "buyer")
    else:
        assert refused(lambda: decide("accept", early, there, "buyer")) is refusal
        decide("refuse", early, there, "buyer")
        assert refused(lambda: proposed(there, order_id, other, "0.6", PRICE + 1)) is refusal
        assert (figures(there), lines_of(order_id)[0].amount_fen) == before
    assert holds(app)


def test_it_is_another_product_of_the_same_supplier() -> None:
    there, elsewhere = scene(), scene()
    order_id = confirmed(there, "10").order.id
    assert refused(lambda: proposed(there, order_id, there.listing_id)) is SubstituteUnlike
    assert refused(lambda: proposed(there, order_id, elsewhere.listing_id)).__name__ == "Invalid"
    assert refused(lambda: proposed(elsewhere, order_id, elsewhere.listing_id)) is NotFound


def test_only_what_both_sides_agreed_on_and_nobody_paid_is_swapped() -> None:
    there = scene()
    other, waiting = second_listing(there), placed(there, "10").order.id
    assert refused(lambda: proposed(there, waiting, other)) is WrongState
    order_id = confirmed(there, "10").order.id
    found = proposed(there, order_id, other)
    assert refused(lambda: decide("accept", found, there, "buyer", 7)) is VersionStale
    order_of(order_id).paid_fen = Fen(1)
    db.session.flush()
    assert refused(lambda: decide("accept", found, there, "buyer")) is WrongState


@pytest.mark.parametrize("state", S)
def test_a_proposal_moves_only_as_its_table_says(client: Client, state: S) -> None:
    with clock.stopped(NOW):
        there = scene()
        found = proposed(there, confirmed(there, "10").order.id, second_listing(there))
        for act, who in (("accept", "buyer"), ("refuse", "buyer"), ("withdraw", "clerk")):
            if state.value.startswith(act):
                decide(act, found, there, who)
        own = {"buyer": there.buyer, "clerk": there.clerk}
        key = found.id  # what is undone leaves the session

        def state_now() -> str:
            row = db.session.get_one(Substitution, key, populate_existing=True)
            return row.status.value

        walk(
            client,
            "substitution",
            state.value,
            people=bystanders() | {name: registry.token_of(user) for name, user in own.items()},
            acts={
                act: posting(f"/api/v1/substitutions/{key}/{act}")
                for act in ("accept", "refuse", "withdraw")
            },
            state_now=state_now,
            shown_in=("substitution", "order_line", "purchase_order", "lot"),
        )


def test_each_constraint_of_a_proposal_speaks_by_its_own_name() -> None:
    there = scene()
    proposed(there, confirmed(there, "10").order.id, second_listing(there))
    cases = [
        ("UPDATE substitution SET quantity = 0", "ck_substitution_amounts"),
        ("UPDATE substitution SET decided_at = proposed_at", "ck_substitution_decided"),
        ("UPDATE substitution SET new_line_id = order_line_id", "ck_substitution_line"),
        (AGAIN.format("substitution", ""), "uq_substitution_open"),
    ]
    for statement, name in cases:
        assert refused_by(statement) == name, statement
    assert constraints_of(["substitution"]) == {name for _, name in cases}
