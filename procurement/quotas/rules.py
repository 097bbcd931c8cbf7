"""What a promise opens, how an order's parts are told apart, and which moves are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.errors import Invalid, NotAllowed, WrongState
from kernel.money import Fen
from procurement.errors.quotas import (
    AllocationExceeded,
    AllocationUnfit,
    FloorShort,
    QuotaExceeded,
    SettingBackdated,
    YearClosed,
    YearRunning,
)
from procurement.filings.models import FilingStatus
from procurement.filings.rules.contents import FilingContents
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota, heading_of
from registry.organisations.models import BUYERS, Organisation
from registry.regions.models import OriginKind

WHOLE_BP = 10_000
LONGEST_REOPENING = timedelta(days=92)
"""A reopened year closes again by itself, after a quarter at most."""


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """What a quota begins with, in fen."""

    fund: Fund
    ceiling_fen: Fen
    floor_fen: Fen


@dataclass(frozen=True, slots=True)
class QuotaPart:
    """What an order wants for its goods of one origin kind and category, in fen."""

    origin_kind: OriginKind
    order_kind: OrderKind
    amount_fen: Fen
    category_code: str | None = None

    @property
    def heading(self) -> str:
        """Give the heading that the money is kept under."""
        return heading_of(self.origin_kind, self.category_code)


def terms_of(status: FilingStatus, contents: FilingContents) -> list[QuotaTerms]:
    """Give the quotas that a promise opens: none before the last confirmation.

    The canteen's always, a zero filing's too; the union's where a reservation was filed, up to
    its ceiling or, without one, its whole total.
    """
    if status is not FilingStatus.CONFIRMED:
        return []
    terms = [QuotaTerms(Fund.CANTEEN, contents.ceiling_fen, contents.reserved_fen)]
    limit, reserved = contents.union_limit_fen, contents.union_reserved_fen
    if limit is not None and reserved is not None:
        terms.append(QuotaTerms(Fund.UNION, limit, reserved))
    return terms


def hold_key(order_id: UUID, heading: str) -> UUID:
    """Give the key under which an order holds money for one heading."""
    return uuid5(order_id, heading)


def merge_parts(parts: Sequence[QuotaPart]) -> list[QuotaPart]:
    """Make one part of several of one heading; parts of nothing fall away.

    An order has one kind, so parts of one heading share theirs.
    """
    merged: dict[str, QuotaPart] = {}
    for part in parts:
        before = merged.get(part.heading)
        amount = part.amount_fen + (before.amount_fen if before else 0)
        merged[part.heading] = replace(part, amount_fen=Fen(amount))
    return [part for part in merged.values() if part.amount_fen > 0]


def check_open(quota: Quota, *, now: datetime) -> None:
    """Refuse to move money of a year that is closed, or over and not reopened (YearClosed)."""
    over = quota.year < shanghai_year(now) and quota.reopened_until is None
    if quota.closed_at is not None or over:
        raise YearClosed(year=quota.year)


def check_running(quota: Quota, *, now: datetime) -> None:
    """Refuse what counts by the day it happens on outside the quota's own year (YearClosed).

    Spent money counts in the year it is paid in; moved later, it would leave one unit's year
    and come to another's next one.
    """
    check_open(quota, now=now)
    if quota.year != shanghai_year(now):
        raise YearClosed(year=quota.year)


def check_over(year: int, *, now: datetime) -> None:
    """Refuse to close a year before its last Shanghai day has passed (YearRunning)."""
    if year >= shanghai_year(now):
        raise YearRunning(year=year)


def check_manages(by: Actor, *, unit: Organisation) -> None:
    """Refuse who does not stand in the unit or above it (NotAllowed)."""
    if not by.lineage or not unit.lineage.startswith(by.lineage):
        raise NotAllowed


def check_subordinate(unit: Organisation | None, *, above: Organisation, pointer: str) -> None:
    """Refuse to allocate to what does not stand under the giver, buys nothing, or has ended."""
    if (
        unit is None
        or unit.id == above.id
        or not unit.lineage.startswith(above.lineage)
        or unit.kind not in BUYERS
        or unit.ended_on is not None
    ):
        raise AllocationUnfit(pointer=pointer)


def check_leaving(quota: Quota, *, ceiling: Fen, floor: Fen) -> None:
    """Refuse to let more leave a quota than is free in it, or more share than it has."""
    if ceiling > quota.available_fen:
        raise QuotaExceeded(available_fen=quota.available_fen, wanted_fen=ceiling)
    if floor > quota.floor_fen:
        raise FloorShort(floor_fen=quota.floor_fen, wanted_fen=floor)


def check_recall(*, allocated: tuple[Fen, Fen], ceiling: Fen, floor: Fen) -> None:
    """Refuse to take back more than was allocated, of the ceiling or of the share."""
    for given, wanted in zip(allocated, (ceiling, floor), strict=True):
        if wanted > given:
            raise AllocationExceeded(allocated_fen=given, wanted_fen=wanted)


def split_unspent(free: Fen, *, carry_bp: int) -> tuple[Fen, Fen]:
    """Divide what a year leaves free into what is carried over (rounded down) and what lapses."""
    carried = free * carry_bp // WHOLE_BP
    return Fen(carried), Fen(free - carried)


def check_reopening(quota: Quota, *, until_at: datetime, now: datetime) -> None:
    """Refuse to reopen what is not closed (WrongState), or until no day or too far off."""
    if quota.closed_at is None:
        raise WrongState(state="open", wanted="closed")
    if not now < until_at <= now + LONGEST_REOPENING:
        reason = "重新开放须在今后 92 天内截止 / a reopening ends within 92 days from now"
        raise Invalid(pointer="/until_at", reason=reason)


def is_nearly_used(quota: Quota, *, warning_bp: int | None) -> bool:
    """Say whether what is held and spent has reached the warning level; nothing never has."""
    used = quota.held_fen + quota.spent_fen
    return warning_bp is not None and used > 0 and used * WHOLE_BP >= quota.ceiling_fen * warning_bp


def check_setting(from_on: date, *, today: date) -> None:
    """Refuse a setting that would rewrite the past (SettingBackdated; Shanghai days)."""
    if from_on < today:
        raise SettingBackdated(pointer="/from_on", today=today)
