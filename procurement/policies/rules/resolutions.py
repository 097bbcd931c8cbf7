"""Which share policy holds for a unit, and why no other does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from procurement.policies.models import (
    DatedRule,
    SharePolicy,
    Situation,
    UnionRule,
    Waiver,
)
from procurement.policies.rules.words import WITHHELD_WORDS, Words, why_it_holds
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.regions.rules import NATION, ancestor_codes

Rule = TypeVar("Rule", bound=DatedRule)
AnyRule = TypeVar("AnyRule", SharePolicy, UnionRule)


class Loss(StrEnum):
    """Why a rule that was looked at does not hold."""

    SUPERSEDED = "superseded"
    """A higher version of it names the year."""
    YEAR_BEFORE = "year_before"
    YEAR_AFTER = "year_after"
    WITHHELD = "withheld"
    SITUATION = "situation"
    KIND = "kind"
    CONDITION = "condition"
    """It is for central units, or subsidised canteens, or for the others."""
    WIDER = "wider"
    REPLACED = "replaced"
    """A newer rule of the same region holds."""
    GENERAL = "general"
    """A rule of the same region made for such units holds."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What rules ask about a unit; None is not said, and then does not stand in a rule's way.

    A rule for central units, or for subsidised canteens, holds only where that is said.
    """

    situation: Situation | None = None
    kind: OrganisationKind | None = None
    central: bool = False
    subsidised: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """For which place or unit, year or day, and as of when it is asked which policy holds."""

    region: str | None = None
    unit_id: OrganisationId | None = None
    year: int | None = None
    on: date | None = None
    situation: Situation | None = None
    kind: OrganisationKind | None = None
    central: bool = False
    subsidised: bool = False
    as_of: datetime | None = None

    @property
    def facts(self) -> UnitFacts:
        """Give what it says about the unit."""
        return UnitFacts(self.situation, self.kind, self.central, self.subsidised)

    def day(self, *, today: date) -> tuple[int, date]:
        """Give year and day: what is not said of the two comes from the other, or from today."""
        if self.on is not None:
            return self.on.year, self.on
        year = today.year if self.year is None else self.year
        return year, min(max(today, date(year, 1, 1)), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Rule]):
    """A rule that was looked at and does not hold, and why not."""

    policy: Rule
    reason: Loss
    why: Words


@dataclass(frozen=True, slots=True)
class Choice(Generic[Rule]):
    """The rules that would hold, the nearest first, and those that do not."""

    holding: tuple[Rule, ...]
    losing: tuple[Candidate[Rule], ...]

    @property
    def winner(self) -> Rule | None:
        """Give the rule that holds."""
        return self.holding[0] if self.holding else None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The policy that holds (or none), why, and the candidates that lost.

    `carried` says that the document itself does not name the year. `deadline_on` is the last
    day of filing, None where no document sets one. `union` is the choice among the rules of
    the union, `waiver` what lowers the unit's own share.
    """

    region_code: str
    year: int
    policy: SharePolicy | None
    carried: bool
    deadline_on: date | None
    why: Words
    losing: tuple[Candidate[SharePolicy], ...]
    union: Choice[UnionRule] = Choice((), ())
    waiver: Waiver | None = None

    @property
    def in_force(self) -> bool:
        """Say whether any policy holds."""
        return self.policy is not None

    @property
    def owed_bp(self) -> int | None:
        """Give the share owed, the waiver's where there is one (basis points)."""
        if self.policy is None or self.waiver is None:
            return None if self.policy is None else self.policy.floor_bp
        return min(self.policy.floor_bp, self.waiver.floor_bp)


def choose(
    rules: Sequence[AnyRule], *, region_code: str, year: int, facts: UnitFacts
) -> Choice[AnyRule]:
    """Choose among rules: of each code the version of the year, then the nearest region.

    In one region a rule made for such units goes before a general one, then the newest.
    """
    reach = reach_of(region_code)
    around = [one for one in rules if one.region_code in reach]
    obstacles = {id(one): _obstacle(one, around, year=year, facts=facts) for one in around}
    holding = sorted(
        (one for one in around if obstacles[id(one)] is None),
        key=lambda one: (
            reach.index(one.region_code),
            -_conditions(one),
            -one.year_from,
            one.code,
        ),
    )
    losing = [_outdone(one, by=holding[0]) for one in holding[1:]]
    losing += [found for one in around if (found := obstacles[id(one)]) is not None]
    return Choice(tuple(holding), tuple(losing))


def resolve(
    policies: Sequence[SharePolicy],
    *,
    region_code: str,
    year: int,
    facts: UnitFacts,
    union_rules: Sequence[UnionRule] = (),
    waiver: Waiver | None = None,
) -> Resolution:
    """Choose the policy and the union's rule that hold, and say why the others do not.

    "No policy in force" is an answer of its own, never a floor of 0 % or 100 %.
    """
    choice = choose(policies, region_code=region_code, year=year, facts=facts)
    winner = choice.winner
    carried = winner is not None and is_carried(winner, year=year)
    return Resolution(
        region_code=region_code,
        year=year,
        policy=winner,
        carried=carried,
        deadline_on=_deadline(choice.holding, year=year),
        why=why_it_holds(winner, region_code=region_code, year=year, carried=carried),
        losing=choice.losing,
        union=choose(union_rules, region_code=region_code, year=year, facts=facts),
        waiver=waiver,
    )


def reach_of(region_code: str) -> tuple[str, ...]:
    """Give the codes whose policies reach a place: the place first, the nation last."""
    return tuple(dict.fromkeys((*ancestor_codes(region_code), NATION)))


def is_carried(policy: DatedRule, *, year: int) -> bool:
    """Say whether the policy holds in a year that its document does not name."""
    return policy.carried_from is not None and year >= policy.carried_from


def names_year(rule: DatedRule, *, year: int) -> bool:
    """Say whether a year lies in the rule's years."""
    return rule.year_from <= year and (rule.year_until is None or year < rule.year_until)


def _conditions(rule: DatedRule) -> int:
    return (rule.central is not None) + (rule.subsidised is not None)


def _obstacle(
    rule: AnyRule, around: Sequence[AnyRule], *, year: int, facts: UnitFacts
) -> Candidate[AnyRule] | None:
    """Say what keeps a rule of the place from holding, the first thing only."""
    found = next(_obstacles(rule, around, year=year, facts=facts), None)
    return None if found is None else Candidate(rule, found[0], Words(found[1], found[2]))


def _obstacles(
    rule: DatedRule, around: Sequence[DatedRule], *, year: int, facts: UnitFacts
) -> Iterator[tuple[Loss, str, str]]:
    if year < rule.year_from:
        first = rule.year_from
        yield Loss.YEAR_BEFORE, f"自 {first} 年起适用", f"applies from {first} on"
    if rule.year_until is not None and year >= rule.year_until:
        last = rule.year_until - 1
        yield Loss.YEAR_AFTER, f"适用至 {last} 年", f"applied up to {last}"
    for other in around:
        if (
            other.code == rule.code
            and other.version > rule.version
            and names_year(other, year=year)
        ):
            new = other.version
            yield Loss.SUPERSEDED, f"该年度已由第 {new} 版取代", f"version {new} names that year"
    if rule.withheld is not None:
        words = WITHHELD_WORDS[rule.withheld]
        yield Loss.WITHHELD, words.zh, words.en
    if facts.situation is not None and facts.situation not in rule.situations:
        told = facts.situation
        yield Loss.SITUATION, f"不适用于单位情形 {told}", f"not for units in situation {told}"
    if facts.kind is not None and rule.buyer_kinds and facts.kind not in rule.buyer_kinds:
        yield Loss.KIND, f"不适用于 {facts.kind} 类单位", f"not for a unit of kind {facts.kind}"
    if rule.central is not None and rule.central != facts.central:
        yield (
            Loss.CONDITION,
            "仅适用于中央预算单位" if rule.central else "不适用于中央预算单位",
            "for central units only" if rule.central else "not for central units",
        )
    if rule.subsidised is not None and rule.subsidised != facts.subsidised:
        yield (
            Loss.CONDITION,
            "仅适用于使用财政补助的食堂" if rule.subsidised else "不适用于使用财政补助的食堂",
            f"{'for' if rule.subsidised else 'not for'} canteens with a fiscal subsidy",
        )


def _outdone(rule: AnyRule, *, by: AnyRule) -> Candidate[AnyRule]:
    if rule.region_code != by.region_code:
        return Candidate(
            rule,
            Loss.WIDER,
            Words(
                f"有更具体的地方政策（{by.region_code}）",
                f"outdone by the nearer policy of {by.region_code}",
            ),
        )
    if _conditions(rule) < _conditions(by):
        return Candidate(
            rule,
            Loss.GENERAL,
            Words("有专门适用于此类单位的规则", "a rule made for such units holds"),
        )
    first = by.year_from
    return Candidate(
        rule,
        Loss.REPLACED,
        Words(f"已被 {first} 年起的新政策取代", f"replaced from {first} on"),
    )


def _deadline(holding: Sequence[SharePolicy], *, year: int) -> date | None:
    """Take the filing day of the nearest policy that names one for the year."""
    named = (one.filing_deadlines.get(str(year)) for one in holding)
    return next((date.fromisoformat(day) for day in named if day is not None), None)
