"""Yearly promises in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from kernel.fields import (
    Day,
    EnumField,
    Flag,
    Instant,
    Key,
    Money,
    RegionCode,
    Schema,
    Text,
    Year,
)
from kernel.paging import PageQuery, page_schema
from procurement.filings.commands.chain import ReturnReason
from procurement.filings.models import FilingAct, FilingStatus, UnionSituation
from procurement.filings.rules.contents import FilingContents
from procurement.policies.models import Situation

MAX_REASONS = 50
HEADS = validate.Range(min=1, max=10_000_000)


class FilingFields(Schema):
    """The fields of a promise that do not name another unit."""

    year = Year(required=True)
    situation = EnumField(Situation, required=True)
    canteen_total_fen = Money(required=True)
    reserved_fen = Money(required=True)
    ceiling_fen = Money(required=True)
    union_situation = EnumField(UnionSituation, load_default=UnionSituation.OWN_FUNDS)
    union_total_fen = Money(load_default=None, allow_none=True)
    union_reserved_fen = Money(load_default=None, allow_none=True)
    union_ceiling_fen = Money(load_default=None, allow_none=True)
    farm_produce_total_fen = Money(load_default=None, allow_none=True)
    union_heads = fields.Integer(strict=True, load_default=None, allow_none=True, validate=HEADS)
    canteen_subsidised = Flag(load_default=False)
    central_unit = Flag(load_default=False)
    contract_clause = Flag(load_default=None, allow_none=True)
    note = Text(max=1000, load_default=None, allow_none=True)


class FilingIn(FilingFields):
    """What a unit files for a year."""

    makes = FilingContents

    representative_unit_id = Key(load_default=None, allow_none=True)


class FilingEditIn(Schema):
    """What to change of a promise; what is not named stays, null takes an optional one away."""

    situation = EnumField(Situation)
    canteen_total_fen = Money()
    reserved_fen = Money()
    ceiling_fen = Money()
    union_situation = EnumField(UnionSituation)
    union_total_fen = Money(allow_none=True)
    union_reserved_fen = Money(allow_none=True)
    union_ceiling_fen = Money(allow_none=True)
    representative_unit_id = Key(allow_none=True)
    farm_produce_total_fen = Money(allow_none=True)
    union_heads = fields.Integer(strict=True, allow_none=True, validate=HEADS)
    canteen_subsidised = Flag()
    central_unit = Flag()
    contract_clause = Flag(allow_none=True)
    note = Text(max=1000, allow_none=True)


class FilingReviseIn(Schema):
    """Why what is in force is revised, and what of it changes."""

    reason = Text(max=1000, required=True)
    changes = fields.Nested(FilingEditIn, load_default=dict)


class FilingCopyIn(Schema):
    """For which year to copy last year's promise, and what of it changes."""

    year = Year(required=True)
    changes = fields.Nested(FilingEditIn, load_default=dict)


class FilingReasonIn(Schema):
    """What is wrong with a field: a JSON pointer into the promise, and words."""

    makes = ReturnReason

    pointer = Text(max=200, required=True)
    text = Text(max=1000, required=True)


class ReturnIn(Schema):
    """Why a promise goes back, as a whole and field by field."""

    reason = Text(max=1000, required=True)
    reasons = fields.List(
        fields.Nested(FilingReasonIn), load_default=list, validate=validate.Length(max=MAX_REASONS)
    )


class FilingQuery(PageQuery):
    """Which promises to list; those of a unit are its own and those it took over."""

    unit_id = Key(load_default=None)
    year = Year(load_default=None)
    status = EnumField(FilingStatus, load_default=None)
    region = RegionCode(load_default=None)


class FilingReasonOut(Schema):
    """What was wrong with a field."""

    pointer = Text(required=True)
    text = Text(max=1000, required=True)


class FilingOut(Schema):
    """A unit's promise of a year; `floor_fen` is what the policy demands of it."""

    id = Key(required=True)
    number = Text(required=True)
    unit_id = Key(required=True)
    year = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    supersedes_id = Key(required=True, allow_none=True)
    revision_reason = Text(max=1000, required=True, allow_none=True)
    round = fields.Integer(required=True)
    situation = EnumField(Situation, required=True)
    canteen_total_fen = Money(required=True)
    reserved_fen = Money(required=True)
    ceiling_fen = Money(required=True)
    union_situation = EnumField(UnionSituation, required=True)
    union_total_fen = Money(required=True, allow_none=True)
    union_reserved_fen = Money(required=True, allow_none=True)
    union_ceiling_fen = Money(required=True, allow_none=True)
    representative_unit_id = Key(required=True, allow_none=True)
    farm_produce_total_fen = Money(required=True, allow_none=True)
    union_heads = fields.Integer(required=True, allow_none=True)
    canteen_subsidised = Flag(required=True)
    central_unit = Flag(required=True)
    contract_clause = Flag(required=True, allow_none=True)
    note = Text(max=1000, required=True, allow_none=True)
    policy_id = Key(required=True)
    waiver_id = Key(required=True, allow_none=True)
    floor_fen = Money(required=True)
    status = EnumField(FilingStatus, required=True)
    author_id = Key(required=True)
    return_reason = Text(max=1000, required=True, allow_none=True)
    return_reasons = fields.List(fields.Nested(FilingReasonOut), required=True)
    created_at = Instant(required=True)
    submitted_at = Instant(required=True, allow_none=True)
    confirmed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


FILING_PAGE = page_schema(FilingOut)


class StepOut(Schema):
    """One act on a promise, with the figures it then held."""

    act = EnumField(FilingAct, required=True)
    by_user_id = Key(required=True)
    by_organisation_id = Key(required=True)
    canteen_total_fen = Money(required=True)
    reserved_fen = Money(required=True)
    ceiling_fen = Money(required=True)
    reason = Text(max=1000, required=True, allow_none=True)
    reasons = fields.List(fields.Nested(FilingReasonOut), required=True)
    round = fields.Integer(required=True)
    at = Instant(required=True)


class FilingDetailOut(FilingOut):
    """A promise with every step it went through."""

    steps = fields.List(fields.Nested(StepOut), required=True)


class FilingDifferenceOut(Schema):
    """A field that two versions say differently, and why it had been returned."""

    pointer = Text(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)
    reasons = fields.List(fields.String(), required=True)


class FilingRoundOut(Schema):
    """What was handed in for a round, and what it changed against the round before."""

    round = fields.Integer(attribute="step.round", required=True)
    submitted_at = Instant(attribute="step.at", required=True)
    submitted_by_id = Key(attribute="step.by_user_id", required=True)
    contents = fields.Dict(attribute="step.contents", required=True)
    changes = fields.List(fields.Nested(FilingDifferenceOut), required=True)
    unanswered = fields.List(fields.Nested(FilingReasonOut), required=True)


class FilingComparisonOut(Schema):
    """A promise beside its rounds, the one it revises, and last year's; null: there is none."""

    filing = fields.Nested(FilingOut, required=True)
    rounds = fields.List(fields.Nested(FilingRoundOut), required=True)
    revised = fields.List(fields.Nested(FilingDifferenceOut), required=True, allow_none=True)
    last_year = fields.List(fields.Nested(FilingDifferenceOut), required=True, allow_none=True)


class MissingQuery(PageQuery):
    """Of which year and place to list the units that have not filed."""

    year = Year(required=True)
    region = RegionCode(load_default=None)


class MissingFilingOut(Schema):
    """A unit that has not filed; `days_left` is negative once its last day is over."""

    unit_id = Key(attribute="unit.id", required=True)
    name = Text(attribute="unit.name", required=True)
    region_code = RegionCode(attribute="unit.region_code", required=True)
    status = EnumField(FilingStatus, required=True, allow_none=True)
    deadline_on = Day(required=True, allow_none=True)
    days_left = fields.Integer(required=True, allow_none=True)


MISSING_PAGE = page_schema(MissingFilingOut)


class ReminderQuery(PageQuery):
    """Of which year to list the reminders."""

    year = Year(load_default=None)


class FilingReminderOut(Schema):
    """A unit that was told of its last day of filing."""

    id = Key(required=True)
    unit_id = Key(required=True)
    year = fields.Integer(required=True)
    deadline_on = Day(required=True)
    days_left = fields.Integer(required=True)
    told_at = Instant(required=True)


REMINDER_PAGE = page_schema(FilingReminderOut)
