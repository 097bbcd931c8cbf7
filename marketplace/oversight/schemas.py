"""Red flags in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Money, Schema, Text
from kernel.paging import PageQuery, page_schema
from kernel.terms import TermIn, TermOut
from marketplace.oversight.commands.deciding import Demand, Suspicion
from marketplace.oversight.models import FlagRule, FlagStatus, FlagTermCode, Measure, RowKind
from marketplace.oversight.queries.flags import FlagView, RuleView
from marketplace.oversight.rules import YARDSTICKS

REASON_LENGTH = 2000


class FlagReasonIn(Schema):
    """Why a flag means nothing."""

    reason = Text(required=True, max=REASON_LENGTH)


class FlagDemandIn(Schema):
    """Which of the buyers has to put what right."""

    makes = Demand

    unit_id = Key(required=True)
    demand = Text(required=True, max=REASON_LENGTH)


class FlagSuspicionIn(Schema):
    """Which certificate's goods are looked at, and for what reason."""

    makes = Suspicion

    certificate_id = Key(required=True)
    reason = Text(required=True, max=REASON_LENGTH)


class FlagTermIn(TermIn):
    """A number of a rule from a day on, and what it rests on."""

    code = EnumField(FlagTermCode, required=True)


class FlagsQuery(PageQuery):
    """Which flags to list."""

    rule = EnumField(FlagRule, load_default=None)
    status = EnumField(FlagStatus, load_default=None)
    organisation_id = Key(load_default=None)


class FlagTermOut(TermOut):
    """A number that a rule measures by, and where it comes from."""

    code = EnumField(FlagTermCode, required=True)


FLAG_TERM_PAGE = page_schema(FlagTermOut)


class FlagRuleOut(Schema):
    """A rule: its unit, its numbers in force, why it may mean nothing, and what stands."""

    rule = EnumField(FlagRule, required=True)
    measure = EnumField(Measure, required=True)
    doubt = fields.String(required=True)
    terms = fields.List(fields.Nested(FlagTermOut), required=True)
    looked_at = Instant(required=True, allow_none=True)
    open = fields.Integer(attribute="counts.open", required=True)
    explained = fields.Integer(attribute="counts.explained", required=True)
    demanded = fields.Integer(attribute="counts.demanded", required=True)
    inspected = fields.Integer(attribute="counts.inspected", required=True)

    @ma.pre_dump
    def measure_it(self, one: RuleView, **_: Any) -> dict[str, Any]:
        """Put beside a rule what it measures, and by which numbers."""
        stick = YARDSTICKS[one.rule]
        return {
            "rule": one.rule,
            "measure": stick.measure,
            "doubt": stick.doubt,
            "terms": [one.terms[code] for code in stick.terms if code in one.terms],
            "looked_at": one.looked_at,
            "counts": one.counts,
        }


class FlagRulesOut(Schema):
    """Every rule."""

    items = fields.List(fields.Nested(FlagRuleOut), required=True)


class RedFlagOut(Schema):
    """A flag: whom it concerns, and what was measured against what, in the rule's unit."""

    id = Key(attribute="flag.id", required=True)
    rule = EnumField(FlagRule, attribute="flag.rule", required=True)
    buyer_ids = fields.List(Key(), required=True)
    supplier_ids = fields.List(Key(), required=True)
    measured = fields.Integer(attribute="flag.measured", required=True)
    against = fields.Integer(attribute="flag.against", required=True, allow_none=True)
    row_count = fields.Integer(attribute="flag.row_count", required=True)
    found_at = Instant(attribute="flag.found_at", required=True)
    seen_at = Instant(attribute="flag.seen_at", required=True)
    status = EnumField(FlagStatus, attribute="flag.status", required=True)
    reason = fields.String(attribute="flag.reason", required=True, allow_none=True)
    decided_at = Instant(attribute="flag.decided_at", required=True, allow_none=True)
    case_id = Key(attribute="flag.case_id", required=True, allow_none=True)
    version = fields.Integer(attribute="flag.version", required=True)


class FlagRowOut(Schema):
    """One of the rows behind a flag; one out of sight has no label."""

    kind = EnumField(RowKind, required=True)
    id = Key(required=True)
    amount_fen = Money(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True)


class FlagCertificateOut(Schema):
    """A certificate of goods behind a flag."""

    id = Key(required=True)
    number = fields.String(required=True)
    product_name = fields.String(required=True)


class RedFlagDetailOut(Schema):
    """A flag with the rows behind it, the first hundred, and the certificates of the goods."""

    flag = fields.Nested(RedFlagOut, required=True)
    measure = EnumField(Measure, required=True)
    doubt = fields.String(required=True)
    rows = fields.List(fields.Nested(FlagRowOut), required=True)
    certificates = fields.List(fields.Nested(FlagCertificateOut), required=True)

    @ma.pre_dump
    def measure_it(self, one: FlagView, **_: Any) -> dict[str, Any]:
        """Put beside a flag what its rule measures."""
        stick = YARDSTICKS[one.item.flag.rule]
        return {
            "flag": one.item,
            "measure": stick.measure,
            "doubt": stick.doubt,
            "rows": one.rows,
            "certificates": one.certificates,
        }
