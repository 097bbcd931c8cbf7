"""Pairings in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Flag, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from registry.households.commands.pairings import NewIndustryPairing, NewPairing
from registry.households.models.pairings import PairingKind, PartyKind
from registry.regions.rules import NATION


class PairingsQuery(PageQuery):
    """Which pairings to list."""

    region = RegionCode(load_default=NATION)
    helper_id = Key(load_default=None)
    kind = EnumField(PairingKind, load_default=None)


class PairingIn(Schema):
    """A helper for a village, or for one household of it."""

    makes = NewPairing

    kind = EnumField(PairingKind, required=True)
    helper_id = Key(required=True)
    helper_user_id = Key(load_default=None, allow_none=True)
    village_code = RegionCode(required=True)
    household_id = Key(load_default=None, allow_none=True)
    since_on = Day(required=True)
    until_on = Day(load_default=None, allow_none=True)
    source = Text(required=True, max=300)


class PairingOut(Schema):
    """A pairing."""

    id = Key(required=True)
    kind = EnumField(PairingKind, required=True)
    helper_id = Key(required=True)
    helper_user_id = Key(required=True, allow_none=True)
    village_code = RegionCode(required=True)
    household_id = Key(required=True, allow_none=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    source = fields.String(required=True)
    version = fields.Integer(required=True)


class PairedOut(Schema):
    """A new pairing, and whether its helper now stands by too many households."""

    pairing = fields.Nested(PairingOut, required=True)
    helper_households = fields.Integer(required=True)
    overloaded = Flag(required=True)


class PairingEndIn(Schema):
    """The first day without it."""

    until_on = Day(required=True)


class PairingGapsQuery(PageQuery):
    """Where and for which days to look for gaps."""

    region = RegionCode(load_default=NATION)
    since_on = Day(required=True)
    until_on = Day(required=True)


class GapOut(Schema):
    """Days `[since_on, until_on)` in which nobody stood by it."""

    village_code = RegionCode(required=True)
    household_id = Key(required=True, allow_none=True)
    household_code = fields.String(required=True, allow_none=True)
    since_on = Day(required=True)
    until_on = Day(required=True)


class RegionQuery(Schema):
    """Where to look."""

    region = RegionCode(load_default=NATION)


class LoadOut(Schema):
    """A helper who stands by more households than one can look after."""

    helper_id = Key(required=True)
    helper_user_id = Key(required=True, allow_none=True)
    households = fields.Integer(required=True)


class LoadsQuery(PageQuery):
    """Where to look, and on which day; today without one."""

    region = RegionCode(load_default=NATION)
    on = Day(load_default=None)


class PairingTotalsOut(Schema):
    """The pairings of the own region by action."""

    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class IndustryPairingIn(Schema):
    """A partner for an industry of a place."""

    makes = NewIndustryPairing

    region_code = RegionCode(required=True)
    industry = Text(required=True, max=60)
    party_kind = EnumField(PartyKind, required=True)
    organisation_id = Key(required=True)
    since_on = Day(required=True)
    until_on = Day(load_default=None, allow_none=True)
    source = Text(required=True, max=300)


class IndustryPairingOut(Schema):
    """A partner of an industry of a place."""

    id = Key(required=True)
    region_code = RegionCode(required=True)
    industry = fields.String(required=True)
    party_kind = EnumField(PartyKind, required=True)
    organisation_id = Key(required=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    source = fields.String(required=True)
    version = fields.Integer(required=True)


class IndustryCoverageOut(Schema):
    """An industry of a place with its partners; with none lacking it is covered."""

    region_code = RegionCode(required=True)
    industry = fields.String(required=True)
    parties = fields.List(fields.Nested(IndustryPairingOut), required=True)
    lacking = fields.List(EnumField(PartyKind), required=True)


class MatrixOut(Schema):
    """Every industry in sight with its partners."""

    items = fields.List(fields.Nested(IndustryCoverageOut), required=True)
