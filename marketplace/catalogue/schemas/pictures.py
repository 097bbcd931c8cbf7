"""Pictures of listings, in forms and as JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Instant, Key, Schema, Upload
from marketplace.catalogue.commands.pictures import NewPicture


class PictureIn(Schema):
    """A picture to show, multipart/form-data: JPEG or PNG."""

    makes = NewPicture

    file = Upload(required=True)


class PictureOut(Schema):
    """A picture of a listing; the one of the lowest position is its cover."""

    id = Key(required=True)
    position = fields.Integer(required=True)
    media_type = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size_bytes = fields.Integer(required=True)
    created_at = Instant(required=True)


class PicturesOut(Schema):
    """All pictures of a listing, the cover first."""

    items = fields.List(fields.Nested(PictureOut), required=True)
