"""Which policy holds, and why no other does, in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Flag, Instant, Key, RegionCode, Schema, Text, Year
from procurement.policies.models import Denominator, Situation, Standing
from procurement.policies.rules.resolutions import Loss, Question
from procurement.policies.schemas.policies import PolicyOut, UnionRuleOut, WordsOut
from procurement.policies.schemas.waivers import WaiverOut
from registry.organisations.models import OrganisationKind


def _yes_or_no() -> fields.Boolean:
    return fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class ResolveQuery(Schema):
    """For which place or unit, and which year or day, to resolve, and as of when."""

    makes = Question

    region = RegionCode()
    unit_id = Key()
    year = Year()
    on = Day()
    situation = EnumField(Situation, load_default=None)
    kind = EnumField(OrganisationKind, load_default=None)
    central = _yes_or_no()
    subsidised = _yes_or_no()
    as_of = Instant()

    @ma.validates_schema
    def _check_asked(self, data: dict[str, Any], **_: Any) -> None:
        for pair in (("region", "unit_id"), ("year", "on")):
            if not data.keys() & set(pair):
                raise ma.ValidationError(
                    ma.fields.Field.default_error_messages["required"], pair[0]
                )


class LosingOut(Schema):
    """A policy that does not hold, and why not."""

    policy = fields.Nested(PolicyOut, required=True)
    reason = EnumField(Loss, required=True)
    why = fields.Nested(WordsOut, required=True)


class LosingUnionRuleOut(Schema):
    """A rule of the union that does not hold, and why not."""

    rule = fields.Nested(UnionRuleOut, attribute="policy", required=True)
    reason = EnumField(Loss, required=True)
    why = fields.Nested(WordsOut, required=True)


class UnionChoiceOut(Schema):
    """The rule of the union in force, null where none is, and those that lost."""

    rule = fields.Nested(UnionRuleOut, attribute="winner", required=True, allow_none=True)
    losing = fields.List(fields.Nested(LosingUnionRuleOut), required=True)


class ResolutionOut(Schema):
    """The policy in force with its own fields, or `in_force: false` without them.

    `owed_bp` is the share owed: the policy's, or the waiver's where one runs.
    """

    in_force = Flag(required=True)
    region = RegionCode(attribute="region_code", required=True)
    year = fields.Integer(required=True)
    why = fields.Nested(WordsOut, required=True)
    carried = Flag(required=True)
    filing_deadline_on = Day(attribute="deadline_on", required=True, allow_none=True)
    owed_bp = fields.Integer(required=True, allow_none=True)
    losing = fields.List(fields.Nested(LosingOut), required=True)
    union = fields.Nested(UnionChoiceOut, required=True)
    waiver = fields.Nested(WaiverOut, required=True, allow_none=True)
    policy_id = Key(attribute="policy.id")
    code = Text(attribute="policy.code")
    version = fields.Integer(attribute="policy.version")
    region_code = RegionCode(attribute="policy.region_code")
    year_from = fields.Integer(attribute="policy.year_from")
    year_until = fields.Integer(attribute="policy.year_until", allow_none=True)
    situations = fields.List(Code(), attribute="policy.situations")
    denominator = EnumField(Denominator, attribute="policy.denominator")
    floor_bp = fields.Integer(attribute="policy.floor_bp")
    encouraged_bp = fields.Integer(attribute="policy.encouraged_bp", allow_none=True)
    not_below_last_year = Flag(attribute="policy.not_below_last_year")
    contract_clause_required = Flag(attribute="policy.contract_clause_required")
    zero_filing = Flag(attribute="policy.zero_filing")
    counting_origin_kinds = fields.List(Code(), attribute="policy.counting_origin_kinds")
    counting_order_kinds = fields.List(Code(), attribute="policy.counting_order_kinds")
    counting_purchases = fields.List(Code(), attribute="policy.counting_purchases")
    document_number = Text(attribute="policy.document_number", allow_none=True)
    standing = EnumField(Standing, attribute="policy.standing")
    source = Text(max=1000, attribute="policy.source")
    source_url = Text(max=1000, attribute="policy.source_url", allow_none=True)
    note_zh = Text(max=2000, attribute="policy.note_zh")
    note_en = Text(max=2000, attribute="policy.note_en")
