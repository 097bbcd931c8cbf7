"""Display slots and shop windows as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Flag, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from marketplace.catalogue.commands.displays import NewSlot, SlotDecision
from marketplace.catalogue.models.displays import SEATS, SlotStatus
from marketplace.catalogue.schemas.listings import ListingItemOut
from registry.regions.rules import NATION

REASON_LENGTH = 500


class DisplaySlotIn(Schema):
    """What is to be shown, where (000000 is the front page), and when."""

    makes = NewSlot

    listing_id = Key(required=True)
    place_code = RegionCode(required=True)
    since_on = Day(required=True)
    until_on = Day(required=True)
    reason = Text(required=True, max=REASON_LENGTH)


class SlotDecisionIn(Schema):
    """Whether a slot is given, and why."""

    makes = SlotDecision

    give = Flag(required=True)
    opinion = Text(required=True, max=REASON_LENGTH)


class SlotWithdrawalIn(Schema):
    """Why a wish or a slot is taken back."""

    reason = Text(required=True, max=REASON_LENGTH)


class SlotsQuery(PageQuery):
    """Which slots to list."""

    status = EnumField(SlotStatus, load_default=None)


class WindowQuery(Schema):
    """Which place's page; 000000 is the front page."""

    place = RegionCode(load_default=NATION)


class DisplaySlotOut(Schema):
    """A slot, or the wish for one."""

    id = Key(attribute="slot.id", required=True)
    listing_id = Key(attribute="slot.listing_id", required=True)
    title = fields.String(required=True)
    certificate_number = fields.String(required=True)
    supplier_id = Key(attribute="slot.supplier_id", required=True)
    supplier = fields.String(required=True)
    place_code = fields.String(attribute="slot.place_code", required=True)
    since_on = Day(attribute="slot.since_on", required=True)
    until_on = Day(attribute="slot.until_on", required=True)
    reason = fields.String(attribute="slot.reason", required=True)
    status = EnumField(SlotStatus, attribute="slot.status", required=True)
    seat = fields.Integer(attribute="slot.seat", required=True, allow_none=True)
    asked_at = Instant(attribute="slot.asked_at", required=True)
    opinion = fields.String(attribute="slot.opinion", required=True, allow_none=True)
    decided_at = Instant(attribute="slot.decided_at", required=True, allow_none=True)
    withdrawal = fields.String(attribute="slot.withdrawal", required=True, allow_none=True)
    withdrawn_at = Instant(attribute="slot.withdrawn_at", required=True, allow_none=True)
    version = fields.Integer(attribute="slot.version", required=True)


class ShopWindowOut(Schema):
    """What is shown first at a place today, for nothing; at most `seats` listings."""

    place_code = fields.String(required=True)
    on = Day(required=True)
    seats = fields.Integer(required=True)
    items = fields.List(
        fields.Nested(ListingItemOut), required=True, validate=ma.validate.Length(max=SEATS)
    )
