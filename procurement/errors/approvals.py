"""Refusals of approvals."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, TermTaken, Unacceptable


class ThresholdBackdated(Unacceptable):
    """A threshold begins today or later; what was decided under the old one stands."""

    zh = "审批限额不能早于今日（{today}）生效。"
    en = "An approval threshold cannot begin before today ({today})."


class DelegationUnfit(Unacceptable):
    """An approver delegates to a colleague of the same unit, from today or later, for a time."""

    zh = "只能委托本单位其他在用账号，且起止日期须自今日起、不超过 92 天。"
    en = "Delegate to a colleague of the unit, from today or later, for 92 days at most."


class DelegationExists(Conflict):
    """An approver has one delegate at a time."""

    zh = "该期间已有委托，请先撤销。"
    en = "There is a delegation for that time already; revoke it first."


class ApprovalStepTaken(Conflict):
    """Each step of an approval is taken once."""

    zh = "该审批步骤已有人办理，请刷新后重试。"
    en = "Somebody has taken this step of the approval already; look again."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ex_approval_delegation_period": DelegationExists,
    "ck_approval_delegation_apart": SamePerson,
    "uq_approval_step_order_position": ApprovalStepTaken,
    "uq_approval_step_order_by_user": SamePerson,
    "uq_approval_step_order_right_of": SamePerson,
    "ck_approval_step_author_apart": SamePerson,
    "uq_approval_term_code_from_on": TermTaken,
}
