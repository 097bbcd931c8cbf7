"""Regions and designations in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from registry.regions.commands import NewDesignation, NewVillage
from registry.regions.models import DesignationKind, RegionLevel


class RegionsQuery(PageQuery):
    """The regions directly inside one; without a parent, the provinces."""

    parent = RegionCode(load_default="000000")


class VillageIn(Schema):
    """A village to add under the town of its first nine digits."""

    makes = NewVillage

    code = RegionCode(required=True)
    name = Text(required=True, max=60)


class DesignationIn(Schema):
    """A place to put on a list of helped places."""

    makes = NewDesignation

    kind = EnumField(DesignationKind, required=True)
    region_code = RegionCode(required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(load_default=None, allow_none=True)
    name_at_listing = Text(load_default=None, allow_none=True, max=60)
    partner_code = RegionCode(load_default=None, allow_none=True)
    source = Text(required=True, max=300)


class DesignationOut(Schema):
    """A place on a list of helped places."""

    id = Key(required=True)
    kind = EnumField(DesignationKind, required=True)
    region_code = RegionCode(required=True)
    name_at_listing = fields.String(required=True)
    valid_from_on = Day(required=True)
    valid_until_on = Day(required=True, allow_none=True)
    partner_code = RegionCode(required=True, allow_none=True)
    source = fields.String(required=True)


class RegionOut(Schema):
    """A region with its own designations in force today."""

    code = RegionCode(required=True)
    name = fields.String(required=True)
    level = EnumField(RegionLevel, required=True)
    parent_code = RegionCode(required=True, allow_none=True)
    valid_from_on = Day(required=True, allow_none=True)
    valid_until_on = Day(required=True, allow_none=True)
    successor_code = RegionCode(required=True, allow_none=True)
    designations = fields.List(fields.Nested(DesignationOut), required=True)
