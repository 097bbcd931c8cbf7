"""Notices, objections and calendar days in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from kernel.fields import Code, Day, Flag, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet
from registry.notices.rules import (
    CorrectedDay,
    NewNoticeRule,
    NewObjection,
    NewPosting,
    NewReply,
)
from registry.regions.rules import NATION

PLACES = ("village", "town", "county", "city", "province")
MAX_DAYS = 250


class NoticesQuery(PageQuery):
    """Which notices to list: of a matter, or inside a region."""

    subject_kind = Code(load_default=None)
    subject_id = Key(load_default=None)
    region = RegionCode(load_default=NATION)


class ObjectionsQuery(PageQuery):
    """Which objections to list: all, the open ones, or the answered ones."""

    open = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})


class ObjectionIn(Schema):
    """An objection of the public; the contact is kept encrypted and never published."""

    makes = NewObjection

    text = Text(required=True, max=2000)
    contact = Text(load_default=None, allow_none=True, max=200)


class ReplyIn(Schema):
    """The office's answer."""

    makes = NewReply

    reply = Text(required=True, max=2000)
    upheld = Flag(required=True)


class PublishedIn(Schema):
    """The words of an objection, masked by the office for everybody."""

    text = Text(required=True, max=2000)


class PostingIn(Schema):
    """A board or page that carries the notice, with a photo of it."""

    makes = NewPosting

    level = Code(required=True, validate=validate.OneOf(PLACES))
    place = Text(required=True, max=200)
    document_id = Key(required=True)
    posted_on = Day(required=True)


class PostingOut(Schema):
    """A board or page that carried the notice."""

    id = Key(required=True)
    level = Code(required=True)
    place = fields.String(required=True)
    document_id = Key(required=True)
    posted_on = Day(required=True)


class NoticeRuleIn(Schema):
    """The days of notices of one kind of matter (`any`: of all others)."""

    makes = NewNoticeRule

    subject_kind = Code(required=True)
    reply_working_days = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MAX_DAYS)
    )
    extension_working_days = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=MAX_DAYS)
    )
    in_force_from_on = Day(required=True)
    source = Text(required=True, max=1000)


class NoticeRuleOut(Schema):
    """A rule of notices; periods are half-open."""

    subject_kind = Code(required=True)
    reply_working_days = fields.Integer(required=True)
    extension_working_days = fields.Integer(required=True)
    in_force_from_on = Day(required=True)
    in_force_until_on = Day(required=True, allow_none=True)
    source = fields.String(required=True)


class NoticeRuleListOut(Schema):
    """All rules of notices."""

    items = fields.List(fields.Nested(NoticeRuleOut), required=True)


class PurposeIn(Schema):
    """What something personal is needed for."""

    purpose = Text(required=True, min=4, max=200)


class CalendarDayIn(Schema):
    """A day to correct in the calendar, with the document that says so."""

    makes = CorrectedDay

    day_on = Day(required=True)
    is_working = Flag(required=True)
    source = Text(required=True, max=300)


class CalendarDayOut(Schema):
    """A corrected day."""

    day_on = Day(required=True)
    is_working = Flag(required=True)
    source = fields.String(required=True)


class NoticeOut(Schema):
    """A notice; it may be decided from `closes_on` on."""

    id = Key(required=True)
    number = fields.String(required=True)
    subject_kind = fields.String(required=True)
    subject_id = Key(required=True)
    round = fields.Integer(required=True)
    region_code = RegionCode(required=True)
    opens_on = Day(required=True)
    working_days = fields.Integer(required=True)
    closes_on = Day(required=True)
    rule_source = fields.String(required=True)
    created_at = Instant(required=True)


class PublicObjectionOut(Schema):
    """What the public sees of an objection: its words as the office masked them, and the answer.

    `text` is null until then: the words come from anybody and may name persons.
    """

    id = Key(required=True)
    text = fields.String(attribute="published_text", required=True, allow_none=True)
    lodged_at = Instant(required=True)
    due_on = Day(required=True, allow_none=True)
    reply = fields.String(required=True, allow_none=True)
    upheld = Flag(required=True, allow_none=True)
    replied_at = Instant(required=True, allow_none=True)


class ExtensionOut(Schema):
    """How an upheld objection moved the closing day."""

    objection_id = Key(required=True)
    closed_on = Day(required=True)
    closes_on = Day(required=True)
    working_days = fields.Integer(required=True)
    at = Instant(required=True)


class NoticeOutcomeOut(Schema):
    """What became of the matter."""

    outcome = Code(required=True)
    at = Instant(required=True)


class NoticeDetailOut(Schema):
    """A notice with all that was said and done about it, as the public sees it; it stays."""

    id = Key(attribute="notice.id", required=True)
    number = fields.String(attribute="notice.number", required=True)
    subject_kind = fields.String(attribute="notice.subject_kind", required=True)
    subject_id = Key(attribute="notice.subject_id", required=True)
    round = fields.Integer(attribute="notice.round", required=True)
    region_code = RegionCode(attribute="notice.region_code", required=True)
    opens_on = Day(attribute="notice.opens_on", required=True)
    working_days = fields.Integer(attribute="notice.working_days", required=True)
    closes_on = Day(attribute="notice.closes_on", required=True)
    rule_source = fields.String(attribute="notice.rule_source", required=True)
    reply_working_days = fields.Integer(attribute="notice.reply_working_days", required=True)
    created_at = Instant(attribute="notice.created_at", required=True)
    objections = fields.List(fields.Nested(PublicObjectionOut), required=True)
    extensions = fields.List(fields.Nested(ExtensionOut), required=True)
    postings = fields.List(fields.Nested(PostingOut), required=True)
    outcome = fields.Nested(NoticeOutcomeOut, required=True, allow_none=True)


class ObjectionOut(PublicObjectionOut):
    """An objection as the office that answers it sees it."""

    notice_id = Key(required=True)
    text = fields.String(required=True)
    published_text = fields.String(required=True, allow_none=True)


class ContactOut(Schema):
    """How to reach who objected."""

    id = Key(required=True)
    contact = fields.String(required=True, allow_none=True)


NOTICES = Sheet(
    name="notices",
    zh="公示清单",
    en="Notices",
    columns=(
        Column("number", "公示编号", "Number", width=28),
        Column("subject_kind", "事项", "Subject"),
        Column("round", "轮次", "Round", Kind.WHOLE),
        Column("region_code", "地区代码", "Region"),
        Column("opens_on", "开始日期", "Opens", Kind.DAY),
        Column("working_days", "工作日数", "Working days", Kind.WHOLE),
        Column("closes_on", "截止日期", "Closes", Kind.DAY),
        Column("rule_source", "依据", "Rule", width=40),
    ),
)

OBJECTIONS = Sheet(
    name="objections",
    zh="异议清单",
    en="Objections",
    columns=(
        Column("id", "异议标识", "Objection", width=38),
        Column("notice_id", "公示标识", "Notice", width=38),
        Column("lodged_at", "提出时间", "Lodged", width=24),
        Column("due_on", "办理期限", "Due", Kind.DAY),
        Column("published_text", "公开内容", "Published", width=40),
        Column("upheld", "成立", "Upheld", Kind.FLAG),
        Column("replied_at", "答复时间", "Replied", width=24),
    ),
)
"""The words as they are published, never as they were said."""

CALENDAR_DAYS = Sheet(
    name="calendar_days",
    zh="工作日更正",
    en="Calendar days",
    columns=(
        Column("day_on", "日期", "Day", Kind.DAY),
        Column("is_working", "工作日", "Working", Kind.FLAG),
        Column("source", "依据", "Source", width=40),
    ),
)
