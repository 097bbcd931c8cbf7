"""Moves and splits of households in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Flag, Key, RegionCode, Schema
from registry.households.commands.moves import NewSplit
from registry.households.models.members import Relation
from registry.households.schemas.households import MOST_MEMBERS


class MoveIn(Schema):
    """The village in which a household lives from today on."""

    village_code = RegionCode(required=True)


class SplitMemberIn(Schema):
    """Somebody who leaves, and what they are to the new head."""

    member_id = Key(required=True)
    relation = EnumField(Relation, required=True)


class SplitIn(Schema):
    """Who founds a household of their own; one of them is its head."""

    members = fields.List(
        fields.Nested(SplitMemberIn),
        required=True,
        validate=ma.validate.Length(min=1, max=MOST_MEMBERS),
    )
    able_labour = fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=0, max=MOST_MEMBERS)
    )
    willing = Flag(load_default=True)

    @ma.post_load
    def _split(self, data: dict[str, Any], **_: Any) -> NewSplit:
        relations = {one["member_id"]: one["relation"] for one in data["members"]}
        return NewSplit(relations, able_labour=data["able_labour"], willing=data["willing"])
