"""Lower shares of single units in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Schema, Text
from kernel.paging import PageQuery, page_schema
from procurement.policies.commands import NewWaiver
from procurement.policies.models import WaiverLevel
from procurement.policies.schemas.policies import share_field


class WaiverOut(Schema):
    """A lower share of a unit, [since_on, until_on), by an approving document."""

    id = Key(required=True)
    unit_id = Key(required=True)
    floor_bp = fields.Integer(required=True)
    document_number = Text(required=True)
    document_id = Key(required=True, allow_none=True)
    approved_by_level = EnumField(WaiverLevel, required=True)
    reason = Text(max=1000, required=True)
    since_on = Day(required=True)
    until_on = Day(required=True)
    recorded_at = Instant(required=True)
    revoked_on = Day(required=True, allow_none=True)
    revoke_reason = Text(max=1000, required=True, allow_none=True)


WAIVER_PAGE = page_schema(WaiverOut)


class WaiverIn(Schema):
    """A lower share to write down."""

    makes = NewWaiver

    unit_id = Key(required=True)
    floor_bp = share_field(required=True)
    document_number = Text(required=True, max=100)
    document_id = Key(load_default=None, allow_none=True)
    approved_by_level = EnumField(WaiverLevel, required=True)
    reason = Text(max=1000, required=True)
    since_on = Day(required=True)
    until_on = Day(required=True)


class WaiverRevokeIn(Schema):
    """Why a lower share ends early."""

    reason = Text(max=1000, required=True)


class WaiverQuery(PageQuery):
    """Which waivers to list: of a unit, or that run on a day."""

    unit_id = Key(load_default=None)
    on = Day(load_default=None)
