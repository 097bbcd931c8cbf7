"""Ratings as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Instant, Key, Schema, Text
from marketplace.catalogue.commands.ratings import Marks

TEXT_LENGTH = 1000


class MarkFields(Schema):
    """Marks from one to five, and words that everybody may read."""

    goods = fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 5))
    service = fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 5))
    text = Text(min=0, max=TEXT_LENGTH)


class MarksIn(MarkFields):
    """What a buyer thinks of goods."""

    makes = Marks


class RatingReplyIn(Schema):
    """What the supplier answers."""

    reply = Text(required=True, max=TEXT_LENGTH)


class RatingOut(Schema):
    """What was said of goods, by nobody's name."""

    id = Key(required=True)
    listing_id = Key(required=True)
    goods = fields.Integer(required=True)
    service = fields.Integer(required=True)
    text = fields.String(required=True)
    created_at = Instant(required=True)
    changed_at = Instant(required=True, allow_none=True)
    open_until = Instant(required=True)
    reply = fields.String(required=True, allow_none=True)
    replied_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
