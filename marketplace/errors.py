"""Every refusal of trade.

Refusal
├── Conflict
│   ├── SupplierEnded           the supplier was merged or abolished
│   ├── UnitEnded               the unit the order is for was merged or abolished
│   ├── ListingNotListed        the product is not on sale (draft, taken down or blocked)
│   ├── StockShort              the listing's lots have not that much left
│   ├── LotExpired              the lot is past its last day
│   ├── AmountExceedsDue        a payment above what the order may still be paid
│   ├── RebindingOpen           an order has one application to re-bind at a time
│   └── RefundExceedsPaid       a refund above what is left of the money that came
└── Unacceptable
    ├── QuantityOffStep         the quantity is no multiple of the listing's step
    ├── SeveralSuppliers        an order has one supplier
    ├── KindNotOffered          orders of this kind cannot be placed yet
    ├── DedicationMissing       a purchase instead of a donation names whom it is for
    ├── DedicationUnexpected    only a purchase instead of a donation is for somebody
    ├── YearNotOpen             orders are bound to the running year
    ├── HouseholdNotLinked      no benefit link in force with this household
    ├── OverShipped             more than the line has left to ship
    ├── OverReceived            more than was shipped and not yet received
    ├── ReasonMissing           a rejection says why
    ├── RebindingUnfit          an order is re-bound to another living unit that buys
    ├── ApplicationMissing      a shipped order is re-bound on a written application
    └── PaymentMethodUnavailable  this way of paying is not offered yet
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class ListingNotListed(Conflict):
    """The product is not on sale."""

    zh = "商品“{title}”未上架（{status}）。"
    en = "“{title}” is not on sale ({status})."


class SupplierEnded(Conflict):
    """The supplier was merged or abolished: it takes no new orders."""

    zh = "商品“{title}”的供应商已于 {ended_on} 合并或撤销，不再接受新订单。"
    en = "The supplier of “{title}” ended on {ended_on} and takes no new orders."


class UnitEnded(Conflict):
    """The unit was merged or abolished: one buys for what took its place, if anything did."""

    zh = "采购单位已于 {ended_on} 合并或撤销，不能再下单；承接单位：{successor}。"
    en = "The unit ended on {ended_on}; nothing is ordered for it. Its successor: {successor}."


class StockShort(Conflict):
    """The listing's lots have not that much left."""

    zh = "库存不足：“{title}”可用 {available} {unit}，本次需要 {wanted} {unit}。"
    en = "Short of stock: “{title}” has {available} {unit} left, {wanted} {unit} wanted."


class LotExpired(Conflict):
    """The lot is past its last day; other goods have to be sent."""

    zh = "批次 {number} 已过保质期，不能发货。"
    en = "The lot {number} is past its last day and cannot be shipped."


class QuantityOffStep(Unacceptable):
    """The quantity is no multiple of the listing's step."""

    zh = "数量 {quantity} 不是起订步长 {step} 的整数倍。"
    en = "The quantity {quantity} is not a multiple of the step {step}."


class SeveralSuppliers(Unacceptable):
    """An order has one supplier."""

    zh = "一张订单只能包含同一供应商的商品，请分开下单。"
    en = "An order has one supplier; place one order for each."


class KindNotOffered(Unacceptable):
    """Orders of this kind cannot be placed yet."""

    zh = "暂不受理此类订单（{kind}）。"
    en = "Orders of this kind cannot be placed yet ({kind})."


class DedicationMissing(Unacceptable):
    """A purchase instead of a donation names the villages or households it is for."""

    zh = "以购代捐订单必须注明帮扶的村或户。"
    en = "A purchase instead of a donation must name the villages or households it is for."


class DedicationUnexpected(Unacceptable):
    """Only a purchase instead of a donation is for somebody."""

    zh = "只有以购代捐订单可以注明帮扶对象。"
    en = "Only a purchase instead of a donation may name whom it is for."


class YearNotOpen(Unacceptable):
    """Orders are bound to the running year."""

    zh = "只能下本年度（{open_year}）的订单，不能下 {year} 年度的订单。"
    en = "Orders are for the running year {open_year}, not for {year}."


class HouseholdNotLinked(Unacceptable):
    """No benefit link in force joins this household and the cooperative."""

    zh = "该农户与本社没有有效的利益联结，不能计入批次。"
    en = "This household has no benefit link in force with the cooperative."


class OverShipped(Unacceptable):
    """More than the line has left to ship."""

    zh = "超出未发货数量：剩余 {left}，本次 {wanted}。"
    en = "Over what is left to ship: {left} left, {wanted} given."


class OverReceived(Unacceptable):
    """More than was shipped and not yet received."""

    zh = "超出已发未收数量：剩余 {left}，本次 {wanted}。"
    en = "Over what was shipped and not yet received: {left} left, {wanted} given."


class ReasonMissing(Unacceptable):
    """A rejection says why."""

    zh = "拒收必须说明原因。"
    en = "A rejection needs a reason."


class AmountExceedsDue(Conflict):
    """A payment above what the order may still be paid."""

    zh = "超出应付金额：尚可支付 {due_fen:yuan}，本次 {wanted_fen:yuan}。"
    en = "Over what is due: {due_fen:yuan} may still be paid, {wanted_fen:yuan} wanted."


class RefundExceedsPaid(Conflict):
    """A refund above what is left of the money that came."""

    zh = "超出可退金额：可退 {refundable_fen:yuan}，本次 {wanted_fen:yuan}。"
    en = "Over what can go back: {refundable_fen:yuan} is left, {wanted_fen:yuan} wanted."


class PaymentMethodUnavailable(Unacceptable):
    """This way of paying is not offered yet."""

    zh = "暂未开通此支付方式（{method}），请使用银行转账或国库支付。"
    en = "This way of paying is not offered yet ({method}); use bank_transfer or treasury."


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


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_rebinding_open": RebindingOpen,
    "ck_rebinding_apart": SamePerson,
    "ck_lot_stock": StockShort,
    "ck_purchase_order_author_apart": SamePerson,
    "ck_purchase_order_decided_for": SamePerson,
    "ck_purchase_order_paid": AmountExceedsDue,
    "ck_purchase_order_refunded": RefundExceedsPaid,
    "ck_payment_refunded": RefundExceedsPaid,
    "ck_payment_author_apart": SamePerson,
    "ck_payment_approver_apart": SamePerson,
    "ck_payment_payer_apart": SamePerson,
    "ck_refund_author_apart": SamePerson,
    "ck_order_line_shipped": OverShipped,
    "ck_order_line_received": OverReceived,
}
"""Which refusal a constraint speaks when two requests meet between rule and row."""
