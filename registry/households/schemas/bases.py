"""Bases of cities and how far they reach, in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, Key, RegionCode, Schema
from kernel.fields import Text as TextField
from registry.households.commands.bases import NewBase


class BaseIn(Schema):
    """A base of a city."""

    makes = NewBase

    city_code = RegionCode(required=True)
    name = TextField(required=True, max=100)
    operator_id = Key(required=True)
    since_on = Day(required=True)
    source = TextField(required=True, max=300)


class BaseEndIn(Schema):
    """The first day without it."""

    until_on = Day(required=True)


class BaseOut(Schema):
    """A base of a city."""

    id = Key(required=True)
    city_code = RegionCode(required=True)
    name = fields.String(required=True)
    operator_id = Key(required=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    source = fields.String(required=True)
    version = fields.Integer(required=True)


class BaseCoverageQuery(Schema):
    """Of which province, on which day; today without one."""

    province = RegionCode(required=True)
    on = Day(load_default=None)


class CityBasesOut(Schema):
    """A city and how many bases it has."""

    city_code = RegionCode(required=True)
    name = fields.String(required=True)
    bases = fields.Integer(required=True)


class BaseCoverageOut(Schema):
    """Every city of a province, which of them have too few, and whether none has."""

    province = RegionCode(required=True)
    as_of = Day(required=True)
    least = fields.Integer(required=True)
    covered = fields.Integer(required=True)
    gaps = fields.List(RegionCode(), required=True)
    met = fields.Boolean(required=True)
    cities = fields.List(fields.Nested(CityBasesOut), required=True)
