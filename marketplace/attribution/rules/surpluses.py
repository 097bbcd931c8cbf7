"""How a surplus is divided: by volume and capital, or as the dividend of a public fund.

The steps, the cases and the rounding stand in `docs/rules/surpluses.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

from kernel.errors import Invalid, WrongState
from kernel.money import BASIS_POINTS, Fen, share, split
from marketplace.attribution.models.surpluses import SurplusStatus
from marketplace.attribution.rules.shares import whole_weights
from marketplace.errors.attribution import BelowVolumeFloor

VOLUME_FLOOR_BP = 6_000
"""Farmers' Specialised Cooperatives Law: at least 60 % goes back by volume traded."""
PERCENT_BP = 100
NOTHING = Fen(0)

TRANSITIONS: Mapping[SurplusStatus, frozenset[SurplusStatus]] = MappingProxyType(
    {
        SurplusStatus.DRAFT: frozenset({SurplusStatus.APPROVED, SurplusStatus.CANCELLED}),
        SurplusStatus.APPROVED: frozenset(),
        SurplusStatus.CANCELLED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """Who shares in a surplus: None is all members who are not on the register together.

    `members` is how many they are: each has an equal part of subsidies and gifts.
    """

    household_id: UUID | None
    volume_fen: Fen
    capital_fen: Fen = NOTHING
    members: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody gets: by volume (or as a preferred household), and of the rest."""

    household_id: UUID | None
    volume_fen: Fen
    first_fen: Fen
    second_fen: Fen
    shares: int | None = None

    @property
    def amount_fen(self) -> Fen:
        """Give both together."""
        return Fen(self.first_fen + self.second_fen)


@dataclass(frozen=True, slots=True)
class Fund:
    """A public fund in an undertaking, and what its households were promised of it."""

    own_assets_fen: Fen
    fund_fen: Fen
    floor_bp: int

    @property
    def fund_bp(self) -> int:
        """Give the fund's part of all assets in whole percents, as basis points.

        Largest remainder, so that own part and fund's part add up to 100 %.
        """
        return split(Fen(100), [self.own_assets_fen, self.fund_fen])[1] * PERCENT_BP

    @property
    def floor_fen(self) -> Fen:
        """Give the floor dividend; half a fen goes up."""
        return share(self.fund_fen, self.floor_bp)


def check_move(status: SurplusStatus, wanted: SurplusStatus) -> None:
    """Refuse to take a run where it may not go (WrongState)."""
    if wanted not in TRANSITIONS[status]:
        raise WrongState(state=status, wanted=wanted)


def part_by_volume(surplus: Fen, *, by_volume_bp: int) -> Fen:
    """Give what goes back by volume; broken fen go up, so that it is never below the floor.

    Refuses BelowVolumeFloor.
    """
    given = Fen(-(-surplus * by_volume_bp // BASIS_POINTS))
    floor = Fen(-(-surplus * VOLUME_FLOOR_BP // BASIS_POINTS))
    if given < floor:
        raise BelowVolumeFloor(pointer="/by_volume_bp", floor_fen=floor, given_fen=given)
    return given


def return_by_volume(
    surplus: Fen, *, by_volume_fen: Fen, subsidy_fen: Fen, members: Sequence[Member]
) -> list[Part]:
    """Divide a surplus: one part by volume, the rest by capital and the equal part of subsidies.

    Where nobody has either, the rest goes by volume, too. Largest remainder, ties to the
    earlier member; the parts add up to the surplus.
    """
    whole = [
        Fraction(one.capital_fen)
        + Fraction(subsidy_fen * one.members, sum(each.members for each in members))
        for one in members
    ]
    volumes = [int(one.volume_fen) for one in members]
    first = split(by_volume_fen, volumes)
    rest = split(Fen(surplus - by_volume_fen), whole_weights(whole) if any(whole) else volumes)
    return [
        Part(one.household_id, one.volume_fen, by_volume, by_capital)
        for one, by_volume, by_capital in zip(members, first, rest, strict=True)
    ]


def fund_total(profit: Fen, fund: Fund) -> Fen:
    """Give what a fund brings: the floor on it, and its part of the profit."""
    return Fen(fund.floor_fen + share(profit, fund.fund_bp))


def divide_fund(
    total: Fen, *, households: Sequence[UUID], preferred: Sequence[UUID], preferred_bp: int
) -> list[Part]:
    """Divide a fund's money: so much to the preferred households alone, the rest to all alike.

    Without preferred households all of it goes to all. Largest remainder, ties to the earlier;
    the parts add up.
    """
    kept = share(total, preferred_bp) if preferred else NOTHING
    first = dict(zip(preferred, split(kept, [1] * len(preferred)), strict=True)) if kept else {}
    second = split(Fen(total - kept), [1] * len(households))
    return [
        Part(household, NOTHING, first.get(household, NOTHING), part)
        for household, part in zip(households, second, strict=True)
    ]


def divide_by_shares(total: Fen, *, holdings: Sequence[tuple[UUID | None, int]]) -> list[Part]:
    """Divide an asset's money by the shares that are held; None is the village's collective.

    Largest remainder, ties to the earlier holder; the parts add up.
    """
    amounts = split(total, [shares for _, shares in holdings])
    return [
        Part(holder, NOTHING, NOTHING, amount, shares)
        for (holder, shares), amount in zip(holdings, amounts, strict=True)
    ]


def check_preferred(households: Sequence[UUID], preferred: Sequence[UUID]) -> None:
    """Refuse a household named twice, and a preferred one that is none of all (Invalid)."""
    if len(set(households)) != len(households):
        reason = "农户重复 / a household is named twice"
        raise Invalid(reason=reason, pointer="/household_ids")
    if len(set(preferred)) != len(preferred) or not set(preferred) <= set(households):
        reason = "优先股农户须在名单内且不重复 / preferred households are among all, once each"
        raise Invalid(reason=reason, pointer="/preferred_ids")
