"""What applications do when the notice they wait for moves."""

from __future__ import annotations

from datetime import datetime

from certification.applications.commands import turns
from registry.events import NoticeExtended


def follow_notice(event: NoticeExtended, *, now: datetime) -> None:
    """Give the decision after the notice its later day."""
    turns.follow_notice(event.notice_id, now=now)
