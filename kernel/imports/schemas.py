"""Imports in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Code, EnumField, Instant, Key, Schema, Upload
from kernel.imports.commands import NewImport
from kernel.imports.models import ImportState


class ImportIn(Schema):
    """A file, the list it is, and the thing that the list belongs to; multipart/form-data."""

    makes = NewImport

    file = Upload(required=True)
    list = Code(required=True)
    subject_id = Key(load_default=None)


class ImportFaultOut(Schema):
    """One thing that is wrong, and where; never what stands there."""

    sheet = fields.String(required=True, allow_none=True)
    row = fields.Integer(required=True, allow_none=True)
    column = fields.String(required=True, allow_none=True)
    header = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ImportOut(Schema):
    """An import: `done` of `rows` while its task runs, the first rows masked, the first faults."""

    id = Key(required=True, attribute="found.id")
    list = fields.String(required=True, attribute="found.list_name")
    subject_id = Key(required=True, allow_none=True, attribute="found.subject_id")
    state = EnumField(ImportState, required=True, attribute="found.state")
    sha256 = fields.String(required=True, attribute="found.sha256")
    media_type = fields.String(required=True, attribute="found.media_type")
    encoding = fields.String(required=True, attribute="found.encoding")
    sheet = fields.String(required=True, attribute="found.sheet")
    rows = fields.Integer(required=True, attribute="found.rows")
    done = fields.Integer(required=True)
    attempts = fields.Integer(required=True)
    headers = fields.List(fields.String(), required=True)
    preview = fields.List(fields.List(fields.String()), required=True, attribute="found.preview")
    fault_count = fields.Integer(required=True, attribute="found.fault_count")
    faults = fields.List(fields.Nested(ImportFaultOut), required=True, attribute="shown_faults")
    received_at = Instant(required=True, attribute="found.received_at")
    checked_at = Instant(required=True, allow_none=True, attribute="found.checked_at")
    committed_at = Instant(required=True, allow_none=True, attribute="found.committed_at")
