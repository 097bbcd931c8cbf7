"""Households and benefit links in JSON; persons masked, but for the one disclosure."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Flag, IdNumber, Instant, Key, RegionCode, Schema
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from registry.households.commands.households import NewHousehold
from registry.households.models.households import (
    Cause,
    ChangeReason,
    HouseholdClass,
    HouseholdState,
)
from registry.regions.rules import NATION

MOST_MEMBERS = 50
PHONE = ma.validate.Regexp(r"^\+?[0-9][0-9-]{6,19}\Z")
BANK_CARD = ma.validate.Regexp(r"^[0-9]{12,19}\Z")


class HouseholdIn(Schema):
    """A household to put on the register."""

    makes = NewHousehold

    village_code = RegionCode(required=True)
    head_name = TextField(required=True, max=40)
    id_number = IdNumber(required=True)
    members = fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=1, max=MOST_MEMBERS)
    )
    able_labour = fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=0, max=MOST_MEMBERS)
    )
    household_class = EnumField(HouseholdClass, required=True, data_key="class")
    willing = Flag(load_default=True)
    phone = fields.String(load_default=None, allow_none=True, validate=PHONE)
    bank_card = fields.String(load_default=None, allow_none=True, validate=BANK_CARD)
    cause = EnumField(Cause, load_default=None, allow_none=True)


class HouseholdChangesIn(Schema):
    """What of a household may be changed; what is not named stays."""

    members = fields.Integer(strict=True, validate=ma.validate.Range(min=1, max=MOST_MEMBERS))
    able_labour = fields.Integer(strict=True, validate=ma.validate.Range(min=0, max=MOST_MEMBERS))
    willing = Flag()
    phone = fields.String(allow_none=True, validate=PHONE)
    bank_card = fields.String(allow_none=True, validate=BANK_CARD)
    cause = EnumField(Cause, allow_none=True)


class LookUpIn(Schema):
    """The identity number of a household's head."""

    id_number = IdNumber(required=True)


class HouseholdsQuery(PageQuery):
    """Which households to list; an exact code also finds one not linked yet."""

    code = Code(load_default=None)
    region = RegionCode(load_default=NATION)
    household_class = EnumField(HouseholdClass, load_default=None, data_key="class")
    state = EnumField(HouseholdState, load_default=None)


class HouseholdOut(Schema):
    """A household, its persons masked."""

    id = Key(required=True)
    code = fields.String(required=True)
    village_code = RegionCode(required=True)
    head_name = fields.String(required=True)
    id_number = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    bank_card = fields.String(required=True, allow_none=True)
    members = fields.Integer(required=True)
    able_labour = fields.Integer(required=True)
    willing = Flag(required=True)
    household_class = EnumField(HouseholdClass, required=True, data_key="class")
    state = EnumField(HouseholdState, required=True)
    observed_until_on = Day(required=True, allow_none=True)
    cause = EnumField(Cause, required=True, allow_none=True)
    registered_at = Instant(required=True)
    version = fields.Integer(required=True)


class ClearHouseholdOut(Schema):
    """A household's persons in clear."""

    id = Key(required=True)
    code = fields.String(required=True)
    head_name = fields.String(required=True)
    id_number = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    bank_card = fields.String(required=True, allow_none=True)


class StandingQuery(Schema):
    """The day for which the standing is asked."""

    on = Day(required=True)


class StandingOut(Schema):
    """How a household stood from a day on."""

    from_on = Day(required=True)
    household_class = EnumField(HouseholdClass, required=True, data_key="class")
    state = EnumField(HouseholdState, required=True)
    members = fields.Integer(required=True)
    able_labour = fields.Integer(required=True)
    willing = Flag(required=True)
    left_village_code = RegionCode(required=True, allow_none=True)
    reason = EnumField(ChangeReason, required=True)
    reason_id = Key(required=True, allow_none=True)


class HouseholdHistoryOut(Schema):
    """How a household stood, from its first day on."""

    items = fields.List(fields.Nested(StandingOut), required=True)
