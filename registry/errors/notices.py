"""Every refusal of registry.notices."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal


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


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_notice_subject": NoticeExists,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
