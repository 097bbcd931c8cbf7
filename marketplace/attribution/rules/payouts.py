"""Who is paid how much, and how far a list and its lines may go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from kernel.errors import Invalid, WrongState
from kernel.money import Fen
from marketplace.attribution.models.payouts import (
    Due,
    PayoutLine,
    PayoutLineStatus,
    PayoutListStatus,
)
from marketplace.attribution.rules.codes import is_alive
from registry.households.models.incomes import IncomeKind

LISTS: Mapping[PayoutListStatus, frozenset[PayoutListStatus]] = MappingProxyType(
    {
        PayoutListStatus.DRAFT: frozenset({PayoutListStatus.ISSUED, PayoutListStatus.CANCELLED}),
        PayoutListStatus.ISSUED: frozenset(),
        PayoutListStatus.CANCELLED: frozenset(),
    }
)
_ANSWERS = frozenset({PayoutLineStatus.CONFIRMED, PayoutLineStatus.DENIED})
LINES: Mapping[PayoutLineStatus, frozenset[PayoutLineStatus]] = MappingProxyType(
    {
        PayoutLineStatus.LISTED: frozenset({PayoutLineStatus.PAID, PayoutLineStatus.RETURNED}),
        PayoutLineStatus.PAID: _ANSWERS | {PayoutLineStatus.RETURNED},
        PayoutLineStatus.CONFIRMED: frozenset(),
        PayoutLineStatus.DENIED: _ANSWERS | {PayoutLineStatus.RETURNED},
        PayoutLineStatus.RETURNED: frozenset(),
    }
)


def gather(dues: Iterable[Due]) -> list[list[Due]]:
    """Gather shares by household, by code; who has nothing to get waits with all their shares."""
    found: dict[str, list[Due]] = defaultdict(list)
    for due in dues:
        found[due.household_code].append(due)
    return [found[code] for code in sorted(found) if total(found[code]) > 0]


def total(dues: Iterable[Due]) -> Fen:
    """Add shares up."""
    return Fen(sum(due.amount_fen for due in dues))


def by_income(parts: Sequence[tuple[IncomeKind, Fen]]) -> dict[IncomeKind, Fen]:
    """Divide what is paid by kinds of income, none below zero, adding up to what is paid.

    What one kind lacks, because more of it was reversed than came, the others give.
    """
    sums: dict[IncomeKind, int] = defaultdict(int)
    for kind, amount in parts:
        sums[kind] += amount
    lacking = -sum(amount for amount in sums.values() if amount < 0)
    found: dict[IncomeKind, Fen] = {}
    for kind in sorted(sums, key=lambda one: -sums[one]):
        if sums[kind] > lacking:
            found[kind] = Fen(sums[kind] - lacking)
            lacking = 0
        elif sums[kind] > 0:
            lacking -= sums[kind]
    return found


def check_list(status: PayoutListStatus, wanted: PayoutListStatus) -> None:
    """Refuse to take a list where it may not go (WrongState)."""
    if wanted not in LISTS[status]:
        raise WrongState(state=status, wanted=wanted)


def check_issued(status: PayoutListStatus) -> None:
    """Refuse to pay from a list that is not issued (WrongState)."""
    if status is not PayoutListStatus.ISSUED:
        raise WrongState(state=status, wanted=PayoutLineStatus.PAID)


def check_line(status: PayoutLineStatus, wanted: PayoutLineStatus) -> None:
    """Refuse to take a line where it may not go (WrongState)."""
    if wanted not in LINES[status]:
        raise WrongState(state=status, wanted=wanted)


def check_paid_on(paid_on: date, *, issued_on: date, today: date) -> None:
    """Refuse a payment before the list was issued, or to come (Invalid)."""
    if not issued_on <= paid_on <= today:
        reason = f"付款日期应在 {issued_on} 至 {today} 之间 / paid between {issued_on} and {today}"
        raise Invalid(reason=reason, pointer="/paid_on")


def is_answerable(line: PayoutLine, *, now: datetime) -> bool:
    """Say whether a code of this line can still be used."""
    return PayoutLineStatus.CONFIRMED in LINES[line.status] and is_alive(line, now=now)
