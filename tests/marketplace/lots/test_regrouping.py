"""Lots split and merged, lost and found, paid for: nothing is lost or made on the way."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.errors import Invalid, NotFound, Refusal
from kernel.quantity import Unit
from kernel.unit_of_work import run
from marketplace.attribution.commands.posting import post_attribution
from marketplace.attribution.queries.promises import PROMISES
from marketplace.attribution.queries.stories import get_story
from marketplace.errors.lots import StockShort
from marketplace.lots.commands.adjusting import NewAdjustment, adjust_lot, correct_adjustment
from marketplace.lots.commands.paying import (
    NewContributionPayment,
    pay_contributions,
    reverse_payment,
)
from marketplace.lots.commands.regrouping import merge_lots, split_lot
from marketplace.lots.commands.stock import STOCK_GATE
from marketplace.lots.models import AdjustmentKind, Lot, LotAdjustment, LotId
from marketplace.lots.queries import LotView, get_lot_view, list_held_contributions
from marketplace.lots.rules import carry
from marketplace.orders.models.orders import PayMode
from tests.builders import registry
from tests.builders.settlement import (
    NOW,
    TODAY,
    Market,
    market,
    ordered,
    paid,
    received,
    shipped,
)
from tests.promises import broken
from tests.racing import race

GRAINS = st.integers(0, 10**6)


@pytest.fixture
def there(db_session: Session) -> Market:
    del db_session
    return market()


def lot_of(lot_id: LotId) -> Lot:
    return db.session.get_one(Lot, lot_id, populate_existing=True)


def split_off(there: Market, quantity: str, lot: int = 0) -> LotView:
    by = there.by("clerk")
    return split_lot(there.lots[lot], quantity=Decimal(quantity), reason="分批", by=by, now=NOW)


def held(there: Market, *lot_ids: LotId) -> dict[str, Decimal]:
    """Add up what lots hold of each household, by code."""
    codes = {household.id: household.code for household in there.households}
    found: dict[str, Decimal] = {}
    for one, left in list_held_contributions(there.by("clerk"), lot_ids):
        code = codes[one.household_id]
        found[code] = found.get(code, Decimal(0)) + left
    return found


def lose(
    there: Market, quantity: str, kind: AdjustmentKind = AdjustmentKind.SPOILED
) -> LotAdjustment:
    new = NewAdjustment(kind, Decimal(quantity), "霉变")
    return adjust_lot(there.lots[0], new, by=there.by("clerk"), now=NOW)


def consistent() -> bool:
    differences = db.session.execute(STOCK_GATE.differences()).all()
    return not differences and broken(PROMISES) == []


@given(GRAINS, st.lists(GRAINS, max_size=6), st.integers(1, 10**7))
def test_what_is_carried_adds_up_and_is_never_more_than_there_is(
    own: int, contributed: list[int], quantity: int
) -> None:
    whole = own + sum(contributed)
    parts_of = [Decimal(one).scaleb(-3) for one in contributed]
    take = partial(carry, own=Decimal(own).scaleb(-3), contributed=parts_of, unit=Unit.KG)
    if quantity > whole:
        with pytest.raises(Invalid):
            take(Decimal(quantity).scaleb(-3))
        return
    own_part, parts = take(Decimal(quantity).scaleb(-3))
    assert own_part + sum(parts) == Decimal(quantity).scaleb(-3)
    assert all(0 <= part <= one for part, one in zip(parts, parts_of, strict=True))
    assert 0 <= own_part * 1000 <= own


def test_counted_goods_are_carried_whole() -> None:
    own, parts = carry(
        Decimal(2), own=Decimal(3), contributed=[Decimal(3), Decimal(3)], unit=Unit.BOX
    )
    assert (own, parts) == (Decimal(0), [Decimal(1), Decimal(1)])
    with pytest.raises(Invalid):
        carry(Decimal("1.5"), own=Decimal(3), contributed=[], unit=Unit.BOX)


def test_a_split_carries_every_household_and_keeps_the_sum(there: Market) -> None:
    before = held(there, *there.lots)
    made = split_off(there, "20")
    shown = {one.household_code: (one.quantity, one.farm_price_fen) for one in made.contributions}
    first, second, _ = there.households
    assert shown == {first.code: (Decimal("7.500"), 1_800), second.code: (Decimal(10), 1_800)}
    assert (made.lot.total, made.lot.own_quantity) == (Decimal(20), Decimal("2.500"))
    rest = lot_of(there.lots[0])
    assert (rest.total, rest.held, rest.shipped) == (Decimal(80), Decimal(0), Decimal(20))
    assert held(there, *there.lots, made.lot.id) == before
    assert consistent()


def test_lots_split_in_thirds_merge_to_what_they_were(there: Market) -> None:
    before = held(there, there.lots[0])
    parts = [split_off(there, "26.667"), split_off(there, "26.667"), split_off(there, "26.666")]
    ids = [one.lot.id for one in parts]
    merged = merge_lots(ids, reason="归并", by=there.by("clerk"), now=NOW)
    assert (merged.lot.total, merged.lot.own_quantity) == (Decimal(80), Decimal(10))
    assert {one.household_code: one.quantity for one in merged.contributions} == before
    assert len(merged.contributions) == 2
    assert held(there, there.lots[0], *ids) == dict.fromkeys(before, Decimal(0))
    assert consistent()


def test_a_household_keeps_both_its_prices_in_a_merged_lot(there: Market) -> None:
    merged = merge_lots(there.lots, reason="归并", by=there.by("clerk"), now=NOW)
    first = there.households[0]
    mine = {one.farm_price_fen for one in merged.contributions if one.household_code == first.code}
    assert mine == {1_800, 2_000}
    assert merged.lot.total == Decimal(120)
    assert consistent()


def test_only_what_is_free_leaves_a_lot(there: Market) -> None:
    ordered(there, "75")
    with pytest.raises(StockShort), db.session.begin_nested():
        split_off(there, "6")
    assert split_off(there, "5").lot.total == 5
    with pytest.raises(Invalid):
        merge_lots(there.lots, reason="归并", by=there.by("clerk"), now=NOW)
    with pytest.raises(NotFound):
        split_lot(market().lots[0], quantity=Decimal(1), reason="分", by=there.by("clerk"), now=NOW)
    assert consistent()


def test_what_is_sold_from_regrouped_lots_is_split_as_before(there: Market) -> None:
    made = split_off(there, "20")
    order_id = ordered(there, "80", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (60, there.lots[0]), (20, made.lot.id))
    received(there, order_id, "80")
    paid(there, order_id, 240_000)
    post_attribution(order_id, now=NOW)
    story = get_story(there.by("clerk"), made.lot.id)
    (delivered,) = story.deliveries
    assert (delivered.accepted, delivered.attributed_fen) == (Decimal(20), 54_000 + 72_000)
    assert {one.recorded_with for one in story.contributions} == {lot_of(there.lots[0]).number}
    assert [one.quantity for one in story.carried] == [Decimal(20)]
    assert consistent()


def test_a_story_is_told_to_its_sides_and_to_nobody_else(there: Market) -> None:
    order_id = ordered(there, "10", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (10, there.lots[0]))
    lose(there, "3")
    for who in ("clerk", "buyer"):
        story = get_story(there.by(who), there.lots[0])
        assert [one.household_code for one in story.contributions] == sorted(
            one.code for one in there.households[:2]
        )
        assert [one.order_id for one in story.deliveries] == [order_id]
        assert [one.quantity for one in story.adjustments] == [Decimal(3)]
        assert [(one.kind.value, one.source) for one in story.entries] == [
            ("hold", "order_line"), ("post", "order_line"),
            ("hold", "lot_adjustment"), ("post", "lot_adjustment"),
        ]  # fmt: skip
        assert there.households[0].head_name not in str(story)
    with pytest.raises(NotFound):
        get_story(market().by("buyer"), there.lots[0])
    with pytest.raises(NotFound):
        get_story(there.by("buyer"), there.lots[1])


def test_a_loss_is_never_below_what_is_promised_and_is_taken_back_once(there: Market) -> None:
    ordered(there, "75")
    with pytest.raises(StockShort) as refused, db.session.begin_nested():
        lose(there, "6")
    assert refused.value.figures["available"] == 5
    lost = lose(there, "5")
    assert lot_of(there.lots[0]).shipped == 5
    correct_adjustment(lost.id, reason="误记", by=there.by("clerk"), now=NOW)
    assert lot_of(there.lots[0]).shipped == 0
    assert consistent()
    with pytest.raises(Exception, match="reverses_id"), db.session.begin_nested():
        correct_adjustment(lost.id, reason="误记", by=there.by("clerk"), now=NOW)


def test_what_is_found_is_the_cooperatives_own(there: Market) -> None:
    found = lose(there, "2.5", AdjustmentKind.FOUND)
    lot = lot_of(there.lots[0])
    assert (lot.total, lot.own_quantity) == (Decimal("82.500"), Decimal("12.500"))
    with pytest.raises(Invalid):
        correct_adjustment(found.id, reason="误记", by=there.by("clerk"), now=NOW)
    assert consistent()


def test_contributions_are_marked_as_paid_once_and_back(there: Market) -> None:
    by = there.by("clerk")
    paper = registry.document(there.cooperative, there.clerk, "payout_proof")
    new = NewContributionPayment(TODAY, paper.id)
    told = pay_contributions(there.lots[0], new, by=by, now=NOW)
    assert {one.paid_on for one in told.contributions} == {TODAY}
    first = told.contributions[0]
    again = NewContributionPayment(TODAY, paper.id, [first.id])
    with pytest.raises(Refusal, match="contribution_paid"):
        pay_contributions(there.lots[0], again, by=by, now=NOW)
    back = reverse_payment(there.lots[0], contribution_id=first.id, reason="退回", by=by, now=NOW)
    assert back.contributions[0].paid_on is None
    assert pay_contributions(there.lots[0], again, by=by, now=NOW).contributions[0].paid_on == TODAY
    carried = split_off(there, "8").lot.id
    assert {one.paid_on for one in get_lot_view(by, carried).contributions} == {TODAY}


def test_two_losses_at_once_never_take_more_than_is_free(fresh: Flask) -> None:
    with fresh.app_context():
        there = run(market)
        told = race(fresh, [partial(lose, there, "50")] * 2)
        assert run(lambda: lot_of(there.lots[0]).shipped) == 50
        assert run(consistent)
    assert sorted(told) == ["done", "stock_short"]
