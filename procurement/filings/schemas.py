"""Yearly promises in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Money, RegionCode, Schema, Text, Year
from kernel.paging import PageQuery, page_schema
from procurement.filings.models import FilingAct, FilingStatus, UnionSituation
from procurement.filings.rules import FilingContents
from procurement.policies.models import Situation


class FilingIn(Schema):
    """What a unit files for a year."""

    makes = FilingContents

    year = Year(required=True)
    situation = EnumField(Situation, required=True)
    canteen_total_fen = Money(required=True)
    reserved_fen = Money(required=True)
    ceiling_fen = Money(required=True)
    union_situation = EnumField(UnionSituation, load_default=UnionSituation.OWN_FUNDS)
    union_total_fen = Money(load_default=None, allow_none=True)
    union_reserved_fen = Money(load_default=None, allow_none=True)
    union_ceiling_fen = Money(load_default=None, allow_none=True)
    representative_unit_id = Key(load_default=None, allow_none=True)
    note = Text(max=1000, load_default=None, allow_none=True)


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
    note = Text(max=1000, allow_none=True)


class ReturnIn(Schema):
    """Why a promise goes back."""

    reason = Text(max=1000, required=True)


class FilingQuery(PageQuery):
    """Which promises to list."""

    year = Year(load_default=None)
    status = EnumField(FilingStatus, load_default=None)
    region = RegionCode(load_default=None)


class FilingOut(Schema):
    """A unit's promise of a year; `floor_fen` is what the policy demands of it."""

    id = Key(required=True)
    number = Text(required=True)
    unit_id = Key(required=True)
    year = fields.Integer(required=True)
    situation = EnumField(Situation, required=True)
    canteen_total_fen = Money(required=True)
    reserved_fen = Money(required=True)
    ceiling_fen = Money(required=True)
    union_situation = EnumField(UnionSituation, required=True)
    union_total_fen = Money(required=True, allow_none=True)
    union_reserved_fen = Money(required=True, allow_none=True)
    union_ceiling_fen = Money(required=True, allow_none=True)
    representative_unit_id = Key(required=True, allow_none=True)
    note = Text(max=1000, required=True, allow_none=True)
    policy_id = Key(required=True)
    floor_fen = Money(required=True)
    status = EnumField(FilingStatus, required=True)
    author_id = Key(required=True)
    return_reason = Text(max=1000, required=True, allow_none=True)
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
    at = Instant(required=True)


class FilingDetailOut(FilingOut):
    """A promise with every step it went through."""

    steps = fields.List(fields.Nested(StepOut), required=True)
