"""Goods taken in by weight: what counts as sent, what is turned away, and what needs a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kernel.errors import Invalid, Refusal
from kernel.identity import new_id
from kernel.quantity import Unit
from marketplace.deliveries.models.goods import RejectReason
from marketplace.deliveries.rules.goods import Taking, code_of
from marketplace.deliveries.rules.weights import Weighed, is_within, settle
from marketplace.errors.deliveries import NotWeighed, OverReceived, OverTolerance
from marketplace.orders.models.orders import OrderLine, OrderLineId

D = Decimal


def weigh(
    weighed: str,
    rejected: str = "0",
    *,
    sent: str = "100",
    unit: Unit = Unit.KG,
    accepted: str = "0",
    **said: Any,
) -> Weighed:
    """Weigh what is under way of a line at a tolerance of one part in a hundred."""
    line = OrderLine(
        id=OrderLineId(new_id()),
        unit=unit,
        shipped_quantity=D(sent),
        accepted_quantity=D(0),
        rejected_quantity=D(0),
    )
    taking = Taking(line.id, D(accepted), D(rejected), weighed_quantity=D(weighed), **said)
    [found] = settle([taking], lines={line.id: line}, tolerance_bp=100)
    return found


def amounts(found: Weighed) -> tuple[Decimal, Decimal]:
    return found.taking.accepted_quantity, found.taking.rejected_quantity


@pytest.mark.parametrize("weighed", ["99", "100", "101", "99.001", "100.999"])
def test_within_the_tolerance_all_counts_as_sent(weighed: str) -> None:
    found = weigh(weighed)
    assert (amounts(found), found.sent_quantity) == ((D(100), D(0)), D(100))


def test_what_goes_back_is_taken_off_what_counts_as_sent() -> None:
    found = weigh("99.5", "4", reason_code=RejectReason.SPOILED)
    assert amounts(found) == (D(96), D(4))


def test_what_is_missing_beyond_the_tolerance_is_turned_away() -> None:
    found = weigh("98.999", reason_code=RejectReason.WEIGHT)
    assert amounts(found) == (D("98.999"), D("1.001"))
    found = weigh("90", "5", reason="五公斤烂果，其余短少")
    assert amounts(found) == (D(85), D(15))


def test_what_is_too_much_is_never_accepted() -> None:
    found = weigh("120", reason_code=RejectReason.WEIGHT)
    assert amounts(found) == (D(100), D(0))


@pytest.mark.parametrize(
    ("weighed", "said", "refusal"),
    [
        ("98.999", {}, OverTolerance),
        ("101.001", {}, OverTolerance),
        ("90", {"reason_code": RejectReason.OTHER}, OverTolerance),
        ("100", {"accepted": "1"}, Invalid),
        ("100", {"rejected": "101"}, Invalid),
        ("3", {"unit": Unit.BOX}, NotWeighed),
        ("1", {"sent": "0"}, OverReceived),
    ],
)
def test_it_refuses(weighed: str, said: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        weigh(weighed, **said)
    assert refused.value.pointer == "/lines/0/weighed_quantity"


def test_what_was_not_weighed_stays_as_it_was_said() -> None:
    taking = Taking(OrderLineId(new_id()), D(3), D(1), "烂果")
    assert settle([taking], lines={}, tolerance_bp=0) == [Weighed(taking)]


def test_without_a_tolerance_the_scale_must_say_what_was_sent() -> None:
    assert is_within(D(5), D(5), tolerance_bp=0)
    assert not is_within(D("4.999"), D(5), tolerance_bp=0)


@pytest.mark.parametrize(
    ("code", "words", "found"),
    [
        (None, None, None),
        (None, "烂果", RejectReason.OTHER),
        (RejectReason.OTHER, None, None),
        (RejectReason.OTHER, "味道不对", RejectReason.OTHER),
        (RejectReason.EXPIRED, None, RejectReason.EXPIRED),
    ],
)
def test_a_reason_is_a_code_or_words(
    code: RejectReason | None, words: str | None, found: RejectReason | None
) -> None:
    taking = Taking(OrderLineId(new_id()), reason=words, reason_code=code)
    assert code_of(taking) is found
