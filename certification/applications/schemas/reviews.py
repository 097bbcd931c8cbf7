"""Decisions, what they rest on, and what waits for them, in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from certification.applications.commands.reviews import BatchItem, Reason, Verdict
from certification.applications.models import ApplicationStatus, Decision
from certification.applications.schemas.applications import (
    ApplicationItemOut,
    ApplicationReasonOut,
    ComparisonPriceIn,
)
from kernel.fields import (
    Code,
    EnumField,
    Flag,
    Instant,
    Key,
    Money,
    QuantityField,
    RegionCode,
    Schema,
    Text,
    Year,
)
from kernel.paging import PageQuery
from kernel.quantity import Unit
from kernel.sheets.columns import Column, Kind, Sheet

MAX_REASONS = 50
MAX_BATCH = 200


class ReturnReasonIn(Schema):
    """Why an application comes back: a JSON pointer into it, and what is wrong there."""

    makes = Reason

    pointer = Text(max=200, required=True)
    text = Text(max=1000, required=True)


class _VerdictFields(Schema):
    """A decision and why; a return may say it field by field."""

    decision = EnumField(Decision, required=True)
    opinion = Text(max=2000, required=True)
    reasons = fields.List(fields.Nested(ReturnReasonIn), validate=validate.Length(max=MAX_REASONS))


class ApplicationReviewIn(_VerdictFields):
    """A decision and why; a return may say it field by field."""

    makes = Verdict


class BatchItemIn(_VerdictFields):
    """A decision on one application of many, with its own opinion."""

    makes = BatchItem

    application_id = Key(required=True)


class BatchIn(Schema):
    """Decisions on many applications: all or none, or each for itself."""

    items = fields.List(
        fields.Nested(BatchItemIn), required=True, validate=validate.Length(min=1, max=MAX_BATCH)
    )
    atomic = Flag(load_default=True)


class BatchOutcomeOut(Schema):
    """What became of one item: its status now, or the code of the refusal."""

    application_id = Key(required=True)
    status = EnumField(ApplicationStatus, required=True, allow_none=True)
    code = Code(attribute="refusal.code", required=True, allow_none=True, dump_default=None)


class BatchOut(Schema):
    """What became of each item, in the order asked."""

    items = fields.List(fields.Nested(BatchOutcomeOut), required=True)


class WorkQuery(PageQuery):
    """Which part of the work list: all, what is late, or what is not yet."""

    overdue = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})


class WorkItemOut(Schema):
    """An application that waits for the actor's office; late after the end of `due_on`."""

    application = fields.Nested(ApplicationItemOut, required=True)
    is_overdue = fields.Boolean(required=True)


class VersionChangeOut(Schema):
    """A field that a resubmission changed, and why it had been returned."""

    pointer = Text(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)
    reasons = fields.List(fields.String(), required=True)


class ApplicationVersionOut(Schema):
    """What was handed in for a round, and what it changed against the round before."""

    round = fields.Integer(attribute="version.round", required=True)
    submitted_at = Instant(attribute="version.submitted_at", required=True)
    submitted_by_id = Key(attribute="version.submitted_by_id", required=True)
    contents = fields.Dict(attribute="version.contents", required=True)
    changes = fields.List(fields.Nested(VersionChangeOut), required=True)
    unanswered = fields.List(fields.Nested(ApplicationReasonOut), required=True)


class ApplicationVersionListOut(Schema):
    """The rounds of an application, the first first."""

    items = fields.List(fields.Nested(ApplicationVersionOut), required=True)


class PaperCheckOut(Schema):
    """A paper that the category needs, as its alternatives, and whether one is there."""

    alternatives = fields.List(Code(), required=True)
    is_there = fields.Boolean(required=True)


class ChecklistFindingOut(Schema):
    """Something to look at before deciding; it is told, not refused."""

    code = Code(required=True)
    pointer = Text(required=True)
    figures = fields.Dict(required=True)


class ComparedOut(Schema):
    """A comparison price in the application's unit; only the same specification counts."""

    price = fields.Nested(ComparisonPriceIn, required=True)
    normal_fen = Money(required=True)
    counts = fields.Boolean(required=True)


class PriceTestOut(Schema):
    """The price beside the median of its comparisons (fen, basis points)."""

    compared = fields.List(fields.Nested(ComparedOut), required=True)
    wanted = fields.Integer(required=True)
    counted = fields.Integer(required=True)
    median_fen = Money(required=True, allow_none=True)
    deviation_bp = fields.Integer(required=True, allow_none=True)
    low_bp = fields.Integer(required=True)
    high_bp = fields.Integer(required=True)
    is_outside = fields.Boolean(required=True)


class OtherApplicationOut(Schema):
    """Another application; out of sight only that it exists is told."""

    application_id = Key(required=True, allow_none=True)
    number = Code(required=True, allow_none=True)
    status = EnumField(ApplicationStatus, required=True, allow_none=True)
    is_same_holder = fields.Boolean(required=True)


class UsedPaperOut(Schema):
    """A paper that supports another application too, known by its hash or its number."""

    document_id = Key(required=True)
    kind = Code(required=True)
    by = Code(required=True)
    other = fields.Nested(OtherApplicationOut, required=True)


class SameHouseholdOut(Schema):
    """A household that another holder counts for the same category, by its code."""

    household_code = Code(required=True)
    quantity = QuantityField(zero=True, required=True, allow_none=True)
    other_quantity = QuantityField(zero=True, required=True, allow_none=True)
    other_unit = EnumField(Unit, required=True)
    other = fields.Nested(OtherApplicationOut, required=True)


class ChecklistOut(Schema):
    """Everything a reviewer looks at side by side before deciding."""

    application_id = Key(required=True)
    papers = fields.List(fields.Nested(PaperCheckOut), required=True)
    price = fields.Nested(PriceTestOut, required=True)
    like_applications = fields.List(fields.Nested(ApplicationItemOut), required=True)
    same_papers = fields.List(fields.Nested(UsedPaperOut), required=True)
    same_households = fields.List(fields.Nested(SameHouseholdOut), required=True)
    findings = fields.List(fields.Nested(ChecklistFindingOut), required=True)


class ProductionIn(Schema):
    """What the holder produces of a category in a county in a year, and how that is known."""

    category_code = Code(required=True)
    county_code = RegionCode(required=True)
    year = Year(required=True)
    unit = EnumField(Unit, required=True)
    quantity = QuantityField(required=True)
    basis = Text(max=500, required=True)


class ProductionEditIn(Schema):
    """What is produced, said anew, in the unit it is kept in."""

    quantity = QuantityField(required=True)
    basis = Text(max=500, required=True)


class ProductionQuery(PageQuery):
    """Which productions to list."""

    year = fields.Integer(load_default=None, validate=validate.Range(min=2000, max=2100))


class ProductionOut(Schema):
    """What a holder says it produces in a county in a year, and what of it is certified."""

    id = Key(required=True)
    holder_id = Key(required=True)
    category_code = Code(required=True)
    county_code = Code(required=True)
    year = fields.Integer(required=True)
    unit = EnumField(Unit, required=True)
    declared = QuantityField(zero=True, required=True)
    certified = QuantityField(zero=True, required=True)
    basis = Text(max=500, required=True)
    declared_at = Instant(required=True)


WORK_LIST = Sheet(
    name="work_list",
    zh="待办清单",
    en="Work list",
    columns=(
        Column("application.number", "申报编号", "Number", width=28),
        Column("application.status", "状态", "Status"),
        Column("application.round", "轮次", "Round", Kind.WHOLE),
        Column("application.product_name", "产品名称", "Product", width=24),
        Column("application.origin_region_code", "产地代码", "Origin"),
        Column("application.due_on", "办理期限", "Due", Kind.DAY),
        Column("is_overdue", "逾期", "Overdue", Kind.FLAG),
    ),
)
PRODUCTIONS = Sheet(
    name="productions",
    zh="产量申报清单",
    en="Productions",
    columns=(
        Column("holder_id", "申报单位标识", "Holder", width=38),
        Column("category_code", "类别", "Category"),
        Column("county_code", "县代码", "County", Kind.CODE),
        Column("year", "年度", "Year", Kind.WHOLE),
        Column("unit", "计量单位", "Unit"),
        Column("declared", "申报产量", "Declared", Kind.QUANTITY),
        Column("certified", "已认定", "Certified", Kind.QUANTITY),
        Column("basis", "依据", "Basis", width=40),
    ),
)
