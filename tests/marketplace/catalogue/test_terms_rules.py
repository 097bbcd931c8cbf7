"""Terms that fit together, and orders that keep to them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kernel.errors import Invalid, Refusal
from marketplace.catalogue.models.listings import Channel, PayMode, StorageBand
from marketplace.catalogue.rules.terms import ChannelUse, Terms, check_terms, check_wanted
from marketplace.errors.catalogue import DeliveryOutsideWindow, OutOfSeason, PayModeNotOffered

TODAY = date(2026, 6, 1)
FIRST, GOODS = PayMode.PAY_FIRST, PayMode.GOODS_FIRST
SAME = ChannelUse(Channel.HALL)


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"lead_days": 3, "latest_days": 2}, "/latest_days"),
        ({"storage_band": StorageBand.CHILLED}, "/storage_min_c"),
        ({"storage_band": StorageBand.FROZEN, "storage_min_c": -20}, "/storage_min_c"),
        ({"storage_min_c": 5, "storage_max_c": 4}, "/storage_max_c"),
        ({"channels": [SAME, SAME]}, "/channels"),
    ],
)
def test_terms_that_do_not_fit_are_refused(terms: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_terms(Terms(**terms))
    assert refused.value.pointer == pointer


def test_terms_at_their_boundaries_are_taken() -> None:
    check_terms(Terms())
    cooled = {"storage_band": StorageBand.CHILLED, "storage_min_c": 4, "storage_max_c": 4}
    check_terms(Terms(lead_days=2, latest_days=2, channels=[SAME], **cooled))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "on", "refusal"),
    [
        ({}, None, None),
        ({}, TODAY, None),
        ({}, date(2026, 5, 31), DeliveryOutsideWindow),
        ({"lead_days": 2}, date(2026, 6, 2), DeliveryOutsideWindow),
        ({"lead_days": 2}, date(2026, 6, 3), None),
        ({"latest_days": 10}, date(2026, 6, 11), None),
        ({"latest_days": 10}, date(2026, 6, 12), DeliveryOutsideWindow),
        ({"season_months": [6]}, None, None),
        ({"season_months": [5, 7]}, None, OutOfSeason),
        ({"season_months": [7]}, date(2026, 7, 1), None),
        ({"season_months": [6]}, date(2026, 7, 1), OutOfSeason),
        ({"season_months": [7], "lead_days": 30}, None, None),
        ({"pay_modes": [GOODS]}, None, PayModeNotOffered),
        ({"pay_modes": [FIRST]}, None, None),
    ],
)
def test_an_order_keeps_to_the_terms(
    terms: dict[str, Any], on: date | None, refusal: type[Refusal] | None
) -> None:
    def ask() -> None:
        check_wanted(Terms(**terms), title="米", pay_mode=FIRST, on=on, today=TODAY)

    if refusal is None:
        ask()
        return
    with pytest.raises(refusal):
        ask()


def test_a_refusal_says_when_it_would_do() -> None:
    with pytest.raises(OutOfSeason) as season:
        check_wanted(
            Terms(season_months=[11, 10]), title="橙", pay_mode=FIRST, on=None, today=TODAY
        )
    assert season.value.figures == {"title": "橙", "month": 6, "months": "10、11"}
    with pytest.raises(DeliveryOutsideWindow) as window:
        check_wanted(
            Terms(lead_days=1, latest_days=3), title="橙", pay_mode=FIRST, on=TODAY, today=TODAY
        )
    figures = window.value.figures
    assert (figures["first_on"], figures["latest_on"]) == (date(2026, 6, 2), date(2026, 6, 4))
