"""Complaints in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from certification.inspections.commands.complaints import NewComplaint
from certification.inspections.models.complaints import ComplaintStatus
from kernel.fields import Code, Day, EnumField, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet


class ComplaintIn(Schema):
    """A complaint about a certificate or about goods of a place; a contact if one wants."""

    makes = NewComplaint

    text = Text(max=4000, required=True)
    certificate_number = Code(load_default=None)
    region_code = RegionCode(load_default=None)
    contact = Text(max=200, load_default=None)


class LodgedOut(Schema):
    """What to follow a complaint by; the code is shown once."""

    number = Code(attribute="complaint.number", required=True)
    code = fields.String(required=True)
    due_on = Day(attribute="complaint.due_on", required=True)


class TrackingIn(Schema):
    """The code that came with the number."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=100))


class TrackedOut(Schema):
    """Where a complaint stands; an answer is late from `due_on` on."""

    number = Code(required=True)
    status = EnumField(ComplaintStatus, required=True)
    lodged_at = Instant(required=True)
    due_on = Day(required=True)
    reply = Text(max=4000, required=True, allow_none=True)
    replied_at = Instant(required=True, allow_none=True)


class AnswerIn(Schema):
    """The answer."""

    reply = Text(max=4000, required=True)


class ComplaintPurposeIn(Schema):
    """What a contact is needed for."""

    purpose = Text(max=500, required=True)


class ComplaintContactOut(Schema):
    """The contact in clear."""

    id = Key(required=True)
    contact = Text(required=True, allow_none=True)


class ComplaintQuery(PageQuery):
    """Which complaints to list."""

    status = EnumField(ComplaintStatus, load_default=None)


class ComplaintOut(TrackedOut):
    """A complaint as the office sees it, without the person."""

    id = Key(required=True)
    certificate_id = Key(required=True, allow_none=True)
    region_code = RegionCode(required=True)
    text = Text(max=4000, required=True)
    task_id = Key(required=True, allow_none=True)
    taken_at = Instant(required=True, allow_none=True)


COMPLAINTS = Sheet(
    name="complaints",
    zh="投诉清单",
    en="Complaints",
    columns=(
        Column("number", "编号", "Number", width=28),
        Column("status", "状态", "Status"),
        Column("region_code", "地区代码", "Region", Kind.CODE),
        Column("certificate_id", "证书标识", "Certificate", width=38),
        Column("lodged_at", "提出时间", "Lodged", width=24),
        Column("due_on", "办理期限", "Due", Kind.DAY),
        Column("taken_at", "受理时间", "Taken", width=24),
        Column("replied_at", "答复时间", "Replied", width=24),
    ),
)
"""How complaints stand, without the words of those who complained."""
