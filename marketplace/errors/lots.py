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


class ContributionPaid(Conflict):
    """The contribution was paid already, or nobody paid what is to be taken back."""

    zh = "该交售记录已标记付款，或尚未付款。"
    en = "This contribution was marked as paid already, or was not paid."


class AdjustmentCorrected(Conflict):
    """A loss is taken back once."""

    zh = "该损耗记录已更正。"
    en = "This loss was taken back already."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_lot_stock": StockShort,
    "uq_contribution_payment_step": ContributionPaid,
    "uq_lot_adjustment_reverses_id": AdjustmentCorrected,
}
