"""Papers in JSON and in forms."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields
from werkzeug.datastructures import FileStorage

from kernel.fields import Code, Day, Instant, Key, Schema, Text
from kernel.paging import PageQuery
from registry.documents.commands import NewDocument


class Upload(fields.Field[bytes]):
    """A file of a form, as its content."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "binary"}, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bytes:
        if not isinstance(value, FileStorage):
            raise ValidationError("必须是一个文件 / must be one file")
        content: bytes = value.read()
        if not content:
            raise ValidationError("文件为空 / the file is empty")
        return content


class DocumentIn(Schema):
    """A paper to hand in, multipart/form-data."""

    makes = NewDocument

    file = Upload(required=True)
    kind = Code(required=True, max=40)
    number = Text(load_default=None, max=80)
    issuer = Text(load_default=None, max=120)
    valid_until_on = Day(load_default=None)


class DocumentsQuery(PageQuery):
    """Which papers to list; `lapsing_by` leaves out what is valid longer than that day."""

    kind = Code(load_default=None, max=40)
    lapsing_by = Day(load_default=None)


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
    valid_until_on = Day(required=True, allow_none=True)
    created_at = Instant(required=True)
