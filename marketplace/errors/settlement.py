"""Refusals of settlement."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


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


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_purchase_order_paid": AmountExceedsDue,
    "ck_purchase_order_refunded": RefundExceedsPaid,
    "ck_payment_refunded": RefundExceedsPaid,
    "ck_payment_author_apart": SamePerson,
    "ck_payment_approver_apart": SamePerson,
    "ck_payment_payer_apart": SamePerson,
    "ck_refund_author_apart": SamePerson,
}
