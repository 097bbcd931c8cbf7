"""Notices, objections and calendar days in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Code, Day, Flag, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from registry.notices.commands import CorrectedDay, NewObjection, NewReply


class NoticesQuery(PageQuery):
    """Which notices to list: of a matter, or inside a region."""

    subject_kind = Code(load_default=None)
    subject_id = Key(load_default=None)
    region = RegionCode(load_default="000000")


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
    """What the public sees of an objection: that it was made, and the answer.

    Not its words: they come from anybody and may name persons.
    """

    id = Key(required=True)
    lodged_at = Instant(required=True)
    reply = fields.String(required=True, allow_none=True)
    upheld = Flag(required=True, allow_none=True)
    replied_at = Instant(required=True, allow_none=True)


class NoticeDetailOut(NoticeOut):
    """A notice with its objections, as the public sees them."""

    objections = fields.List(fields.Nested(PublicObjectionOut), required=True)


class ObjectionOut(PublicObjectionOut):
    """An objection as the office that answers it sees it."""

    notice_id = Key(required=True)
    text = fields.String(required=True)


class ContactOut(Schema):
    """How to reach who objected."""

    id = Key(required=True)
    contact = fields.String(required=True, allow_none=True)
