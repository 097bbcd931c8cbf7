"""Which share policy holds for a unit, why, and what it lets count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from kernel.money import Fen, share
from procurement.policies.models import Denominator, OrderKind, SharePolicy, Situation
from registry.regions.models import OriginKind
from registry.regions.rules import NATION, ancestor_codes

BASIS_POINTS_PER_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence for people, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that was looked at and does not hold, and why not."""

    policy: SharePolicy
    why: Words


@dataclass(frozen=True, slots=True)
class Resolution:
    """The policy that holds (or none), why, and the candidates that lost.

    `carried` says that the document itself does not name the year. `deadline_on` is the last
    day of filing, None where no document sets one.
    """

    region_code: str
    year: int
    policy: SharePolicy | None
    carried: bool
    deadline_on: date | None
    why: Words
    losing: tuple[Candidate, ...]

    @property
    def in_force(self) -> bool:
        """Say whether any policy holds."""
        return self.policy is not None


class NotCounted(StrEnum):
    """Why paid money does not count toward the reserved share."""

    ORIGIN_KIND = "origin_kind"
    ORDER_KIND = "order_kind"
    NO_POLICY = "no_policy"


def resolve(
    policies: Sequence[SharePolicy], *, region_code: str, year: int, situation: Situation | None
) -> Resolution:
    """Choose the policy that holds: the most specific region in force, then the newest row.

    Without a situation any policy of the place and year is in the running. "No policy in
    force" is an answer of its own, never a floor of 0 % or 100 %.
    """
    reach = reach_of(region_code)
    around = [one for one in policies if one.region_code in reach]
    holding = sorted(
        (one for one in around if _obstacle(one, year=year, situation=situation) is None),
        key=lambda one: (reach.index(one.region_code), -one.year_from, one.code),
    )
    winner = holding[0] if holding else None
    losing = [Candidate(one, _outdone(one, by=holding[0])) for one in holding[1:]]
    for one in around:
        obstacle = _obstacle(one, year=year, situation=situation)
        if obstacle is not None:
            losing.append(Candidate(one, obstacle))
    return Resolution(
        region_code=region_code,
        year=year,
        policy=winner,
        carried=winner is not None and is_carried(winner, year=year),
        deadline_on=_deadline(holding, year=year),
        why=_why(winner, region_code=region_code, year=year),
        losing=tuple(losing),
    )


def reach_of(region_code: str) -> tuple[str, ...]:
    """Give the codes whose policies reach a place: the place first, the nation last."""
    return tuple(dict.fromkeys((*ancestor_codes(region_code), NATION)))


def is_carried(policy: SharePolicy, *, year: int) -> bool:
    """Say whether the policy holds in a year that its document does not name."""
    return policy.carried_from is not None and year >= policy.carried_from


def floor_of(policy: SharePolicy, *, canteen_total: Fen, union_total: Fen) -> Fen:
    """Give the least a unit must reserve (fen, half up)."""
    return share(_measured(policy, canteen=canteen_total, union=union_total), policy.floor_bp)


def promise_of(policy: SharePolicy, *, canteen_reserved: Fen, union_reserved: Fen) -> Fen:
    """Give what of a promise is held against the floor: the same funds as the denominator."""
    return _measured(policy, canteen=canteen_reserved, union=union_reserved)


def why_not_counted(
    policy: SharePolicy | None, *, origin_kind: OriginKind, order_kind: OrderKind
) -> NotCounted | None:
    """Say why paid money of these kinds does not count toward the share; None where it does."""
    if policy is None:
        return NotCounted.NO_POLICY
    if origin_kind not in policy.counting_origin_kinds:
        return NotCounted.ORIGIN_KIND
    if order_kind not in policy.counting_order_kinds:
        return NotCounted.ORDER_KIND
    return None


def _measured(policy: SharePolicy, *, canteen: Fen, union: Fen) -> Fen:
    return {
        Denominator.CANTEEN_FOOD_TOTAL: canteen,
        Denominator.UNION_TOTAL: union,
        Denominator.CANTEEN_AND_UNION_TOTAL: Fen(canteen + union),
    }[policy.denominator]


def _obstacle(policy: SharePolicy, *, year: int, situation: Situation | None) -> Words | None:
    """Say what keeps a policy of the place from holding."""
    if year < policy.year_from:
        return Words(f"自 {policy.year_from} 年起适用", f"applies from {policy.year_from} on")
    if policy.year_until is not None and year >= policy.year_until:
        last = policy.year_until - 1
        return Words(f"适用至 {last} 年", f"applied up to {last}")
    if situation is not None and situation not in policy.situations:
        return Words(f"不适用于单位情形 {situation}", f"not for units in situation {situation}")
    return None


def _outdone(policy: SharePolicy, *, by: SharePolicy) -> Words:
    if policy.region_code == by.region_code:
        return Words(f"已被 {by.year_from} 年起的新政策取代", f"replaced from {by.year_from} on")
    return Words(
        f"有更具体的地方政策（{by.region_code}）",
        f"outdone by the nearer policy of {by.region_code}",
    )


def _deadline(holding: Sequence[SharePolicy], *, year: int) -> date | None:
    """Take the filing day of the nearest policy that names one for the year."""
    named = (one.filing_deadlines.get(str(year)) for one in holding)
    return next((date.fromisoformat(day) for day in named if day is not None), None)


DENOMINATOR_WORDS: Mapping[Denominator, Words] = MappingProxyType(
    {
        Denominator.CANTEEN_FOOD_TOTAL: Words(
            "年度食堂食材采购总额", "the yearly canteen food total"
        ),
        Denominator.CANTEEN_AND_UNION_TOTAL: Words(
            "食堂与工会采购总额", "the canteen and union total"
        ),
        Denominator.UNION_TOTAL: Words("工会采购总额", "the union total"),
    }
)


def _why(policy: SharePolicy | None, *, region_code: str, year: int) -> Words:
    if policy is None:
        return Words(
            f"没有覆盖 {region_code} 地区 {year} 年的政策；这不等于 0% 或 100%。",
            f"No policy covers {region_code} in {year}; that is neither 0 % nor 100 %.",
        )
    what = DENOMINATOR_WORDS[policy.denominator]
    percent = f"{policy.floor_bp / BASIS_POINTS_PER_PERCENT:g}"
    carried = is_carried(policy, year=year)
    return Words(
        f"{policy.region_code} 的政策是 {year} 年覆盖 {region_code} 的最具体规则：不低于"
        f"{what.zh}的 {percent}%{'；文件未写明该年度，沿用至新文件取代' if carried else ''}。",
        f"The policy of {policy.region_code} is the nearest one in force for {region_code} in"
        f" {year}: at least {percent} % of {what.en}"
        f"{'; its document does not name the year, it is carried on until replaced' * carried}.",
    )
