"""Refusals of lots."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, Unacceptable


class StockShort(Conflict):
    """The listing's lots have not that much left."""

    zh = "库存不足：“{title}”可用 {available} {unit}，本次需要 {wanted} {unit}。"
    en = "Short of stock: “{title}” has {available} {unit} left, {wanted} {unit} wanted."


class LotExpired(Conflict):
    """The lot is past its last day; other goods have to be sent."""

    zh = "批次 {number} 已过保质期，不能发货。"
    en = "The lot {number} is past its last day and cannot be shipped."


class HouseholdNotLinked(Unacceptable):
    """No benefit link in force joins this household and the cooperative."""

    zh = "该农户与本社没有有效的利益联结，不能计入批次。"
    en = "This household has no benefit link in force with the cooperative."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_lot_stock": StockShort,
}
