"""What a farmed plot may promise, what of its price is due when, and how it may fail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

from kernel.errors import Invalid, WrongState
from kernel.money import BASIS_POINTS, Fen, line_amount, split
from kernel.quantity import Unit, check_quantity
from marketplace.campaigns.models.commissions import (
    CommissionStatus,
    FailureRule,
    FarmingCommission,
    FarmingMilestone,
    MilestoneStatus,
)
from marketplace.errors.campaigns import (
    EvidenceUnfit,
    GrowerUnknown,
    MilestonesUneven,
    SeasonTooShort,
    TermsMoved,
    YieldUneven,
)
from marketplace.errors.orders import QuantityOffStep
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId

TRANSITIONS: Mapping[CommissionStatus, frozenset[CommissionStatus]] = MappingProxyType(
    {
        CommissionStatus.OFFERED: frozenset({CommissionStatus.ADOPTED, CommissionStatus.WITHDRAWN}),
        CommissionStatus.ADOPTED: frozenset(
            {
                CommissionStatus.HARVESTED,
                CommissionStatus.FAILING,
                CommissionStatus.FAILED,
                CommissionStatus.LAPSED,
            }
        ),
        CommissionStatus.FAILING: frozenset(
            {CommissionStatus.SUBSTITUTED, CommissionStatus.FAILED, CommissionStatus.LAPSED}
        ),
        CommissionStatus.HARVESTED: frozenset(
            {CommissionStatus.HARVESTED, CommissionStatus.LAPSED}
        ),
        CommissionStatus.SUBSTITUTED: frozenset({CommissionStatus.LAPSED}),
        CommissionStatus.WITHDRAWN: frozenset(),
        CommissionStatus.FAILED: frozenset(),
        CommissionStatus.LAPSED: frozenset(),
    }
)
GROWING = frozenset({CommissionStatus.ADOPTED, CommissionStatus.HARVESTED})


@dataclass(frozen=True, slots=True)
class GrowerTerms:
    """What a household is expected to grow of the plot, and its farm price a unit in fen."""

    household_id: HouseholdId
    quantity: Decimal
    farm_price_fen: Fen


@dataclass(frozen=True, slots=True)
class MilestoneTerms:
    """Work that is done by a day, and its share of the price in basis points."""

    title: str
    share_bp: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Instalments:
    """A plot's price in its parts: before the season, by milestone, and once it is harvested."""

    prepaid_fen: Fen
    milestones_fen: Sequence[Fen]
    total_fen: Fen


def check_move(commission: FarmingCommission, to: CommissionStatus) -> None:
    """Refuse a way that is not drawn (WrongState)."""
    if to not in TRANSITIONS[commission.status]:
        raise WrongState(state=commission.status, wanted=to)


def check_season(milestones: Sequence[MilestoneTerms], *, harvest_by_on: date, today: date) -> None:
    """Refuse milestones out of their order, or outside today and the harvest (SeasonTooShort)."""
    days = [today, *(one.due_on for one in milestones), harvest_by_on]
    for position, (before, after) in enumerate(pairwise(days)):
        if after < before or after == today:
            last = position == len(milestones)
            pointer = "/harvest_by_on" if last else f"/milestones/{position}/due_on"
            raise SeasonTooShort(harvest_by_on=harvest_by_on, pointer=pointer)


def check_yield(
    quantity: Decimal, *, growers: Sequence[GrowerTerms], unit: Unit, step: Decimal
) -> None:
    """Refuse a yield its listing cannot count, and growers twice or of more than it.

    Refuses Invalid, QuantityOffStep, YieldUneven.
    """
    check_quantity(quantity, unit, pointer="/quantity")
    if quantity % step:
        raise QuantityOffStep(quantity=quantity, step=step, pointer="/quantity")
    seen: set[HouseholdId] = set()
    for position, one in enumerate(growers):
        pointer = f"/growers/{position}"
        check_quantity(one.quantity, unit, pointer=f"{pointer}/quantity")
        if one.household_id in seen:
            reason = "同一农户只能出现一次 / a household stands in the terms once"
            raise Invalid(reason=reason, pointer=f"{pointer}/household_id")
        seen.add(one.household_id)
    grown = sum((one.quantity for one in growers), Decimal(0))
    if grown > quantity:
        raise YieldUneven(grown=grown, quantity=quantity, pointer="/growers")


def instalments(
    quantity: Decimal, unit_price: Fen, *, prepaid_bp: int, milestones: Sequence[MilestoneTerms]
) -> Instalments:
    """Part the price of a plot: prepaid, by milestone, and the rest at the harvest.

    By largest remainder, so that the parts add up to the price; each is at least a fen
    (MilestonesUneven).
    """
    shares = [prepaid_bp, *(one.share_bp for one in milestones)]
    rest = BASIS_POINTS - sum(shares)
    total = line_amount(quantity, unit_price)
    if rest <= 0:
        raise MilestonesUneven(pointer="/milestones")
    prepaid, *parts, last = split(total, [*shares, rest])
    if min(prepaid, last, *parts) <= 0:
        raise MilestonesUneven(pointer="/milestones")
    return Instalments(prepaid, parts, total)


def check_price(price: Fen, *, of: FarmingCommission) -> None:
    """Refuse an order at another price than the terms say (TermsMoved)."""
    if price != of.unit_price_fen:
        raise TermsMoved(agreed_fen=of.unit_price_fen, price_fen=price)


def check_growing(commission: FarmingCommission) -> None:
    """Refuse work on a plot that nobody adopted, or that is settled (WrongState)."""
    if commission.status not in GROWING:
        raise WrongState(state=commission.status, wanted=CommissionStatus.ADOPTED)


def check_showing(milestone: FarmingMilestone) -> None:
    """Refuse to show again what was shown (WrongState)."""
    if milestone.status is not MilestoneStatus.OPEN:
        raise WrongState(state=milestone.status, wanted=MilestoneStatus.OPEN)


def check_deciding(milestone: FarmingMilestone) -> None:
    """Refuse to decide on what is not shown, or is decided (WrongState)."""
    if milestone.status is not MilestoneStatus.EVIDENCED:
        raise WrongState(state=milestone.status, wanted=MilestoneStatus.EVIDENCED)


def check_proofs(wanted: Sequence[DocumentId], *, known: Collection[DocumentId]) -> None:
    """Refuse proof that is not about the plot (EvidenceUnfit)."""
    for position, one in enumerate(wanted):
        if one not in known:
            raise EvidenceUnfit(pointer=f"/document_ids/{position}")


def check_growers(found: Sequence[HouseholdId], *, known: Collection[HouseholdId]) -> None:
    """Refuse a harvest of somebody who does not farm the plot (GrowerUnknown)."""
    for position, one in enumerate(found):
        if one not in known:
            raise GrowerUnknown(pointer=f"/contributions/{position}/household_id")


def after_failure(rule: FailureRule) -> CommissionStatus:
    """Give what a failed harvest leads to: money back, or the buyer's choice of like goods."""
    return CommissionStatus.FAILED if rule is FailureRule.REFUND else CommissionStatus.FAILING
