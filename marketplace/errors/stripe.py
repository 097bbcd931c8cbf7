"""Refusals of payments by Stripe."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Malformed, Refusal


class StripeDecides(Conflict):
    """Whether this money came is said by Stripe, by nobody else."""

    zh = "该款项由 Stripe 确认到账，无需也不能人工确认。"
    en = "Stripe says whether this money came; nobody confirms it by hand."


class TransferExceedsKept(Conflict):
    """A transfer to the seller above what came and stayed."""

    zh = "超出可转付金额：尚可转付 {left_fen:yuan}，本次 {wanted_fen:yuan}。"
    en = "Over what can be passed on: {left_fen:yuan} is left, {wanted_fen:yuan} wanted."


class AccountMissing(Conflict):
    """The seller has no account at Stripe that could be paid."""

    zh = "该供应商尚未登记 Stripe 收款账户。"
    en = "The seller has no account at Stripe yet."


class AccountTaken(Conflict):
    """The account at Stripe is another seller's."""

    zh = "该 Stripe 账户已登记在其他供应商名下。"
    en = "This account at Stripe is another seller's."


class EventRefused(Malformed):
    """What was sent is not proved to be an event of Stripe about a payment of ours."""

    zh = "该通知未通过校验（{reason}）。"
    en = "The notification does not check ({reason})."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_stripe_account_account_id": AccountTaken,
}
