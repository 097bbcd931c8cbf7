"""Inspections and findings in JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from certification.inspections.commands.findings import NewFinding
from certification.inspections.models.findings import (
    ConsequenceKind,
    FindingKind,
    FindingStatus,
    Severity,
    StepKind,
)
from certification.inspections.models.tasks import TaskSource, TaskStatus
from kernel.fields import Code, Day, EnumField, Flag, Instant, Key, RegionCode, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet

MAX_PHOTOS = 30


class InspectionCaseIn(Schema):
    """A certificate to inspect, and why."""

    certificate_id = Key(required=True)
    reason = Text(max=2000, required=True)


class InspectorIn(Schema):
    """Who inspects."""

    inspector_id = Key(required=True)


class InspectionReasonIn(Schema):
    """Why."""

    reason = Text(max=2000, required=True)


class SummaryIn(Schema):
    """What was seen."""

    summary = Text(max=4000, required=True)


class ConsequenceIn(Schema):
    """What follows for the certificate, and why."""

    kind = EnumField(ConsequenceKind, required=True)
    reason = Text(max=2000, required=True)


class InspectionFindingIn(Schema):
    """Something that is wrong, with the photos that show it."""

    makes = NewFinding

    kind = EnumField(FindingKind, required=True)
    severity = EnumField(Severity, required=True)
    text = Text(max=4000, required=True)
    document_ids = fields.List(Key(), load_default=list, validate=validate.Length(max=MAX_PHOTOS))


class InspectionReportIn(Schema):
    """What was done, with the papers that prove it."""

    text = Text(max=4000, required=True)
    document_ids = fields.List(Key(), load_default=list, validate=validate.Length(max=MAX_PHOTOS))


class RecheckIn(InspectionReportIn):
    """What was seen on looking again."""

    passed = Flag(required=True)


class TaskQuery(PageQuery):
    """Which inspections to list; `mine` are those one carries out."""

    status = EnumField(TaskStatus, load_default=None)
    mine = fields.Boolean(load_default=False)


class TaskItemOut(Schema):
    """An inspection in a list; without a number it is hidden."""

    id = Key(required=True)
    number = Code(required=True, allow_none=True)
    status = EnumField(TaskStatus, required=True)
    source = EnumField(TaskSource, required=True)
    plan_id = Key(required=True, allow_none=True)
    certificate_id = Key(required=True)
    holder_id = Key(required=True)
    region_code = RegionCode(required=True)
    organisation_id = Key(required=True)
    inspector_id = Key(required=True, allow_none=True)
    opened_at = Instant(required=True)
    started_at = Instant(required=True, allow_none=True)
    concluded_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    summary = Text(required=True, allow_none=True)
    cancelled_because = Text(required=True, allow_none=True)


class InspectionStepOut(Schema):
    """A line of a finding's ledger; `by_id` is null where time did it."""

    kind = EnumField(StepKind, attribute="step.kind", required=True)
    text = fields.String(attribute="step.text", required=True)
    by_id = Key(attribute="step.by_id", required=True, allow_none=True)
    at = Instant(attribute="step.at", required=True)
    document_ids = fields.List(Key(), required=True)


class FindingItemOut(Schema):
    """A finding; late from `deadline_on` on."""

    id = Key(required=True)
    task_id = Key(required=True)
    position = fields.Integer(required=True)
    kind = EnumField(FindingKind, required=True)
    severity = EnumField(Severity, required=True)
    text = Text(max=4000, required=True)
    status = EnumField(FindingStatus, required=True)
    deadline_on = Day(required=True)
    overdue_at = Instant(required=True, allow_none=True)


class InspectionFindingOut(Schema):
    """A finding with its ledger, oldest first."""

    finding = fields.Nested(FindingItemOut, required=True)
    steps = fields.List(fields.Nested(InspectionStepOut), required=True)


class InspectionConsequenceOut(Schema):
    """What followed for the certificate."""

    kind = EnumField(ConsequenceKind, required=True)
    reason = Text(max=2000, required=True)
    by_id = Key(required=True)
    at = Instant(required=True)


class TaskOut(Schema):
    """An inspection with all that belongs to it; the inspected are not told the reason."""

    task = fields.Nested(TaskItemOut, required=True)
    certificate_number = Code(required=True)
    reason = Text(max=2000, required=True, allow_none=True)
    findings = fields.List(fields.Nested(InspectionFindingOut), required=True)
    consequences = fields.List(fields.Nested(InspectionConsequenceOut), required=True)


TASKS = Sheet(
    name="inspection_tasks",
    zh="检查任务清单",
    en="Inspections",
    columns=(
        Column("id", "任务标识", "Task", width=38),
        Column("number", "编号", "Number", width=28),
        Column("status", "状态", "Status"),
        Column("source", "来源", "Source"),
        Column("certificate_id", "证书标识", "Certificate", width=38),
        Column("region_code", "地区代码", "Region", Kind.CODE),
        Column("opened_at", "建立时间", "Opened", width=24),
        Column("started_at", "开始时间", "Started", width=24),
        Column("concluded_at", "检查结束", "Concluded", width=24),
        Column("closed_at", "办结时间", "Closed", width=24),
    ),
)
