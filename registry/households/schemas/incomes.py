"""Incomes of households, the figures in force, and warnings in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import (
    Day,
    EnumField,
    Flag,
    Instant,
    Key,
    Money,
    PositiveMoney,
    RegionCode,
    Schema,
    Year,
)
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from registry.households.commands.incomes import NewIncome
from registry.households.models.households import HouseholdClass, HouseholdState
from registry.households.models.incomes import IncomeKind
from registry.households.models.settings import SettingName
from registry.households.rules.incomes import Standing
from registry.regions.rules import NATION


class IncomeIn(Schema):
    """What a household earned in a year, from one kind of source."""

    makes = NewIncome

    year = Year(required=True, strict=True)
    kind = EnumField(IncomeKind, required=True)
    amount_fen = PositiveMoney(required=True)
    note = TextField(required=True, max=500)


class ReversalIn(Schema):
    """Why an income is taken back."""

    reason = TextField(required=True, max=500)


class IncomesQuery(PageQuery):
    """Which year's entries to list; all where none is named."""

    year = Year(load_default=None)


class IncomeOut(Schema):
    """One entry; negative where it takes another back."""

    id = Key(required=True)
    household_id = Key(required=True)
    year = fields.Integer(required=True)
    kind = EnumField(IncomeKind, required=True)
    amount_fen = fields.Integer(required=True)
    source = fields.String(required=True)
    note = fields.String(required=True)
    reverses_id = Key(required=True, allow_none=True)
    recorded_at = Instant(required=True)


class YearQuery(Schema):
    """The calendar year that is asked for."""

    year = Year(required=True)


class YearOut(Schema):
    """A household's year beside the line in force; nulls where no line is."""

    year = fields.Integer(required=True)
    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    total_fen = fields.Integer(required=True)
    members = fields.Integer(required=True)
    per_head_fen = fields.Integer(required=True)
    in_force = Flag(required=True)
    line_fen = Money(required=True, allow_none=True)
    warn_fen = Money(required=True, allow_none=True)
    price_basis = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    standing = EnumField(Standing, required=True)


class WarningsQuery(PageQuery):
    """The year, and the region, whose warnings are asked for."""

    year = Year(required=True)
    region = RegionCode(required=True)


class WarningOut(Schema):
    """A household whose income a head is below or near the line, by its code."""

    code = fields.String(required=True)
    village_code = RegionCode(required=True)
    household_class = EnumField(HouseholdClass, required=True, data_key="class")
    state = EnumField(HouseholdState, required=True)
    members = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    per_head_fen = fields.Integer(required=True)
    standing = EnumField(Standing, required=True)


class WarningsOut(Schema):
    """The warnings of a region and year; `in_force` false where no line says what is low."""

    in_force = Flag(required=True)
    line_fen = Money(required=True, allow_none=True)
    warn_fen = Money(required=True, allow_none=True)
    items = fields.List(fields.Nested(WarningOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PlaceQuery(Schema):
    """The place whose figures are asked for."""

    region = RegionCode(load_default=NATION)


class SettingOut(Schema):
    """A dated figure with its source; `is_assumed` where no document gives it."""

    name = EnumField(SettingName, required=True)
    region_code = RegionCode(required=True)
    value = fields.Integer(required=True)
    in_force_from_on = Day(required=True)
    in_force_until_on = Day(required=True, allow_none=True)
    is_assumed = Flag(required=True)
    source = fields.String(required=True)


class SettingsOut(Schema):
    """The dated figures of a place and of the regions around it."""

    items = fields.List(fields.Nested(SettingOut), required=True)
