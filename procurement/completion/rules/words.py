"""In which words a figure is told where a number would mislead, and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.money import Fen
from procurement.completion.models import Axis, UnitRow
from procurement.policies.models import OrderKind, Purchase, Situation
from procurement.policies.rules.floors import NotCounted
from procurement.policies.rules.words import Words
from procurement.quotas.models import Fund
from registry.organisations.models import Ending, OrganisationKind
from registry.regions.models import OriginKind, RegionLevel

NO_DUTY = Words("无预留任务", "no duty")
NO_CANTEEN = Words("无食堂，无预留任务", "no canteen, so no duty")
SHARED_CANTEEN = Words(
    "共用食堂，由代表单位填报", "a shared canteen; its representative files for it"
)
NO_POLICY = Words(
    "没有生效的份额政策，不计算完成率", "no share policy is in force, so there is no rate"
)
UNKNOWN = Words("未注明", "not stated")
ORIGIN_WORDS: Mapping[OriginKind, Words] = MappingProxyType(
    {
        OriginKind.NATIONAL_832: Words("832 个脱贫县", "the 832 counties"),
        OriginKind.PROVINCIAL_VILLAGE: Words("省级贫困村", "provincial poor villages"),
        OriginKind.PAIRED_REGION: Words("结对帮扶地区", "paired regions"),
        OriginKind.OTHER: Words("其他地区", "other places"),
    }
)
ORDER_WORDS: Mapping[OrderKind, Words] = MappingProxyType(
    {
        OrderKind.RESERVED_SHARE: Words("预留份额采购", "reserved share"),
        OrderKind.PRIORITY: Words("优先采购", "priority purchase"),
        OrderKind.PURCHASE_INSTEAD_OF_DONATION: Words("以购代捐", "purchase instead of donation"),
        OrderKind.PURCHASE_INSTEAD_OF_SALE: Words("以购代销", "purchase instead of sale"),
        OrderKind.COMMISSIONED_FARMING: Words("代耕代种", "commissioned farming"),
    }
)

PURCHASE_WORDS: Mapping[Purchase, Words] = MappingProxyType(
    {
        Purchase.CANTEEN: Words("食堂采购", "purchases of the canteen"),
        Purchase.CONTRACTOR: Words("食堂承包商采购", "purchases of the canteen's contractor"),
        Purchase.UNION: Words("工会采购", "purchases of the union"),
        Purchase.STAFF: Words("职工个人采购", "purchases of the staff"),
        Purchase.NO_CANTEEN: Words("无食堂单位的采购", "purchases of a unit without a canteen"),
    }
)
UNIT_KIND_WORDS: Mapping[OrganisationKind, Words] = MappingProxyType(
    {
        OrganisationKind.BUDGET_UNIT: Words("预算单位", "budget units"),
        OrganisationKind.STATE_ENTERPRISE: Words("国有企业", "state enterprises"),
        OrganisationKind.TRADE_UNION: Words("工会", "trade unions"),
        OrganisationKind.PRIVATE_ENTERPRISE: Words("民营企业", "private enterprises"),
        OrganisationKind.SOCIAL_ORGANISATION: Words("社会组织", "social organisations"),
        OrganisationKind.CANTEEN_CONTRACTOR: Words("食堂承包商", "canteen contractors"),
    }
)
FUND_WORDS: Mapping[Fund, Words] = MappingProxyType(
    {
        Fund.CANTEEN: Words("食堂资金", "canteen money"),
        Fund.UNION: Words("工会资金", "union money"),
        Fund.STAFF: Words("职工自费", "the staff's own money"),
    }
)
LEVEL_WORDS: Mapping[RegionLevel, Words] = MappingProxyType(
    {
        RegionLevel.NATION: Words("中央", "central"),
        RegionLevel.PROVINCE: Words("省级", "province"),
        RegionLevel.CITY: Words("市级", "city"),
        RegionLevel.COUNTY: Words("县级", "county"),
        RegionLevel.TOWN: Words("乡镇级", "town"),
        RegionLevel.VILLAGE: Words("村级", "village"),
    }
)
_NAMED: Mapping[Axis, Mapping[str, Words]] = MappingProxyType(
    {
        Axis.ORIGIN_KIND: {str(kind): words for kind, words in ORIGIN_WORDS.items()},
        Axis.ORDER_KIND: {str(kind): words for kind, words in ORDER_WORDS.items()},
        Axis.UNIT_KIND: {str(kind): words for kind, words in UNIT_KIND_WORDS.items()},
        Axis.BUYER_KIND: {str(kind): words for kind, words in UNIT_KIND_WORDS.items()},
        Axis.FUND: {str(fund): words for fund, words in FUND_WORDS.items()},
        Axis.LEVEL: {str(level): words for level, words in LEVEL_WORDS.items()},
    }
)


def why_no_rate(*, reserved: Fen, ruled: Fen, unit: UnitRow | None) -> Words | None:
    """Say why there is no rate, instead of 0 % or 100 %; None where there is one.

    `ruled` is what of the reserved money was filed under a policy.
    """
    if unit is not None and unit.ending is not None:
        return _ended(unit)
    if reserved > 0:
        return None if ruled > 0 else NO_POLICY
    if unit is not None and unit.situation is Situation.NONE:
        return NO_CANTEEN
    if unit is not None and unit.situation is Situation.SHARED:
        return SHARED_CANTEEN
    return NO_DUTY


def name_of_part(axis: Axis, key: str | None) -> Words:
    """Say what a part is called; a code that has no words of its own stands for itself."""
    if key is None:
        return UNKNOWN
    return _NAMED.get(axis, {}).get(key, Words(key, key))


def _ended(unit: UnitRow) -> Words:
    if unit.ending is Ending.MERGED:
        return Words(
            f"单位已并入{unit.successor}，完成情况由其承接",
            f"the unit was merged into {unit.successor}, which carries its completion on",
        )
    if unit.successor is not None:
        return Words(
            f"单位已撤销，由{unit.successor}承接",
            f"the unit was abolished; {unit.successor} took its place",
        )
    return Words("单位已撤销，不计算完成率", "the unit was abolished, so there is no rate")


def uncounted_words(
    origin_kind: OriginKind,
    order_kind: OrderKind,
    reason: NotCounted,
    *,
    purchase: Purchase | None = None,
) -> Words:
    """Say why paid money of these kinds does not count; `purchase` where that is the reason."""
    if reason is NotCounted.NO_POLICY:
        return Words("没有生效的份额政策", "no share policy is in force")
    if reason is NotCounted.ORIGIN_KIND:
        place = ORIGIN_WORDS[origin_kind]
        return Words(
            f"{place.zh}产品不计入生效政策的预留份额",
            f"goods of {place.en} do not count toward the share of the policy in force",
        )
    if purchase is not None:
        whose = PURCHASE_WORDS[purchase]
        return Words(f"生效政策不计入{whose.zh}", f"the policy in force does not count {whose.en}")
    kind = ORDER_WORDS[order_kind]
    return Words(
        f"生效政策未将{kind.zh}列入预留份额",
        f"the policy in force does not count orders of the kind {kind.en}",
    )
