"""Which band an order meets, who may decide on it, and to whom an approver may delegate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from kernel.errors import SamePerson
from kernel.money import Fen
from procurement.approvals.models import ThresholdId
from procurement.errors.approvals import DelegationUnfit, ThresholdBackdated
from procurement.quotas.models import Fund
from registry.accounts.models import AppUser, UserId
from registry.organisations.models import OrganisationId

LONGEST_DELEGATION = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Band:
    """A band as it holds for a unit on a day."""

    id: ThresholdId
    fund: Fund | None
    category_code: str | None
    approvers: int
    amount_fen: Fen

    def measure(self, amounts: Mapping[str | None, Fen], *, fund: Fund) -> Fen:
        """Give what of an order counts for the band; its amounts come by category."""
        if self.fund not in {None, fund}:
            return Fen(0)
        if self.category_code is None:
            return Fen(sum(amounts.values()))
        return amounts.get(self.category_code, Fen(0))


def strictest(
    bands: Iterable[Band], *, amounts: Mapping[str | None, Fen], fund: Fund
) -> Band | None:
    """Give the strictest band that an order is above: most approvers, then the lowest amount."""
    met = [band for band in bands if band.measure(amounts, fund=fund) > band.amount_fen]
    return max(met, key=lambda band: (band.approvers, -band.amount_fen), default=None)


@dataclass(frozen=True, slots=True)
class Bought:
    """What one order cost by category, and from which fund."""

    order_id: UUID
    fund: Fund
    amounts: Mapping[str | None, Fen]


def split_parts(band: Band, bought: Iterable[Bought], *, completed_by: UUID) -> dict[UUID, Fen]:
    """Give what counts of orders that each stay within a band and together are above it.

    Nothing where they are not, or where the order that is looked at is not one of them.
    """
    parts: dict[UUID, Fen] = {}
    for one in bought:
        counts = band.measure(one.amounts, fund=one.fund)
        if 0 < counts <= band.amount_fen:
            parts[one.order_id] = counts
    passes = sum(parts.values()) > band.amount_fen
    return parts if passes and completed_by in parts else {}


def check_hand(user_id: UserId, *, author_id: UserId, hands: Collection[UserId]) -> None:
    """Refuse the author, and who has decided already or in whose right it was (SamePerson)."""
    if user_id == author_id or user_id in hands:
        raise SamePerson


def check_beginning(from_on: date, *, today: date) -> None:
    """Refuse a threshold that would rewrite the past (ThresholdBackdated; Shanghai days)."""
    if from_on < today:
        raise ThresholdBackdated(pointer="/from_on", today=today)


def check_delegate(
    delegate: AppUser | None, *, own: Collection[UserId], unit_id: OrganisationId
) -> None:
    """Refuse anybody but another person's open account of the approver's unit (DelegationUnfit).

    `own` are the approver's accounts.
    """
    if (
        delegate is None
        or delegate.id in own
        or delegate.organisation_id != unit_id
        or delegate.closed_at is not None
    ):
        raise DelegationUnfit(pointer="/delegate_id")


def check_period(from_on: date, *, until_on: date, today: date) -> None:
    """Refuse a delegation that began in the past, ends before it begins, or lasts too long."""
    if from_on < today or not from_on < until_on <= from_on + LONGEST_DELEGATION:
        raise DelegationUnfit(pointer="/until_on")
