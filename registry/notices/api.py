"""Doors to public notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from kernel.visits import MADE
from registry.accounts.models import REVIEWERS, Role
from registry.notices import queries
from registry.notices.commands import notices as opening
from registry.notices.commands import objections, settings
from registry.notices.models import (
    CalendarDay,
    Notice,
    NoticeId,
    NoticePosting,
    NoticeRule,
    Objection,
    ObjectionId,
)
from registry.notices.queries import NoticeView
from registry.notices.rules import (
    CorrectedDay,
    NewNoticeRule,
    NewObjection,
    NewPosting,
    NewReply,
)
from registry.notices.schemas import (
    CALENDAR_DAYS,
    NOTICES,
    OBJECTIONS,
    CalendarDayIn,
    CalendarDayOut,
    ContactOut,
    NoticeDetailOut,
    NoticeOut,
    NoticeRuleIn,
    NoticeRuleListOut,
    NoticeRuleOut,
    NoticesQuery,
    ObjectionIn,
    ObjectionOut,
    ObjectionsQuery,
    PostingIn,
    PostingOut,
    PublicObjectionOut,
    PublishedIn,
    PurposeIn,
    ReplyIn,
)
from registry.regions.rules import subtree_prefix

notices = Blueprint("notices", __name__, url_prefix="/api/v1")
MOST_OBJECTIONS = "100 per hour"
"""How many objections one address may lodge."""


@notices.get("/notices")
@endpoint(
    notices,
    allow=PUBLIC,
    accepts=NoticesQuery(),
    location="query",
    returns=page_schema(NoticeOut),
)
def list_notices(query: dict[str, Any]) -> Page[Notice]:
    """List notices, the newest first."""
    return queries.list_notices(
        current_actor(),
        subject_kind=query["subject_kind"],
        subject_id=query["subject_id"],
        region_prefix=subtree_prefix(query["region"]),
        limit=query["limit"],
        cursor=query["cursor"],
    )


export_door(notices, "/notices/export", of=list_notices, sheet=NOTICES)


@notices.get("/notices/<uuid:notice_id>")
@endpoint(notices, allow=PUBLIC, returns=NoticeDetailOut())
def get(notice_id: UUID) -> NoticeView:
    """Give a notice with its objections and their answers."""
    return queries.get_notice_view(current_actor(), NoticeId(notice_id))


@notices.post("/notices/<uuid:notice_id>/objections")
@endpoint(
    notices,
    allow=PUBLIC,
    accepts=ObjectionIn(),
    returns=PublicObjectionOut(),
    status=201,
    rate=lambda: MOST_OBJECTIONS,
    counts=MADE,
)
def lodge(body: NewObjection, notice_id: UUID) -> Objection:
    """Object to a notice while it runs."""
    return objections.lodge_objection(
        NoticeId(notice_id), objection=body, by=current_actor(), now=clock.now()
    )


@notices.post("/notices/<uuid:notice_id>/postings")
@endpoint(notices, allow=REVIEWERS, accepts=PostingIn(), returns=PostingOut(), status=201)
def post_notice(body: NewPosting, notice_id: UUID) -> NoticePosting:
    """Say on which board the notice hangs, with a photo of it."""
    return opening.post_notice(
        NoticeId(notice_id), posting=body, by=current_actor(), now=clock.now()
    )


@notices.get("/notice-rules")
@endpoint(notices, allow=PUBLIC, returns=NoticeRuleListOut())
def list_rules() -> Mapping[str, Sequence[NoticeRule]]:
    """List the days for answers and extensions, with where they come from."""
    return {"items": queries.list_rules(current_actor())}


@notices.post("/notice-rules")
@endpoint(
    notices,
    allow=frozenset({Role.PLATFORM_ADMIN}),
    accepts=NoticeRuleIn(),
    returns=NoticeRuleOut(),
    status=201,
)
def adopt_rule(body: NewNoticeRule) -> NoticeRule:
    """Adopt the days of a kind of matter from a day to come."""
    return settings.adopt_notice_rule(body, by=current_actor(), now=clock.now())


@notices.get("/objections")
@endpoint(
    notices,
    allow=REVIEWERS,
    accepts=ObjectionsQuery(),
    location="query",
    returns=page_schema(ObjectionOut),
)
def list_objections(query: dict[str, Any]) -> Page[Objection]:
    """List the objections of the own region, the oldest first."""
    return queries.list_objections_in_sight(
        current_actor(), is_open=query["open"], limit=query["limit"], cursor=query["cursor"]
    )


export_door(notices, "/objections/export", of=list_objections, sheet=OBJECTIONS)


@notices.post("/objections/<uuid:objection_id>/reply")
@endpoint(notices, allow=REVIEWERS, accepts=ReplyIn(), returns=ObjectionOut())
def reply(body: NewReply, objection_id: UUID) -> Objection:
    """Answer an objection of the own region, once."""
    return objections.reply_to_objection(
        ObjectionId(objection_id), reply=body, by=current_actor(), now=clock.now()
    )


@notices.post("/notices/<uuid:notice_id>/objections/<uuid:objection_id>/reply")
@endpoint(notices, allow=REVIEWERS, accepts=ReplyIn(), returns=ObjectionOut())
def reply_below_notice(body: NewReply, notice_id: UUID, objection_id: UUID) -> Objection:
    """Answer an objection of the own region, by the longer address."""
    return objections.reply_to_objection(
        ObjectionId(objection_id),
        notice_id=NoticeId(notice_id),
        reply=body,
        by=current_actor(),
        now=clock.now(),
    )


@notices.post("/objections/<uuid:objection_id>/publish")
@endpoint(notices, allow=REVIEWERS, accepts=PublishedIn(), returns=ObjectionOut())
def publish(body: dict[str, str], objection_id: UUID) -> Objection:
    """Put the words of an objection before everybody, masked."""
    return objections.publish_objection(
        ObjectionId(objection_id), text=body["text"], by=current_actor(), now=clock.now()
    )


@notices.post("/objections/<uuid:objection_id>/contact")
@endpoint(notices, allow=REVIEWERS, accepts=PurposeIn(), returns=ContactOut(), reveals=True)
def disclose_contact(body: dict[str, str], objection_id: UUID) -> Objection:
    """Give the contact of who objected, for a stated purpose that is kept."""
    return objections.disclose_contact(
        ObjectionId(objection_id), purpose=body["purpose"], by=current_actor(), now=clock.now()
    )


@notices.get("/calendar-days")
@endpoint(
    notices,
    allow=PUBLIC,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(CalendarDayOut),
)
def list_calendar_days(query: dict[str, Any]) -> Page[CalendarDay]:
    """List the days on which the packaged calendar is corrected, the latest first."""
    return queries.list_calendar_days(current_actor(), **query)


export_door(notices, "/calendar-days/export", of=list_calendar_days, sheet=CALENDAR_DAYS)


@notices.post("/calendar-days")
@endpoint(
    notices,
    allow=frozenset({Role.PLATFORM_ADMIN}),
    accepts=CalendarDayIn(),
    returns=CalendarDayOut(),
)
def correct_calendar(body: CorrectedDay) -> CorrectedDay:
    """Say whether offices work on a day."""
    return settings.correct_calendar(body, by=current_actor(), now=clock.now())
