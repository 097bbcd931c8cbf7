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


class BankAccountTaken(Conflict):
    """The account is known already."""

    zh = "该银行账号已登记，请先停用原账户。"
    en = "This account number is registered already; close that account first."


class BankAccountClosed(Conflict):
    """No statement is read for an account that was closed."""

    zh = "该银行账户已停用，不能再导入流水。"
    en = "This account is closed; its statements are no longer read."


class WrongBankAccount(Unacceptable):
    """The line is of another account than the statement is handed in for."""

    zh = "该行不是本账户的流水，请核对本方账号。"
    en = "This line is not of the account that the statement is handed in for."


class StatementAmount(Unacceptable):
    """A line says either what came in or what went out."""

    zh = "收入与支出金额须填且只填一项，且不为零。"
    en = "A line has either an amount in or an amount out, and it is not zero."


class MatchExceedsLine(Conflict):
    """More is matched than the line has left."""

    zh = "超出该笔流水的余额：尚余 {left_fen:yuan}，本次 {wanted_fen:yuan}。"
    en = "Over what the line has left: {left_fen:yuan}, and {wanted_fen:yuan} is wanted."


class LineReversed(Conflict):
    """The line was taken back by another one already."""

    zh = "该笔流水已被冲正。"
    en = "Another line has taken this one back already."


class ReversalUnfit(Conflict):
    """The lines do not belong together: another account, or another amount."""

    zh = "冲正与原流水不符：须同一账户且金额相抵。"
    en = "The reversal does not fit the line: it wants the same account and the opposite amount."


class RefundMissing(Conflict):
    """What the line paid was not refunded yet."""

    zh = "该笔流水已认领 {wanted_fen:yuan}，请先办理退款（已退 {refunded_fen:yuan}）。"
    en = "The line paid {wanted_fen:yuan}; refund that first ({refunded_fen:yuan} went back)."


class FundsShort(Conflict):
    """More would be paid out to a seller than lies there for it."""

    zh = "可付余额不足：本次 {wanted_fen:yuan}，请重新生成清单。"
    en = "Not so much lies there for the seller: {wanted_fen:yuan}; draw the list up again."


class NothingToRemit(Conflict):
    """No seller has both money to be paid out and an open account."""

    zh = "没有可付款的供应商：无可付余额，或未登记收款账户。"
    en = "There is nobody to pay: no money lies there, or no account is registered."


class InvoiceExceeds(Conflict):
    """More would be billed than was accepted, or taken back than was billed."""

    zh = "超出可开票（或可红冲）金额：尚余 {left_fen:yuan}，本次 {wanted_fen:yuan}。"
    en = "Over what is left to bill or to take back: {left_fen:yuan}, {wanted_fen:yuan} wanted."


class NothingToInvoice(Conflict):
    """Nothing is left to be billed or taken back."""

    zh = "没有可开票的金额：货物尚未验收，或已全部开票。"
    en = "Nothing is left to bill: nothing was accepted yet, or all of it was billed."


class InvoiceNumberTaken(Conflict):
    """The seller has issued a paper of this number."""

    zh = "该发票号码已使用。"
    en = "The seller has used this invoice number."


class PaidTogether(Conflict):
    """The payment is one of a treasury order's: they are paid together or not at all."""

    zh = "该笔付款属于国库集中支付令，须整批确认或撤销。"
    en = "This payment is one of a treasury order; they are confirmed or called off together."


class VoucherTaken(Conflict):
    """Another treasury order was paid by this voucher."""

    zh = "该国库支付凭证号已使用。"
    en = "Another treasury order was paid by this voucher."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_purchase_order_paid": AmountExceedsDue,
    "ck_purchase_order_refunded": RefundExceedsPaid,
    "ck_payment_refunded": RefundExceedsPaid,
    "ck_payment_author_apart": SamePerson,
    "ck_payment_approver_apart": SamePerson,
    "ck_payment_payer_apart": SamePerson,
    "ck_refund_author_apart": SamePerson,
    "uq_bank_account_number": BankAccountTaken,
    "ck_bank_line_placed": MatchExceedsLine,
    "uq_bank_line_reverses": LineReversed,
    "ck_seller_funds_covered": FundsShort,
    "ck_remittance_hands": SamePerson,
    "uq_invoice_seller_number": InvoiceNumberTaken,
    "ck_invoice_credited": InvoiceExceeds,
    "uq_treasury_order_voucher": VoucherTaken,
    "ck_treasury_order_hands": SamePerson,
}
