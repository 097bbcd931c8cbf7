"""Matters in JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, RegionCode, Schema, Text, Year
from kernel.paging import PageQuery, page_schema
from procurement.supervision.commands.matters import NewMatter, NewTalk, Word
from procurement.supervision.models.matters import Cause, MatterAct, MatterStatus, TalkKind

LONGEST = 2000


class MatterIn(Schema):
    """What a unit has to put right."""

    makes = NewMatter

    unit_id = Key(required=True)
    year = Year(required=True)
    cause = EnumField(Cause, required=True)
    demand = Text(max=LONGEST, required=True)


class MatterWordIn(Schema):
    """What is said with the act, and the paper that proves it."""

    makes = Word

    text = Text(max=LONGEST, required=True)
    document_id = Key(load_default=None, allow_none=True)


class TalkIn(Schema):
    """A talk: with which office (never a name), why, and when."""

    makes = NewTalk

    kind = EnumField(TalkKind, required=True)
    office = Text(max=100, required=True)
    reason = Text(max=LONGEST, required=True)
    planned_on = Day(required=True)


class TalkResultIn(Schema):
    """What came of a talk."""

    held_on = Day(required=True)
    text = Text(max=LONGEST, required=True)
    document_id = Key(load_default=None, allow_none=True)


class MatterQuery(PageQuery):
    """Which matters to list."""

    year = Year(load_default=None)
    cause = EnumField(Cause, load_default=None)
    status = EnumField(MatterStatus, load_default=None)
    region = RegionCode(load_default=None)
    unit_id = Key(load_default=None)


class MatterOut(Schema):
    """A matter as it stands."""

    id = Key(required=True)
    number = Text(required=True)
    unit_id = Key(required=True)
    by_organisation_id = Key(required=True)
    year = Year(required=True)
    cause = EnumField(Cause, required=True)
    demand = Text(required=True)
    status = EnumField(MatterStatus, required=True)
    deadline_on = Day(required=True, allow_none=True)
    overdue_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)


class MatterStepOut(Schema):
    """One line of a matter's ledger."""

    act = EnumField(MatterAct, required=True)
    text = Text(required=True)
    document_id = Key(required=True, allow_none=True)
    by_id = Key(required=True, allow_none=True)
    at = Instant(required=True)


class TalkOut(Schema):
    """A talk that was called, and what came of it."""

    kind = EnumField(TalkKind, required=True)
    office = Text(required=True)
    reason = Text(required=True)
    called_on = Day(required=True)
    planned_on = Day(required=True)
    held_on = Day(required=True, allow_none=True)
    result = Text(required=True, allow_none=True)


class MatterDetailOut(Schema):
    """A matter with its unit, every step, and the talks about it."""

    matter = fields.Nested(MatterOut, required=True)
    unit_name = Text(required=True, attribute="unit.name")
    steps = fields.List(fields.Nested(MatterStepOut), required=True)
    talks = fields.List(fields.Nested(TalkOut), required=True)


class LedgerQuery(Schema):
    """Which part of the ledger to count."""

    year = Year(required=True)
    region = RegionCode(load_default=None)


class LedgerLineOut(Schema):
    """How many matters of a cause are in a state."""

    cause = EnumField(Cause, required=True)
    status = EnumField(MatterStatus, required=True)
    number = fields.Integer(required=True)


class LedgerOut(Schema):
    """The ledger of a year: it is settled when nothing is left open."""

    lines = fields.List(fields.Nested(LedgerLineOut), required=True)
    left = fields.Integer(required=True)
    settled = fields.Boolean(required=True)


MATTER_PAGE = page_schema(MatterOut)
