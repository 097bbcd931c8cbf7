"""Members of households and leaders of villages in JSON; persons masked."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, fields

from kernel.fields import (
    Day,
    EnumField,
    Flag,
    IdNumber,
    Key,
    RegionCode,
    Schema,
    is_id_number,
)
from kernel.fields import Text as TextField
from kernel.paging import PageQuery
from registry.households.commands.members import NewLeader, NewMember
from registry.households.models.households import HouseholdClass
from registry.households.models.members import Health, Labour, LeaveReason, Relation, Sex
from registry.regions.rules import NATION

ID_DIGITS = 18
DOCUMENT_LENGTHS = (18, 20, 22)
"""Identity card; disability card (identity number, kind, grade); one issued again."""


class DocumentNumber(fields.String):
    """An identity or disability card number: a right identity number, then 0, 2 or 4 digits."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *args, **kwargs)).upper()
        rest = text[ID_DIGITS:]
        if (
            len(text) not in DOCUMENT_LENGTHS
            or not is_id_number(text[:ID_DIGITS])
            or (rest and not (rest.isascii() and rest.replace("B", "").isdigit()))
        ):
            raise ValidationError({"code": "id_number_invalid"})
        return text


class MemberIn(Schema):
    """A member to add to a household."""

    makes = NewMember

    name = TextField(required=True, max=40)
    document_number = DocumentNumber(required=True)
    relation = EnumField(Relation, required=True)
    sex = EnumField(Sex, required=True)
    health = EnumField(Health, required=True)
    disability_grade = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(min=1, max=4)
    )
    labour = EnumField(Labour, required=True)
    willing = Flag(load_default=True)
    joined_on = Day(required=True)


class MemberLeavingIn(Schema):
    """The first day on which somebody no longer belongs to the household, and why."""

    left_on = Day(required=True)
    reason = EnumField(LeaveReason, required=True)


class MemberOut(Schema):
    """A member of a household, masked."""

    id = Key(required=True)
    name = fields.String(required=True)
    document_number = fields.String(required=True)
    relation = EnumField(Relation, required=True)
    sex = EnumField(Sex, required=True)
    health = EnumField(Health, required=True)
    disability_grade = fields.Integer(required=True, allow_none=True)
    labour = EnumField(Labour, required=True)
    willing = Flag(required=True)
    joined_on = Day(required=True)
    left_on = Day(required=True, allow_none=True)
    left_reason = EnumField(LeaveReason, required=True, allow_none=True)
    version = fields.Integer(required=True)


class MembersOut(Schema):
    """Everybody who belongs, or belonged, to a household."""

    items = fields.List(fields.Nested(MemberOut), required=True)


class PriorityOut(Schema):
    """A household's place in the order of asset income, by its code."""

    rank = fields.Integer(required=True)
    code = fields.String(required=True)
    village_code = RegionCode(required=True)
    household_class = EnumField(HouseholdClass, required=True, data_key="class")
    members = fields.Integer(required=True)
    able_labour = fields.Integer(required=True)


class RegionPageQuery(PageQuery):
    """A region whose subtree is listed."""

    region = RegionCode(load_default=NATION)


class LeaderIn(Schema):
    """A leader of a village."""

    makes = NewLeader

    village_code = RegionCode(required=True)
    name = TextField(required=True, max=40)
    id_number = IdNumber(required=True)
    trade = TextField(required=True, max=100)
    since_on = Day(required=True)


class LeaderEndIn(Schema):
    """The first day on which somebody no longer leads the village."""

    until_on = Day(required=True)


class LeaderOut(Schema):
    """A leader of a village, masked."""

    id = Key(required=True)
    village_code = RegionCode(required=True)
    name = fields.String(required=True)
    trade = fields.String(required=True)
    since_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    version = fields.Integer(required=True)
