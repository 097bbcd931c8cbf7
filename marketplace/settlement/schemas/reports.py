"""JSON of the daily reconciliation."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, Instant, Key, Schema


class MoneyReportOut(Schema):
    """The reconciliation of a day."""

    id = Key(required=True)
    on = Day(required=True)
    differences = fields.Integer(required=True)
    made_at = Instant(required=True)


class MoneyDifferenceOut(Schema):
    """One place where money does not agree, and by how much (fen)."""

    kind = fields.String(required=True)
    subject_id = Key(required=True)
    expected_fen = fields.Integer(required=True)
    found_fen = fields.Integer(required=True)
