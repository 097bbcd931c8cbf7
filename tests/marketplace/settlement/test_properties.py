"""P5: whatever is paid and given back, in whatever parts, no line ever passes its money."""

from __future__ import annotations

import os
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.money import Fen
from marketplace.orders.models.orders import OrderLineId
from marketplace.settlement.rules import payments as rules
from marketplace.settlement.rules.payments import Part
from registry.regions.models import OriginKind

EXAMPLES = int(os.environ.get("BANGFU_EXAMPLES", "1000"))
costs = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=6)
wishes = st.lists(st.integers(min_value=1, max_value=10**10), min_size=1, max_size=8)


def unpaid(costs: list[int]) -> list[Part]:
    return [
        Part(OrderLineId(UUID(int=i)), OriginKind.NATIONAL_832, Fen(cost))
        for i, cost in enumerate(costs)
    ]


def pay(parts: list[Part], amount: int) -> list[Part]:
    amounts = rules.spread(Fen(amount), parts=parts)
    assert sum(amounts) == amount
    paid = zip(parts, amounts, strict=True)
    return [replace(part, received=Fen(part.received + came)) for part, came in paid]


@settings(max_examples=EXAMPLES, deadline=None)
@given(costs.filter(any), wishes, wishes, st.integers(0, 5))
def test_paid_and_refunded_in_any_parts(
    costs: list[int], payments: list[int], refunds: list[int], turned_away: int
) -> None:
    parts = unpaid(costs)
    for wish in payments:
        if due := rules.due(parts, pending=Fen(0)):
            parts = pay(parts, 1 + wish % due)
        assert all(part.received <= part.payable for part in parts)
    where = turned_away % len(parts)
    parts[where] = replace(parts[where], payable=Fen(parts[where].payable // 2))
    paid = sum(part.received for part in parts)
    for wish in [*refunds, paid]:
        kept = sum(part.kept for part in parts)
        if kept == 0:
            break
        amount = kept if wish == paid else 1 + wish % kept
        excess = sum(part.excess for part in parts)
        taken = rules.take_back(Fen(amount), parts=parts)
        assert sum(taken) == amount
        parts = [
            replace(part, refunded=Fen(part.refunded + gone))
            for part, gone in zip(parts, taken, strict=True)
        ]
        assert all(part.kept >= 0 for part in parts)
        assert sum(part.excess for part in parts) == max(0, excess - amount)
    assert sum(part.kept for part in parts) == 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(costs.filter(any), wishes)
def test_paying_all_that_is_due_fills_every_line_exactly(
    costs: list[int], payments: list[int]
) -> None:
    parts = unpaid(costs)
    for wish in payments:
        if due := rules.due(parts, pending=Fen(0)):
            parts = pay(parts, 1 + wish % due)
    if rest := rules.due(parts, pending=Fen(0)):
        parts = pay(parts, rest)
    assert [part.received for part in parts] == costs
