"""Exports in JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.exports.commands import NewExport
from kernel.exports.lists import MEDIA_TYPES
from kernel.exports.models import ExportState
from kernel.fields import Code, EnumField, Instant, Key, Schema, Text

MOST_PARAMETERS = 20


class ExportIn(Schema):
    """A list, its door's own parameters, and what it belongs to where its path names that."""

    makes = NewExport

    list = Code(required=True)
    query = fields.Dict(
        keys=Code(),
        values=Text(max=200),
        load_default=dict,
        validate=ma.validate.Length(max=MOST_PARAMETERS),
    )
    of = fields.Dict(keys=Code(), values=Key(), load_default=dict)
    format = fields.String(load_default="xlsx", validate=ma.validate.OneOf(sorted(MEDIA_TYPES)))


class ExportOut(Schema):
    """An export: `done` rows so far while its task runs, `rows` once it may be fetched."""

    id = Key(required=True, attribute="found.id")
    list = fields.String(required=True, attribute="found.list_name")
    format = fields.String(required=True, attribute="found.file_format")
    state = EnumField(ExportState, required=True, attribute="found.state")
    reason = fields.String(required=True, allow_none=True, attribute="found.reason")
    rows = fields.Integer(required=True, attribute="found.rows")
    done = fields.Integer(required=True)
    attempts = fields.Integer(required=True)
    size_bytes = fields.Integer(required=True, attribute="found.size_bytes")
    asked_at = Instant(required=True, attribute="found.asked_at")
    ready_at = Instant(required=True, allow_none=True, attribute="found.ready_at")
    expires_at = Instant(required=True, allow_none=True, attribute="found.expires_at")
