"""What each red flag measures, by which numbers, and why it may mean nothing.

The flags are those of the monitor's list in the design (open contracting data flags fitted to a
shop); none of them is a rule of law, and their numbers are this program's own defaults.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.errors import NotFound, OwnOrganisation, WrongState
from kernel.terms import DAYS
from marketplace.oversight.models import (
    FlagRule,
    FlagStatus,
    FlagTermCode,
    Measure,
    RedFlag,
)
from registry.organisations.models import OrganisationId


@dataclass(frozen=True, slots=True)
class Yardstick:
    """In which unit a rule measures, by which terms, and what innocent thing it may be."""

    measure: Measure
    doubt: str
    terms: tuple[FlagTermCode, ...] = ()


YARDSTICKS: Mapping[FlagRule, Yardstick] = MappingProxyType(
    {
        FlagRule.PRICE_ABOVE: Yardstick(
            Measure.FEN,
            "同类只按品类和计量单位比较：有机、精包装或稀有品种本来就贵。 / Like goods share only a"
            " category and a unit: organic, packed or rare kinds cost more for good reason.",
            (FlagTermCode.PRICE_ABOVE_BP, FlagTermCode.LIKE_SUPPLIERS),
        ),
        FlagRule.PRICE_BELOW: Yardstick(
            Measure.FEN,
            "清仓、大量采购或次级品可以便宜。 / Clearance, bulk and lower grades may be cheap.",
            (FlagTermCode.PRICE_BELOW_BP, FlagTermCode.LIKE_SUPPLIERS),
        ),
        FlagRule.PRICE_JUMP: Yardstick(
            Measure.FEN,
            "换季、受灾或更正录入错误都会使价格突变。 / Seasons, disasters and corrected mistakes"
            " move prices too.",
            (FlagTermCode.PRICE_JUMP_BP, FlagTermCode.PRICE_JUMP_DAYS),
        ),
        FlagRule.IDENTICAL_PRICES: Yardstick(
            Measure.NUMBER,
            "政府指导价或行业统一价会使价格相同。 / A guided or agreed regional price makes prices"
            " the same.",
            (FlagTermCode.SAME_PRICE_SUPPLIERS, FlagTermCode.PLAIN_PRICE_FEN),
        ),
        FlagRule.BEYOND_CAPACITY: Yardstick(
            Measure.BASIS_POINTS,
            "丰年增产、批次重复录入后未冲销也会超出。 / A good year, or a lot entered twice and not"
            " yet adjusted, passes it as well.",
            (FlagTermCode.CAPACITY_OVER_BP,),
        ),
        FlagRule.OUT_OF_SEASON: Yardstick(
            Measure.MONTH,
            "大棚、冷藏或新品种可在季外上市；商品的供应月份也可能未更新。 / Greenhouses, cold"
            " stores and new kinds sell out of season; or the listing's months are out of date.",
        ),
        FlagRule.HOUSEHOLD_TWICE: Yardstick(
            Measure.NUMBER,
            "农户可以向两家合作社交售同类产品，只要数量合得上。 / A household may sell like produce"
            " to two cooperatives, as long as the quantities are possible.",
        ),
        FlagRule.NEAR_THRESHOLD: Yardstick(
            Measure.NUMBER,
            "固定菜单会使订单金额相近。 / A fixed menu gives orders of much the same amount.",
            (FlagTermCode.NEAR_THRESHOLD_BP, FlagTermCode.NEAR_THRESHOLD_ORDERS),
        ),
        FlagRule.SPLIT_ORDERS: Yardstick(
            Measure.FEN,
            "每日配送的鲜活产品本来就分单下达。 / Fresh goods for each day are ordered day by day.",
        ),
        FlagRule.ROUND_AMOUNTS: Yardstick(
            Measure.NUMBER,
            "按套餐或按人头定额采购会得到整数。 / Sets and fixed sums a head come to round"
            " amounts.",
            (FlagTermCode.ROUND_FEN, FlagTermCode.ROUND_ORDERS),
        ),
        FlagRule.CONCENTRATION: Yardstick(
            Measure.BASIS_POINTS,
            "偏远单位附近可能只有一家供应商。 / A remote unit may have one supplier within reach.",
            (
                FlagTermCode.CONCENTRATION_BP,
                FlagTermCode.CONCENTRATION_ORDERS,
                FlagTermCode.CONCENTRATION_FEN,
            ),
        ),
        FlagRule.NEW_SUPPLIER: Yardstick(
            Measure.FEN,
            "老供应商更名或合并后会以新主体出现。 / An old supplier comes back as a new body after"
            " a merger.",
            (FlagTermCode.NEW_SUPPLIER_FEN, FlagTermCode.NEW_SUPPLIER_DAYS),
        ),
        FlagRule.YEAR_END_RUSH: Yardstick(
            Measure.BASIS_POINTS,
            "年货和冬季产品集中在十二月。 / New Year goods and winter produce fall in December.",
            (FlagTermCode.YEAR_END_BP, FlagTermCode.YEAR_END_FEN),
        ),
        FlagRule.SHARED_ACCOUNT: Yardstick(
            Measure.NUMBER,
            "合并后的主体可沿用原账户。 / A merged body may keep the account of the old one.",
        ),
        FlagRule.RELATED_PARTIES: Yardstick(
            Measure.NUMBER,
            "驻村干部可能同时协助双方。 / A resident cadre may help both sides.",
        ),
        FlagRule.CIRCULAR_TRADE: Yardstick(
            Measure.FEN,
            "学校农场等单位既买也卖。 / A school with a farm both buys and sells.",
        ),
        FlagRule.ORIGIN_APART: Yardstick(
            Measure.FACT,
            "合作社可以跨县建基地。 / A cooperative may grow across its county's border.",
        ),
        FlagRule.LAPSED_CERTIFICATE: Yardstick(
            Measure.FACT,
            "证书失效前已确认的订单允许继续发货。 / Orders confirmed before the lapse may still be"
            " shipped.",
        ),
        FlagRule.ACCEPTED_AT_ONCE: Yardstick(
            Measure.MINUTES,
            "本地配送或补录发货时间很短。 / Goods from next door, or a shipment entered late.",
            (FlagTermCode.ACCEPTED_MINUTES,),
        ),
        FlagRule.ALWAYS_EXACT: Yardstick(
            Measure.NUMBER,
            "定量包装的产品不会有磅差。 / Goods packed by weight show no difference on the scale.",
            (FlagTermCode.EXACT_RECEIPTS,),
        ),
        FlagRule.PHOTO_REUSED: Yardstick(
            Measure.NUMBER,
            "一张照片可能拍下同车的几份订单。 / One picture may show several orders of one lorry.",
        ),
        FlagRule.NEVER_ACCEPTED: Yardstick(
            Measure.DAYS,
            "多批次订单可能尚待下一批。 / An order in parts may wait for the next.",
            (FlagTermCode.UNACCEPTED_DAYS,),
        ),
        FlagRule.INVOICE_ABOVE_GOODS: Yardstick(
            Measure.FEN,
            "退货后的红字发票可能尚未开具。 / The credit note for the returned may be on its way.",
            (FlagTermCode.INVOICE_FEN,),
        ),
        FlagRule.INVOICE_MISSING: Yardstick(
            Measure.FEN,
            "发票可能已在系统外开具。 / The invoice may have been issued outside this system.",
            (FlagTermCode.INVOICE_DAYS, FlagTermCode.INVOICE_FEN),
        ),
        FlagRule.REFUND_AFTER_CLOSE: Yardstick(
            Measure.FEN,
            "质量问题可能在次年才发现。 / Bad goods may only be found in the next year.",
        ),
        FlagRule.UNLISTED_HOUSEHOLD: Yardstick(
            Measure.FEN,
            "已退出的农户仍可正常交售，只是不再计入受益对象。 / A household that has exited may go"
            " on selling; it only counts no longer as one that is helped.",
        ),
    }
)


def window(terms: Mapping[FlagTermCode, int], *, now: datetime) -> dict[str, Any]:
    """Give what a search is asked with: the instants and the numbers in force."""
    since = now - timedelta(days=terms[FlagTermCode.WINDOW_DAYS])
    return {
        **{code.value: number for code, number in terms.items()},
        "now": now,
        "since": since,
        "year": shanghai_year(now),
    }


LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"bp": (0, 1_000_000), "fen": (1, 10**12), "days": DAYS, "minutes": (1, 100_000)}
)
"""By the end of a number's name: the least and the most that a search can be asked with."""
COUNTS = (1, 1_000_000)


def limits_of(code: FlagTermCode) -> tuple[int, int]:
    """Give the least and the most that a number may be."""
    return LIMITS.get(code.rpartition("_")[2], COUNTS)


def check_open(flag: RedFlag) -> None:
    """Refuse a flag that was decided on (WrongState)."""
    if flag.status is not FlagStatus.OPEN:
        raise WrongState(state=flag.status, wanted=FlagStatus.OPEN)


def check_foreign(parties: Collection[OrganisationId], *, by: Actor) -> None:
    """Let nobody decide on what concerns their own organisation (OwnOrganisation)."""
    if by.organisation_id in parties:
        raise OwnOrganisation


def check_buyer(buyers: Collection[OrganisationId], unit_id: OrganisationId) -> None:
    """Refuse a unit that a flag does not concern as a buyer (NotFound)."""
    if unit_id not in buyers:
        raise NotFound
