"""Refusals about bank accounts and the lines of their statements."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, Unacceptable


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


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_bank_account_number": BankAccountTaken,
    "ck_bank_line_placed": MatchExceedsLine,
    "uq_bank_line_reverses": LineReversed,
}
