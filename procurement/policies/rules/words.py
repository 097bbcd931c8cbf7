"""How it is said which share policy holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from procurement.policies.models import Denominator, SharePolicy, Withheld

BASIS_POINTS_PER_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence for people, in both languages."""

    zh: str
    en: str


DENOMINATOR_WORDS: Mapping[Denominator, Words] = MappingProxyType(
    {
        Denominator.CANTEEN_FOOD_TOTAL: Words(
            "年度食堂食材采购总额", "the yearly canteen food total"
        ),
        Denominator.FARM_PRODUCE_TOTAL: Words(
            "年度农副产品采购总额", "the yearly farm produce total"
        ),
        Denominator.CANTEEN_AND_UNION_TOTAL: Words(
            "食堂与工会采购总额", "the canteen and union total"
        ),
        Denominator.UNION_TOTAL: Words("工会采购总额", "the union total"),
    }
)


WITHHELD_WORDS: Mapping[Withheld, Words] = MappingProxyType(
    {
        Withheld.PLACE_UNKNOWN: Words(
            "所见材料未写明具体适用地区，由当地确认后方可适用",
            "the copy seen does not name its place; it holds once the place adopts it",
        ),
        Withheld.YEAR_UNKNOWN: Words(
            "所见材料未写明适用年度，由当地确认后方可适用",
            "the copy seen does not name its years; it holds once the place adopts it",
        ),
    }
)


def why_it_holds(
    policy: SharePolicy | None, *, region_code: str, year: int, carried: bool
) -> Words:
    """Say which policy holds and why, or that none does."""
    if policy is None:
        return Words(
            f"没有覆盖 {region_code} 地区 {year} 年的政策；这不等于 0% 或 100%。",
            f"No policy covers {region_code} in {year}; that is neither 0% nor 100%.",
        )
    what = DENOMINATOR_WORDS[policy.denominator]
    percent = f"{policy.floor_bp / BASIS_POINTS_PER_PERCENT:g}"
    return Words(
        f"{policy.region_code} 的政策是 {year} 年覆盖 {region_code} 的最具体规则：不低于"
        f"{what.zh}的 {percent}%{'；文件未写明该年度，沿用至新文件取代' if carried else ''}。",
        f"The policy of {policy.region_code} is the nearest one in force for {region_code} in"
        f" {year}: at least {percent}% of {what.en}"
        f"{'; its document does not name the year and is carried on until replaced' * carried}.",
    )
