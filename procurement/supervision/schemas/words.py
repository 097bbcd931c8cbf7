"""How figures of a circular are said in Chinese: yuan, rates made of amounts, standings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kernel.money import Fen
from procurement.completion.rules.figures import completion_rate
from procurement.supervision.models.circulars import PeriodKind
from procurement.supervision.models.standings import Standing

STANDINGS: Mapping[Standing, str] = {
    Standing.NOT_ACTIVATED: "未激活",
    Standing.NOT_FILED: "未填报",
    Standing.RETURNED: "填报被退回",
    Standing.UNCONFIRMED: "填报待确认",
    Standing.NO_DUTY: "无预留任务",
    Standing.BOUGHT_NOTHING: "未采购",
    Standing.BEHIND: "进度滞后",
    Standing.UNMET: "未完成",
    Standing.ON_TRACK: "正常",
}
FEN_PER_YUAN = 100


def yuan(amount: int) -> str:
    """Say an amount of fen in yuan, `61,840.00`."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{rest:02d}"


def rate(line: Mapping[str, Any]) -> str:
    """Say how much of what was reserved was reached, `131.11%`; words where nothing was."""
    found = completion_rate(Fen(line["counted_fen"]), Fen(line["reserved_fen"]))
    if found is None:
        standing = line.get("standing")
        return STANDINGS[Standing(standing)] if standing else "无预留任务"
    return f"{found * 100:.2f}%"


def share(part: int, whole: int) -> str:
    """Say what part of a number another is, `99.82%`; a dash where there is none."""
    if whole <= 0:
        return "—"
    found = (Decimal(part * 100) / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{found}%"


def period(contents: Mapping[str, Any]) -> str:
    """Say the period, `2026年第三季度`."""
    found = contents["period"]
    year, number = found["year"], found["number"]
    match PeriodKind(found["kind"]):
        case PeriodKind.MONTH:
            return f"{year}年1至{number}月" if number > 1 else f"{year}年1月"
        case PeriodKind.QUARTER:
            return f"{year}年第{'一二三四'[number - 1]}季度"
        case PeriodKind.YEAR:
            return f"{year}年度"


def title(contents: Mapping[str, Any]) -> str:
    """Say what the circular is of."""
    return (
        f"关于{contents['region']['name']}{period(contents)}预留份额采购脱贫地区农副产品情况的通报"
    )
