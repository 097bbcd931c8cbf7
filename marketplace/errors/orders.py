"""Refusals of orders."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class UnitEnded(Conflict):
    """The unit was merged or abolished: one buys for what took its place, if anything did."""

    zh = "采购单位已于 {ended_on} 合并或撤销，不能再下单；承接单位：{successor}。"
    en = "The unit ended on {ended_on}; nothing is ordered for it. Its successor: {successor}."


class QuantityOffStep(Unacceptable):
    """The quantity is no multiple of the listing's step."""

    zh = "数量 {quantity} 不是起订步长 {step} 的整数倍。"
    en = "The quantity {quantity} is not a multiple of the step {step}."


class PaymentTermTooLong(Unacceptable):
    """The days in which sellers are paid are more than the law lets be agreed."""

    zh = "约定的付款期限 {wanted_days} 日超过规定的最长 {longest_days} 日（{source}）。"
    en = "A payment term of {wanted_days} days is above the longest of {longest_days} ({source})."


class SeveralSuppliers(Unacceptable):
    """An order has one supplier."""

    zh = "一张订单只能包含同一供应商的商品，请分开下单。"
    en = "An order has one supplier; place one order for each."


class PlotNotAdopted(Unacceptable):
    """Commissioned farming is ordered by adopting a plot, whose terms the order then has."""

    zh = "代耕代种订单由认养地块生成，请先选择合作社发布的地块。"
    en = "Commissioned farming is ordered by adopting a plot that a cooperative offers."


class DedicationMissing(Unacceptable):
    """A purchase instead of a donation names the villages or households it is for."""

    zh = "以购代捐订单必须注明帮扶的村或户。"
    en = "A purchase instead of a donation must name the villages or households it is for."


class DedicationUnexpected(Unacceptable):
    """Only a purchase instead of a donation is for somebody."""

    zh = "只有以购代捐订单可以注明帮扶对象。"
    en = "Only a purchase instead of a donation may name whom it is for."


class DedicationUnfit(Unacceptable):
    """A village or household is not in the register, or not linked to any of the suppliers."""

    zh = "帮扶对象（{named}）不在册，或与所购商品的供应商没有有效的联农带农关系。"
    en = "{named} is not in the register, or has no link in force with a supplier of the goods."


class StockUnpaid(Unacceptable):
    """A purchase instead of a sale is paid for first: whoever buys carries the risk of the sale."""

    zh = "以购代销订单须先付款：由采购方买断，不得代销。"
    en = "A purchase instead of a sale is paid first: the goods are bought, not consigned."


class YearNotOpen(Unacceptable):
    """Orders are bound to the running year."""

    zh = "只能下本年度（{open_year}）的订单，不能下 {year} 年度的订单。"
    en = "Orders are for the running year {open_year}, not for {year}."


class RebindingUnfit(Unacceptable):
    """An order is re-bound to another living unit that buys."""

    zh = "只能改绑到另一个存续的采购单位。"
    en = "An order can only be re-bound to another living purchasing unit."


class ApplicationMissing(Unacceptable):
    """A shipped order is re-bound on a written application."""

    zh = "已发货订单改绑须上传书面申请。"
    en = "Re-binding an order that was shipped needs the written application."


class RebindingOpen(Conflict):
    """An order has one application at a time."""

    zh = "该订单已有待处理的改绑申请。"
    en = "There is an open application to re-bind this order."


class ExtendedBefore(Conflict):
    """A pay-first order gets more time once."""

    zh = "该订单已延期过一次，不能再次延期。"
    en = "This order was extended once already and cannot be extended again."


class FreightRaised(Conflict):
    """The buyer signed for so much freight and no more."""

    zh = (
        "运费只能调低：买方已按 {agreed_fen:yuan} 签署，不能改为 {wanted_fen:yuan}；"
        "如需调高，请由买方改单。"
    )
    en = (
        "Freight can only be lowered: the buyer signed for {agreed_fen:yuan},"
        " not {wanted_fen:yuan}."
    )


class ReplacedBefore(Conflict):
    """One order takes the place of an order."""

    zh = "该订单已改单，不能重复改单。"
    en = "Another order took the place of this one already."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_purchase_order_replaces": ReplacedBefore,
    "uq_rebinding_open": RebindingOpen,
    "ck_rebinding_apart": SamePerson,
    "ck_purchase_order_author_apart": SamePerson,
    "ck_purchase_order_decided_for": SamePerson,
}
