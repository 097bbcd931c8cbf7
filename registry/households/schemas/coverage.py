"""Coverage of the register in JSON: by code and by place, never by name."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, RegionCode, Schema
from kernel.paging import PageQuery
from registry.households.models.households import HouseholdClass
from registry.households.models.links import BenefitWay


class CoverageQuery(PageQuery):
    """The region, the day (today where none is named) and the way of help."""

    region = RegionCode(required=True)
    on = Day(load_default=None)
    way = EnumField(BenefitWay, load_default=None)


class UncoveredOut(Schema):
    """A household that could work and wants to, and that no help reached."""

    household_code = fields.String(required=True)
    village_code = RegionCode(required=True)
    household_class = EnumField(HouseholdClass, required=True, data_key="class")
    able_labour = fields.Integer(required=True)


class TotalsQuery(Schema):
    """The region and the day; today where none is named."""

    region = RegionCode(required=True)
    on = Day(load_default=None)


class PlaceTotalsOut(Schema):
    """What one place held."""

    region_code = fields.String(required=True)
    name = fields.String(required=True)
    households = fields.Integer(required=True)
    people = fields.Integer(required=True)
    villages = fields.Integer(required=True)


class TotalsOut(Schema):
    """What the register of a region held on a day."""

    region_code = RegionCode(required=True)
    as_of = Day(required=True)
    households = fields.Integer(required=True)
    people = fields.Integer(required=True)
    able_and_willing = fields.Integer(required=True)
    linked = fields.Integer(required=True)
    by_class = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_way = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    places = fields.List(fields.Nested(PlaceTotalsOut), required=True)


class GapsQuery(PageQuery):
    """The region and the day; today where none is named."""

    region = RegionCode(required=True)
    on = Day(load_default=None)


class LeaderGapOut(Schema):
    """A village with fewer leaders than the figure in force."""

    village_code = RegionCode(required=True)
    name = fields.String(required=True)
    leaders = fields.Integer(required=True)
