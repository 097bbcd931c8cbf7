"""Whose turn an application is, until when, and what each act leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from certification.applications.models import Application, ApplicationStatus
from certification.applications.queries.applications import lock_by_notice
from certification.applications.queries.contents import get_scheme_of
from certification.applications.rules import chain
from certification.criteria.models import ReviewLevel
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import ONE_DAY, shanghai_day
from kernel.database import db
from registry.notices.queries import get_notice, list_calendar_overrides


def become(application: Application, status: ApplicationStatus, *, now: datetime) -> None:
    """Move an application on and say whose turn it is now, and until when.

    The days of a level begin on the day the turn came to it; those of the decision after the
    notice on the notice's last day.
    """
    application.status, application.updated_at = status, now
    scheme = get_scheme_of(SYSTEM, application)
    place = chain.waiting_place(
        status, scheme.levels, origin_region_code=application.origin_region_code
    )
    level = chain.next_level(status, scheme.levels)
    application.waiting_region_code = place
    application.due_on = None
    if place is not None and level is not None:
        application.due_on = chain.due_day(
            scheme,
            level,
            since=_since(application, level, now=now),
            overrides=list_calendar_overrides(SYSTEM),
        )


def follow_notice(notice_id: UUID, *, now: datetime) -> None:
    """Give the decision after a notice that was extended its later day."""
    application = lock_by_notice(SYSTEM, notice_id)
    if application is not None and application.status is ApplicationStatus.IN_NOTICE:
        become(application, ApplicationStatus.IN_NOTICE, now=now)
        leave_trace("follow_notice", application, by=SYSTEM, now=now)


def leave_trace(
    action: str,
    application: Application,
    *,
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    audit.write(
        action,
        subject=("application", application.id),
        by=by,
        now=now,
        before=before,
        after={"status": application.status} if after is None else after,
    )


def _since(application: Application, level: ReviewLevel, *, now: datetime) -> date:
    if level is ReviewLevel.NOTICE and application.notice_id is not None:
        return get_notice(SYSTEM, application.notice_id).closes_on - ONE_DAY
    return shanghai_day(now)
