"""Who grew what was paid for: the split of a line's money, exact to the fen.

The steps, the cases and the rounding stand in `docs/rules/attribution.md`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from uuid import UUID

from kernel.money import BASIS_POINTS, Fen, split
from marketplace.attribution.models.postings import PartyKind
from marketplace.attribution.models.split_rules import SplitBasis, SplitRuleId

RULE_VERSION = "attribution-1"
"""Frozen with every posting; a change of the rule is a new version."""

NOTHING = Fen(0)
NO_TERMS: Mapping[UUID, None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody a share of money belongs to."""

    kind: PartyKind
    id: UUID


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of a split rule, as a household's produce is valued by it."""

    rule_id: SplitRuleId
    basis: SplitBasis
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one household put into a lot: a quantity and the farm price of one unit, in fen."""

    household_id: UUID
    quantity: Decimal
    farm_price: Fen


@dataclass(frozen=True, slots=True)
class Portion:
    """What was accepted out of one lot; `quantity` and `lot_total` in the lot's unit.

    `sold_at` is what a unit of the lot was sold for, in fen.
    """

    quantity: Fraction
    lot_total: Decimal
    contributions: tuple[Contribution, ...]
    sold_at: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class OpenShare:
    """What is left of one share of one posting after all reversals so far."""

    attribution_id: UUID
    party: Party
    remaining: Fen


def attributable(*, money: Fen, accepted: Fen) -> Fen:
    """Say how much of a line's money is earned: goods taken in and money there, the lesser."""
    return max(NOTHING, min(money, accepted))


def unit_worth(farm_price: Fen, terms: Terms | None, *, sold_at: Fraction) -> Fraction:
    """Say what a unit is worth to who grew it, in exact fen; without terms the farm price."""
    promised = Fraction(farm_price)
    if terms is None or terms.basis is SplitBasis.FARM_PRICE:
        return promised
    if terms.basis is SplitBasis.PREMIUM:
        return promised * (BASIS_POINTS + terms.rate_bp) / BASIS_POINTS
    return max(promised, sold_at * terms.rate_bp / BASIS_POINTS)


def household_values(
    portions: Iterable[Portion], terms: Mapping[UUID, Terms | None] = NO_TERMS
) -> dict[UUID, Fraction]:
    """Value each household's produce in the accepted goods, in exact fen.

    A lot is mixed: what was accepted of it holds every contribution in the lot's proportions.
    """
    values: dict[UUID, Fraction] = {}
    for portion in portions:
        part = portion.quantity / Fraction(portion.lot_total)
        for one in portion.contributions:
            worth = unit_worth(one.farm_price, terms.get(one.household_id), sold_at=portion.sold_at)
            value = part * Fraction(one.quantity) * worth
            values[one.household_id] = values.get(one.household_id, Fraction(0)) + value
    return values


def choose_terms(
    offered: Mapping[UUID, Sequence[Terms]],
    *,
    portions: Sequence[Portion],
    frozen: Mapping[UUID, Terms | None],
) -> dict[UUID, Terms | None]:
    """Choose the terms each household stands under: those it was split by, else its best.

    `offered` are the versions in force for the ways it is linked in; of equals the first.
    """
    chosen = dict(frozen)
    for household, several in offered.items():
        if household not in chosen and several:
            chosen[household] = max(
                several, key=lambda one: household_values(portions, {household: one})[household]
            )
    return chosen


def household_pool(values: Mapping[UUID, Fraction]) -> Fen:
    """Add up what the households' produce is worth; half a fen goes up."""
    return Fen(math.floor(sum(values.values(), Fraction(0)) + Fraction(1, 2)))


def attribute(
    amount: Fen,
    *,
    values: Mapping[UUID, Fraction],
    cooperative_id: UUID,
    standing: Mapping[Party, Fen],
) -> dict[Party, Fen]:
    """Split newly earned money of a line; `standing` is what its parties have net so far.

    Households come first, up to the farm value of all that was accepted; the cooperative has
    the rest, and may have nothing. Parts of zero are left out.
    """
    households = sorted(values)
    have = [
        standing.get(Party(PartyKind.HOUSEHOLD, household), NOTHING) for household in households
    ]
    pool = household_pool(values)
    for_households = Fen(max(0, min(amount, pool - sum(have))))
    shares: dict[Party, Fen] = {}
    if for_households:
        wanted = _wanted(Fen(sum(have) + for_households), values=values, households=households)
        lacking = [max(Fraction(0), want - had) for want, had in zip(wanted, have, strict=True)]
        parts = split(for_households, whole_weights(lacking))
        for household, part in zip(households, parts, strict=True):
            shares[Party(PartyKind.HOUSEHOLD, household)] = part
    shares[Party(PartyKind.COOPERATIVE, cooperative_id)] = Fen(amount - for_households)
    return {party: part for party, part in shares.items() if part}


def reverse(amount: Fen, *, open_shares: Sequence[OpenShare]) -> list[Fen]:
    """Split a reversal over what remains of the shares, in their order (largest remainder).

    A part is never more than what it takes from; reversing all that remains leaves zero.
    """
    return split(amount, [one.remaining for one in open_shares])


def behind(amount: Fen, *, refunds: Sequence[tuple[UUID, Fen]]) -> list[tuple[UUID, Fen]]:
    """Say which refunds a reversal comes from: the newest first, each for what it still explains.

    `refunds` are (key, not yet reversed), the newest first; what is nothing is left out.
    """
    found = []
    for refund_id, left in refunds:
        part = Fen(min(amount, left))
        if part > 0:
            found.append((refund_id, part))
            amount = Fen(amount - part)
    return found


def _wanted(
    whole: Fen, *, values: Mapping[UUID, Fraction], households: Sequence[UUID]
) -> list[Fraction]:
    """Give each household's exact part of the households' money, by the value of its produce."""
    total = sum(values.values(), Fraction(0))
    return [whole * values[household] / total for household in households]


def whole_weights(weights: Sequence[Fraction]) -> list[int]:
    """Scale exact weights to whole numbers of the same proportions."""
    scale = math.lcm(*(weight.denominator for weight in weights))
    return [int(weight * scale) for weight in weights]
