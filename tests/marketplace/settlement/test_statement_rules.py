"""What a line says, and what is made of it: numbers, claims, announcements, reversals."""

from __future__ import annotations

from datetime import date
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.statements import Outcome
from marketplace.settlement.rules.statements import (
    Announced,
    Claim,
    Content,
    is_reversal,
    numbers_in,
    propose,
    take_announced,
)

FIRST, SECOND = OrderId(UUID(int=1)), OrderId(UUID(int=2))
SENT, OTHER = PaymentId(UUID(int=3)), PaymentId(UUID(int=4))
NUMBER = "BF-O-2026-440203-000123"
FULL_WIDTH = str.maketrans("0123456789BFO-", "０１２３４５６７８９ＢＦＯ－")
DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "货款 BF-O-2026-440203-000123 谢谢",
        "bf o 2026 440203 000 123",
        "BFO2026440203000123",
        "BF—O—2026—440203—000123",
        "B F - O - 2 0 2 6 - 4 4 0 2 0 3 - 0 0 0 1 2 3",
        NUMBER.translate(FULL_WIDTH),
        "采购款ＢＦ０２０２６４４０２０３　０００１２３",
        "BF_O_2026_440203_000123、",
    ],
)
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    assert numbers_in(typed) == [(NUMBER,)]


@pytest.mark.parametrize("typed", [None, "", "货款", "BF-O-2026-440203", "2026440203000123"])
def test_what_is_no_number_is_none(typed: str | None) -> None:
    assert numbers_in(typed) == []


def test_numbers_stand_in_their_order_and_once() -> None:
    second = "BF-P-2026-440203-000009"
    assert numbers_in(f"{NUMBER},{second};{NUMBER}") == [(NUMBER,), (second,)]


def test_digits_that_run_on_may_belong_to_the_number_or_not() -> None:
    assert numbers_in(f"{NUMBER} 07") == [(f"{NUMBER}07", f"{NUMBER}0", NUMBER)]


@given(seed=st.integers(0, 10_000))
def test_a_number_survives_spaces_dashes_and_wide_marks(seed: int) -> None:
    chance = Random(seed)
    typed = "".join(
        mark.translate(FULL_WIDTH) if chance.random() < 0.5 else mark for mark in NUMBER
    )
    typed = "".join(mark + chance.choice(["", " ", "　", "-"]) for mark in typed)
    assert numbers_in(f"款项{typed}款项") == [(NUMBER,)]


def claim(due: int, *announced: int, order: OrderId = FIRST, named: bool = False) -> Claim:
    waiting = tuple(Announced(SENT, Fen(one), named) for one in announced)
    return Claim(order, Fen(due), announced=waiting)


@pytest.mark.parametrize(
    ("amount", "claims", "outcome", "parts"),
    [
        (100, [], Outcome.UNKNOWN, []),
        (100, [claim(100)], Outcome.EXACT, [100]),
        (60, [claim(100)], Outcome.PARTIAL, [60]),
        (60, [claim(100, 60)], Outcome.EXACT, [60]),
        (40, [claim(100, 60, named=True)], Outcome.PARTIAL, [40]),
        (130, [claim(100)], Outcome.OVER, [100]),
        (1, [claim(0)], Outcome.CLOSED, []),
        (150, [claim(100), claim(50, order=SECOND)], Outcome.JOINT, [100, 50]),
        (110, [claim(100, 60, named=True), claim(50, order=SECOND)], Outcome.JOINT, [60, 50]),
        (151, [claim(100), claim(50, order=SECOND)], Outcome.OVER, [100, 50]),
        (149, [claim(100), claim(50, order=SECOND)], Outcome.UNCLEAR, []),
        (100, [claim(100), claim(0, order=SECOND)], Outcome.UNCLEAR, []),
    ],
)
def test_what_a_line_pays(
    amount: int, claims: list[Claim], outcome: Outcome, parts: list[int]
) -> None:
    found = propose(Fen(amount), claims)
    assert (found.outcome, [part for _, part in found.parts]) == (outcome, parts)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(OrderStatus.EXPIRED, Outcome.LATE), (OrderStatus.CANCELLED, Outcome.CLOSED)],
)
def test_an_order_that_ended_is_paid_by_nothing(status: OrderStatus, outcome: Outcome) -> None:
    ended = Claim(FIRST, Fen(100), status)
    assert propose(Fen(100), [ended]).outcome is outcome
    assert propose(Fen(200), [ended, claim(100, order=SECOND)]).outcome is Outcome.CLOSED


@given(
    amount=st.integers(1, 10**6),
    dues=st.lists(st.integers(0, 10**5), max_size=6),
)
def test_no_line_pays_more_than_it_has_or_an_order_is_due(amount: int, dues: list[int]) -> None:
    claims = [Claim(OrderId(UUID(int=one)), Fen(due)) for one, due in enumerate(dues, 1)]
    parts = dict(propose(Fen(amount), claims).parts)
    assert sum(parts.values()) <= amount
    assert all(part <= one.due for one in claims if (part := parts.get(one.order_id)))


@pytest.mark.parametrize(
    ("amount", "announced", "taken", "rest"),
    [
        (60, [(60, False)], [60], 0),
        (60, [(100, False)], [60], 0),
        (60, [(100, False), (60, False)], [60], 0),
        (100, [(30, False), (50, True)], [50, 30], 20),
        (40, [(30, False), (50, True)], [40], 0),
        (5, [], [], 5),
    ],
)
def test_announcements_are_confirmed_by_what_came(
    amount: int, announced: list[tuple[int, bool]], taken: list[int], rest: int
) -> None:
    waiting = [
        Announced(PaymentId(UUID(int=number)), Fen(one), named)
        for number, (one, named) in enumerate(announced)
    ]
    found, left = take_announced(Fen(amount), waiting)
    assert ([part for _, part in found], left) == (taken, rest)


def test_of_two_announcements_of_one_amount_the_named_one_is_confirmed() -> None:
    waiting = [Announced(SENT, Fen(60)), Announced(OTHER, Fen(60), named=True)]
    assert take_announced(Fen(60), waiting) == ([(OTHER, 60)], 0)


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        ("冲正", True),
        ("转账退汇-户名不符", True),
        ("Ｒｅｖｅｒｓａｌ", True),
        ("工资", False),
        (None, False),
    ],
)
def test_a_reversal_says_so(remark: str, *, said: bool) -> None:
    assert is_reversal(remark) is said


def test_marks_and_spaces_do_not_make_another_line() -> None:
    one = Content(DAY, Fen(100), "演示学校", None, "货款 １", "A1")
    same = Content(DAY, Fen(100), "演示 学校", None, "货款1", "A1")
    assert one.fingerprint == same.fingerprint
    for other in (
        Content(DAY, Fen(101), "演示学校", None, "货款1", "A1"),
        Content(DAY, Fen(100), "演示学校", None, "货款1", "A2"),
        Content(DAY, Fen(100), None, "演示学校", "货款1", "A1"),
    ):
        assert other.fingerprint != one.fingerprint
