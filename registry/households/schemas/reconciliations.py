"""Reconciliations and their differences in JSON; no person leaves with them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Flag, IdNumber, Instant, Key, RegionCode, Schema
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from registry.households.commands.reconciliations import ListedDecision
from registry.households.models.households import HouseholdClass
from registry.households.models.reconciliations import DifferenceDecision, DifferenceKind

MOST_MEMBERS = 50


class SurveyRowIn(Schema):
    """One household as the survey found it."""

    village_code = RegionCode(required=True)
    head_name = TextField(required=True, max=40)
    id_number = IdNumber(required=True)
    members = fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=1, max=MOST_MEMBERS)
    )
    able_labour = fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=0, max=MOST_MEMBERS)
    )
    willing = Flag(required=True)
    household_class = EnumField(HouseholdClass, required=True, data_key="class")


class ReconciliationIn(Schema):
    """A survey of a region, whose file is handed in as the list `surveys` of the run."""

    region_code = RegionCode(required=True)
    survey = TextField(required=True, max=200)
    surveyed_on = Day(required=True)


class ReconciliationOut(Schema):
    """A run with its account."""

    id = Key(required=True)
    number = fields.String(required=True)
    region_code = RegionCode(required=True)
    survey = fields.String(required=True)
    surveyed_on = Day(required=True)
    register_households = fields.Integer(required=True)
    survey_households = fields.Integer(required=True)
    same_households = fields.Integer(required=True)
    after_households = fields.Integer(required=True, allow_none=True)
    is_compared = Flag(required=True)
    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_decision = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    undecided = fields.Integer(required=True)
    created_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class DifferencesQuery(PageQuery):
    """Which differences to list."""

    kind = EnumField(DifferenceKind, load_default=None)
    decided = fields.Boolean(load_default=None)


class DifferenceOut(Schema):
    """A difference, by household code or by the line of the survey."""

    id = Key(required=True)
    kind = EnumField(DifferenceKind, required=True)
    household_id = Key(required=True, allow_none=True)
    household_code = fields.String(required=True, allow_none=True)
    survey_line = fields.Integer(required=True, allow_none=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    decision = EnumField(DifferenceDecision, required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)


class DifferenceDecisionIn(Schema):
    """What is done about a difference, and why."""

    decision = EnumField(DifferenceDecision, required=True)
    reason = TextField(required=True, max=1000)


class ListedDecisionIn(Schema):
    """A difference as the list of differences gives it out, with what is decided about it."""

    id = Key(required=True)
    decision = EnumField(DifferenceDecision, load_default=None)
    reason = TextField(load_default=None, max=1000)
    kind = fields.String()
    household_code = fields.String()
    survey_line = fields.Integer()
    fields_ = fields.String(data_key="fields")

    @ma.post_load
    def _decide(self, data: dict[str, Any], **_: Any) -> ListedDecision:
        return ListedDecision(**{name: data[name] for name in ("id", "decision", "reason")})
