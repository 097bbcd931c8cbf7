"""What a listing may say, and which way it may go."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import Invalid, UnitMismatch, WrongState
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingStatus
from marketplace.catalogue.rules.listings import (
    TRANSITIONS,
    Tier,
    check_measure,
    check_move,
    check_tiers,
)

S = ListingStatus
DRAWN = {
    (S.DRAFT, S.LISTED),
    (S.LISTED, S.DELISTED),
    (S.LISTED, S.BLOCKED),
    (S.DELISTED, S.LISTED),
    (S.BLOCKED, S.LISTED),
    (S.BLOCKED, S.DELISTED),
}


def tier(quantity: str, price: int) -> Tier:
    return Tier(Decimal(quantity), Fen(price))


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("to", S)
def test_only_the_drawn_ways_are_open(status: S, to: S) -> None:
    if (status, to) in DRAWN:
        check_move(status, to)
        return
    with pytest.raises(WrongState) as refused:
        check_move(status, to)
    assert refused.value.figures == {"state": status, "wanted": to}


def test_every_state_has_its_ways() -> None:
    assert set(TRANSITIONS) == set(S)


def test_a_step_of_jin_measures_a_certificate_of_kilograms() -> None:
    check_measure(Decimal("0.5"), unit=Unit.JIN, certificate_unit=Unit.KG)


def test_a_step_finer_than_the_certificate_can_count_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        check_measure(Decimal("0.001"), unit=Unit.JIN, certificate_unit=Unit.KG)
    assert refused.value.pointer == "/step"


def test_half_a_box_is_no_step() -> None:
    with pytest.raises(Invalid) as refused:
        check_measure(Decimal("0.5"), unit=Unit.BOX, certificate_unit=Unit.BOX)
    assert refused.value.pointer == "/step"


def test_boxes_do_not_measure_a_certificate_of_kilograms() -> None:
    with pytest.raises(UnitMismatch) as refused:
        check_measure(Decimal(1), unit=Unit.BOX, certificate_unit=Unit.KG)
    assert refused.value.pointer == "/unit"


def test_tiers_rise_in_steps_while_the_price_falls() -> None:
    tiers = [tier("10", 900), tier("50", 800)]
    check_tiers(tiers, unit_price=Fen(1000), step=Decimal(5))
    check_tiers([], unit_price=Fen(1000), step=Decimal(5))


@pytest.mark.parametrize(
    ("tiers", "pointer"),
    [
        ([tier("5", 900)], "/tiers/0/min_quantity"),
        ([tier("12", 900)], "/tiers/0/min_quantity"),
        ([tier("10", 900), tier("10", 800)], "/tiers/1/min_quantity"),
        ([tier("10", 1000)], "/tiers/0/unit_price_fen"),
        ([tier("10", 900), tier("20", 900)], "/tiers/1/unit_price_fen"),
    ],
)
def test_tiers_out_of_order_are_refused(tiers: list[Tier], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_tiers(tiers, unit_price=Fen(1000), step=Decimal(5))
    assert refused.value.pointer == pointer
