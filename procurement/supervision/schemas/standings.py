"""Standings and late payments in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Flag, Instant, Key, Money, RegionCode, Schema, Text, Year
from kernel.paging import PageQuery
from procurement.supervision.commands.batches import Demand
from procurement.supervision.models.standings import Standing


class StandingsQuery(PageQuery):
    """Of which region, year and instant, and which units of them."""

    region = RegionCode(required=True)
    year = Year(required=True)
    as_of = Instant(load_default=None)
    standing = EnumField(Standing, load_default=None)


class StandingCountOut(Schema):
    """How many units stand so."""

    standing = EnumField(Standing, required=True)
    number = fields.Integer(required=True)


class UnitStandingOut(Schema):
    """A unit, how it stands, and the amounts that this follows from."""

    unit_id = Key(required=True, attribute="unit.id")
    name = Text(required=True, attribute="unit.name")
    credit_code = Text(required=True, attribute="unit.credit_code")
    region_code = RegionCode(required=True, attribute="unit.region_code")
    standing = EnumField(Standing, required=True)
    place = fields.Integer(required=True, allow_none=True)
    reserved_fen = Money(required=True)
    ordered_fen = Money(required=True)
    accepted_fen = Money(required=True)
    paid_fen = Money(required=True)
    counted_fen = Money(required=True)
    owed_fen = Money(required=True)
    planned_fen = Money(required=True)


class StandingsOut(Schema):
    """How the units of a region stand, and a page of them, ranked."""

    region_code = RegionCode(required=True)
    year = Year(required=True)
    as_of = Instant(required=True)
    counts = fields.List(fields.Nested(StandingCountOut), required=True)
    items = fields.List(fields.Nested(UnitStandingOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DelaysQuery(PageQuery):
    """Of which region and instant, and of which unit of it."""

    region = RegionCode(required=True)
    as_of = Instant(load_default=None)
    unit_id = Key(load_default=None)


class LatePaymentOut(Schema):
    """What of an order should have been paid for: since when, and what it costs."""

    order_id = Key(required=True)
    unit_id = Key(required=True)
    overdue_fen = Money(required=True)
    beyond_fen = Money(required=True, metadata={"description": "past the longest lawful term"})
    due_on = Day(required=True)
    days = fields.Integer(required=True)
    interest_fen = Money(required=True)


class UnitDelayOut(Schema):
    """What a unit owes its sellers past the term."""

    unit_id = Key(required=True)
    overdue_fen = Money(required=True)
    beyond_fen = Money(required=True, metadata={"description": "past the longest lawful term"})
    interest_fen = Money(required=True)
    orders = fields.Integer(required=True)
    longest_days = fields.Integer(required=True)


class DelaysOut(Schema):
    """What is late: by unit, the largest sum first, and a page of the orders behind it."""

    as_of = Instant(required=True)
    source = Text(required=True)
    overdue_fen = Money(required=True)
    beyond_fen = Money(required=True, metadata={"description": "past the longest lawful term"})
    interest_fen = Money(required=True)
    units = fields.List(fields.Nested(UnitDelayOut), required=True)
    items = fields.List(fields.Nested(LatePaymentOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DemandIn(Schema):
    """What is asked of every unit that stands so."""

    makes = Demand

    region_code = RegionCode(required=True)
    year = Year(required=True)
    standing = EnumField(Standing, required=True)
    demand = Text(max=2000, required=True)
    proposed = Flag(load_default=False)


class ToldOut(Schema):
    """How many matters were made, how many units were reminded, and how many are left."""

    made = fields.Integer(required=True)
    reminded = fields.Integer(required=True)
    left = fields.Integer(required=True)
