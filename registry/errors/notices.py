"""Every refusal of registry.notices."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, OwnOrganisation, Refusal, SamePerson, Unacceptable


class NoticeRunning(Conflict):
    """The notice's working days are not over."""

    zh = "公示尚未期满：{closes_on} 起方可作出决定。"
    en = "The notice is still running: no decision before {closes_on}."


class NoticeClosed(Conflict):
    """The notice's working days are over; objections are no longer taken."""

    zh = "公示已于 {closes_on} 期满，不再受理异议。"
    en = "The notice closed on {closes_on}; objections are no longer taken."


class NoticeExists(Conflict):
    """The subject is on notice already."""

    zh = "该事项已在公示中。"
    en = "This matter is already on public notice."


class ObjectionOpen(Conflict):
    """Somebody objected and has no answer yet."""

    zh = "尚有 {count} 项异议未答复，不能作出决定。"
    en = "{count} objections wait for a reply; no decision before that."


class ObjectionAnswered(Conflict):
    """An objection is answered once."""

    zh = "该异议已答复。"
    en = "This objection has already been answered."


class MatterClosed(Conflict):
    """The matter of the notice is decided or withdrawn; the archive stays as it is."""

    zh = "该公示事项已办结，不再受理异议。"
    en = "The matter of this notice is closed; objections are no longer taken."


class ContactInText(Unacceptable):
    """The text for the public would tell who objected."""

    zh = "公开文本中含有异议人的联系方式，请先遮盖。"
    en = "The text for the public carries the objector's contact; mask it first."


class PostingEarly(Unacceptable):
    """A board cannot carry a notice before it opens, nor on a day to come."""

    zh = "张贴日期须在 {opens_on} 至今日之间。"
    en = "A notice is posted between {opens_on} and today."


class NoticeRuleOverlaps(Unacceptable):
    """A later rule is in force already; a new one begins after it and after today."""

    zh = "新的公示规则须晚于 {in_force_from_on} 起施行。"
    en = "A new rule for notices begins after {in_force_from_on}."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_notice_subject": NoticeExists,
        "uq_notice_rule_begin": NoticeRuleOverlaps,
        "uq_notice_extension_objection": ObjectionAnswered,
        "uq_notice_outcome_notice": MatterClosed,
        "ck_objection_author": SamePerson,
        "ck_objection_own_organisation": OwnOrganisation,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
