"""Refusals of supervision."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, OwnOrganisation, Refusal, SamePerson, Unacceptable


class MatterExists(Conflict):
    """One matter of a kind is under way for a unit and a year, not two."""

    zh = "该单位本年度同类事项正在督办，请在原事项中继续办理。"
    en = "A matter of that kind is under way for the unit and year; go on with it."


class TalkPending(Conflict):
    """A talk that was called is held before another is called."""

    zh = "已有约谈尚未进行，请先记录约谈结果。"
    en = "A talk was called and not yet held; record it first."


class NoTalkCalled(Conflict):
    """Only a talk that was called is held."""

    zh = "尚未通知约谈，不能记录约谈结果。"
    en = "No talk was called; there is nothing to record."


class PeriodNotOver(Conflict):
    """A circular looks back: its period has ended."""

    zh = "统计期尚未结束（{ends_on} 结束），不能生成通报。"
    en = "The period is not over (it ends on {ends_on}); no circular can be drawn up."


class CircularIssued(Conflict):
    """A period has one circular that is out."""

    zh = "该地区本期通报已印发，如需更正请先撤回。"
    en = "A circular of that region and period is out; withdraw it to correct it."


class NoSupervisionTerms(Conflict):
    """No terms of supervision hold there on that day."""

    zh = "该地区当日没有生效的督办规则。"
    en = "No terms of supervision hold there on that day."


class PeriodUnfit(Unacceptable):
    """A year has twelve months and four quarters."""

    zh = "统计期不存在：月度为 1–12，季度为 1–4，年度为 1。"
    en = "There is no such period: months are 1 to 12, quarters 1 to 4, the year is 1."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_supervision_matter_open": MatterExists,
    "uq_supervision_talk_pending": TalkPending,
    "ck_supervision_matter_closer": SamePerson,
    "ck_supervision_matter_foreign": OwnOrganisation,
    "uq_circular_issued": CircularIssued,
    "ck_circular_issuer": SamePerson,
    "ck_circular_period": PeriodUnfit,
}
