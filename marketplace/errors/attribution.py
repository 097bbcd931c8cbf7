"""Refusals of attribution."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class RuleBackdated(Unacceptable):
    """A split rule begins today or later: what was agreed for past orders stands."""

    zh = "分配规则最早自今日（{today}）起生效，不能追溯。"
    en = "A split rule begins today ({today}) or later, never in the past."


class SplitRuleRaced(Conflict):
    """Somebody else recorded a version of this rule at the same moment."""

    zh = "他人刚刚登记了同一规则的新版本，请刷新后重试。"
    en = "Somebody else has just recorded a version of this rule; look again."


class PayoutListOpen(Conflict):
    """A cooperative draws up one payout list at a time."""

    zh = "本社已有一份待签发的发放清单，请先签发或作废。"
    en = "There is a payout list still to be issued or called off."


class NothingToPayOut(Conflict):
    """No household has money that is split and not yet on a list."""

    zh = "没有待发放的农户款项。"
    en = "No household has money to be paid out."


class CodeWrong(Conflict):
    """The number or the code is not right, or the code is used up."""

    zh = "发放编号或确认码不正确，或确认码已失效；请向村干部重新领取。"
    en = "The number or the code is wrong, or the code is used up; ask the village for a new one."


class StatementCodeWrong(Conflict):
    """The household's number or its code is not right, or the code is used up."""

    zh = "农户编号或查询码不正确，或查询码已失效；请向村干部重新领取。"
    en = "The number or the code is wrong, or the code is used up; ask the village for a new one."


class QuestionOpen(Conflict):
    """A household has one question at a time that waits for an answer."""

    zh = "您上次提出的问题还没有答复，答复后才能再提。"
    en = "What you asked last waits for an answer; ask again after it."


class BelowVolumeFloor(Unacceptable):
    """At least 60 % of the distributable surplus goes back by volume traded."""

    zh = "按交易量返还不得低于可分配盈余的 60%：至少 {floor_fen:yuan}，本次 {given_fen:yuan}。"
    en = (
        "At least 60% of the surplus goes back by volume traded:"
        " {floor_fen:yuan} at least, {given_fen:yuan} given."
    )


class NobodyTraded(Conflict):
    """There is nobody to divide a surplus over."""

    zh = "{year} 年没有可分配的成员交易量或股份。"
    en = "Nobody traded with the cooperative or holds a share in {year}."


class SurplusDivided(Conflict):
    """A year's surplus is divided once."""

    zh = "该年度盈余已有分配方案。"
    en = "The surplus of this year is already being divided."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_split_rule_version": SplitRuleRaced,
    "uq_payout_list_draft": PayoutListOpen,
    "uq_payout_item_attribution_share": PayoutListOpen,
    "uq_payout_item_surplus_share": PayoutListOpen,
    "uq_household_question_open": QuestionOpen,
    "ck_payout_list_apart": SamePerson,
    "ck_payout_line_payer_apart": SamePerson,
    "ck_surplus_run_by_volume": BelowVolumeFloor,
    "uq_surplus_run_year": SurplusDivided,
    "uq_surplus_run_share_asset": SurplusDivided,
    "ck_surplus_run_apart": SamePerson,
}
