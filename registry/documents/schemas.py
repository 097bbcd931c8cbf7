"""Papers in JSON and in forms."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Instant, Key, Schema, Text, Upload
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet
from registry.documents.commands import NewDocument
from registry.documents.queries import Validity


class DocumentIn(Schema):
    """A paper to hand in, multipart/form-data."""

    makes = NewDocument

    file = Upload(required=True)
    kind = Code(required=True, max=40)
    number = Text(load_default=None, max=80)
    issuer = Text(load_default=None, max=120)
    scope = Text(load_default=None, max=200)
    valid_until_on = Day(load_default=None)
    subject_kind = Code(load_default=None, max=40)
    subject_id = Key(load_default=None)


class DocumentsQuery(PageQuery):
    """Which papers to list.

    `lapsing_by` leaves out what is valid longer than that day; `validity` keeps what has
    lapsed, what lapses within thirty days, or what is in force.
    """

    kind = Code(load_default=None, max=40)
    lapsing_by = Day(load_default=None)
    validity = EnumField(Validity, load_default=None)
    subject_id = Key(load_default=None)


class DocumentOut(Schema):
    """A paper."""

    id = Key(required=True)
    organisation_id = Key(required=True)
    kind = fields.String(required=True)
    sha256 = fields.String(required=True)
    media_type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    number = fields.String(required=True, allow_none=True)
    issuer = fields.String(required=True, allow_none=True)
    scope = fields.String(required=True, allow_none=True)
    valid_until_on = Day(required=True, allow_none=True)
    subject_kind = fields.String(required=True, allow_none=True)
    subject_id = Key(required=True, allow_none=True)
    created_at = Instant(required=True)


class SamePaperOut(Schema):
    """The same paper, handed in another time."""

    id = Key(required=True)
    organisation_id = Key(required=True)
    kind = fields.String(required=True)
    created_at = Instant(required=True)


class DocumentDetailOut(DocumentOut):
    """A paper, and where in sight the same content was handed in otherwise."""

    same_papers = fields.List(fields.Nested(SamePaperOut), required=True)


DOCUMENTS = Sheet(
    name="documents",
    zh="材料清单",
    en="Documents",
    columns=(
        Column("id", "材料标识", "Document", width=38),
        Column("organisation_id", "单位标识", "Organisation", width=38),
        Column("kind", "类别", "Kind"),
        Column("number", "编号", "Number"),
        Column("issuer", "发证单位", "Issuer", width=24),
        Column("scope", "适用范围", "Scope", width=32),
        Column("valid_until_on", "有效期至", "Valid until", Kind.DAY),
        Column("media_type", "文件类型", "Media type"),
        Column("size_bytes", "大小（字节）", "Bytes", Kind.WHOLE),
        Column("sha256", "摘要", "SHA-256", width=66),
        Column("created_at", "提交时间", "Handed in", width=24),
    ),
)
