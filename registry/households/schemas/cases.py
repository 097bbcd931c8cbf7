"""Cases of households in JSON: by code, never by name."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, fields

from kernel.fields import Day, EnumField, Flag, Instant, Key, Money, RegionCode, Schema, Year
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from registry.households.commands.cases import NewCase, NewStep
from registry.households.models.cases import (
    CaseDecision,
    CaseKind,
    CaseStatus,
    CaseStep,
    ClueSource,
)
from registry.households.models.households import HouseholdClass
from registry.households.schemas.households import HouseholdIn
from registry.regions.rules import NATION

MISSING = "必填 / required"
UNFIT = "与事项类型不符 / does not fit the kind of case"


class CaseIn(Schema):
    """A clue about a household of the register, or about a new one."""

    makes = NewCase

    kind = EnumField(CaseKind, required=True)
    source = EnumField(ClueSource, required=True)
    clue = TextField(required=True, max=2000)
    household_id = Key(load_default=None)
    household = fields.Nested(HouseholdIn, load_default=None)
    wanted_class = EnumField(HouseholdClass, load_default=None)

    @ma.validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        """One household, known or new; a class for who comes in, none for who leaves."""
        if (data.get("household_id") is None) is (data.get("household") is None):
            raise ValidationError(MISSING, "household_id")
        if (data["kind"] is CaseKind.REMOVAL) is (data.get("wanted_class") is not None):
            raise ValidationError(UNFIT, "wanted_class")
        if data["kind"] is CaseKind.REMOVAL and data.get("household") is not None:
            raise ValidationError(UNFIT, "household")


class CaseStepIn(Schema):
    """What is decided at the step whose turn it is; a visit says if the guarantees are safe."""

    makes = NewStep

    step = EnumField(CaseStep, required=True)
    decision = EnumField(CaseDecision, required=True)
    opinion = TextField(required=True, max=2000)
    guarantees_safe = Flag(load_default=None)
    income_year = Year(load_default=None, strict=True)

    @ma.validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        if (data["step"] is CaseStep.VISIT) is (data.get("guarantees_safe") is None):
            raise ValidationError(MISSING, "guarantees_safe")


class ResubmissionIn(Schema):
    """The clue as it is handed in again."""

    clue = TextField(required=True, max=2000)


class CasesQuery(PageQuery):
    """Which cases to list; with `due_before` those that wait, the most urgent first."""

    household_id = Key(load_default=None)
    kind = EnumField(CaseKind, load_default=None)
    status = EnumField(CaseStatus, load_default=None)
    due_before_on = Day(load_default=None, data_key="due_before")
    region = RegionCode(load_default=NATION)


class CaseStepOut(Schema):
    """One step of a case."""

    round = fields.Integer(required=True)
    step = EnumField(CaseStep, required=True)
    decision = EnumField(CaseDecision, required=True)
    opinion = fields.String(required=True)
    guarantees_safe = Flag(required=True, allow_none=True)
    income_year = fields.Integer(required=True, allow_none=True)
    income_per_head_fen = Money(required=True, allow_none=True)
    line_fen = Money(required=True, allow_none=True)
    by_id = Key(required=True)
    status = EnumField(CaseStatus, required=True)
    at = Instant(required=True)


class CaseListedOut(Schema):
    """A case in a list."""

    id = Key(required=True)
    number = fields.String(required=True)
    kind = EnumField(CaseKind, required=True)
    household_id = Key(required=True)
    village_code = RegionCode(required=True)
    wanted_class = EnumField(HouseholdClass, required=True, allow_none=True)
    status = EnumField(CaseStatus, required=True)
    round = fields.Integer(required=True)
    opened_on = Day(required=True)
    due_on = Day(required=True, allow_none=True)
    notice_id = Key(required=True, allow_none=True)
    version = fields.Integer(required=True)


class CaseOut(CaseListedOut):
    """A case with its steps."""

    household_code = fields.String(required=True)
    source = EnumField(ClueSource, required=True)
    clue = fields.String(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    steps = fields.List(fields.Nested(CaseStepOut), required=True)


class PostedCaseOut(Schema):
    """What the village board says of a case."""

    notice_id = Key(required=True)
    notice_number = fields.String(required=True)
    kind = EnumField(CaseKind, required=True)
    household_code = fields.String(required=True)
    village_code = RegionCode(required=True)
    wanted_class = EnumField(HouseholdClass, required=True, allow_none=True)
    opens_on = Day(required=True)
    closes_on = Day(required=True)
