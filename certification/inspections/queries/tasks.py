"""Which inspections an actor may know of, and everything that belongs to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from certification.applications.models import ApplicationReview
from certification.certificates.models.certificates import Certificate
from certification.inspections.models.findings import (
    Consequence,
    Finding,
    FindingDocument,
    FindingStatus,
    FindingStep,
)
from certification.inspections.models.tasks import (
    InspectionRule,
    InspectionTask,
    TaskId,
    TaskStatus,
)
from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.accounts.models import REVIEWERS, Membership, Role
from registry.documents.models import Document
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations
from registry.regions.rules import NATION, ancestor_codes, subtree_prefix

IN_THE_OPEN = frozenset({TaskStatus.STARTED, TaskStatus.CONCLUDED, TaskStatus.CLOSED})


@dataclass(frozen=True)
class StepView:
    """A line of a finding's ledger with its photos and papers."""

    step: FindingStep
    document_ids: Sequence[UUID]


@dataclass(frozen=True)
class FindingView:
    """A finding with its ledger, oldest first."""

    finding: Finding
    steps: Sequence[StepView]


@dataclass(frozen=True)
class TaskView:
    """An inspection with all that belongs to it; the inspected are not told the reason."""

    task: InspectionTask
    certificate_number: str
    reason: str | None
    findings: Sequence[FindingView]
    consequences: Sequence[Consequence]


@dataclass(frozen=True)
class InspectorView:
    """The offices for which a person reviews, and all organisations they belong to."""

    office_ids: Sequence[UUID]
    reach: Sequence[str]
    organisation_ids: Sequence[UUID]


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say which inspections an actor may know of.

    Before the start only the reviewers of the office in charge, the inspector, and auditors;
    afterwards also the holder, and offices of the region.
    """
    inside = InspectionTask.organisation_id == actor.organisation_id
    planned = and_(true() if actor.has(*REVIEWERS) else false(), inside)
    own = or_(planned, InspectionTask.inspector_id == actor.user_id)
    if actor.has(Role.AUDITOR):
        return true()
    return or_(own, and_(InspectionTask.status.in_(IN_THE_OPEN), _around(actor)))


def _around(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return InspectionTask.region_code.startswith(actor.region_prefix, autoescape=True)
    if actor.sight is Sight.ORGANISATION:
        holders = select(Organisation.id).where(visible_organisations(actor))
        return InspectionTask.holder_id.in_(holders)
    return false()


def get_task(actor: Actor, task_id: UUID, *, lock: bool = False) -> InspectionTask:
    """Get an inspection that the actor may know of (NotFound), locked where it is decided on."""
    query = select(InspectionTask).where(InspectionTask.id == task_id, visible(actor))
    return locked(query, key_share=True) if lock else one(query)


def get_task_view(actor: Actor, task_id: UUID) -> TaskView:
    """Get an inspection that the actor may know of, with all that belongs to it (NotFound)."""
    task = get_task(actor, task_id)
    number = select(Certificate.number).where(Certificate.id == task.certificate_id)
    consequences = select(Consequence).where(Consequence.task_id == task.id)
    inspected = actor.sight is Sight.ORGANISATION
    return TaskView(
        task=task,
        certificate_number=db.session.scalars(number).one(),
        reason=None if inspected else task.reason,
        findings=_findings(task.id),
        consequences=list(db.session.scalars(consequences.order_by(Consequence.at))),
    )


def list_tasks(
    actor: Actor, *, status: TaskStatus | None, mine: bool, limit: int, cursor: str | None
) -> Page[InspectionTask]:
    """List the inspections that the actor may know of, the newest first; or only their own."""
    query = select(InspectionTask).where(visible(actor))
    if status is not None:
        query = query.where(InspectionTask.status == status)
    if mine:
        query = query.where(InspectionTask.inspector_id == actor.user_id)
    keys = [(InspectionTask.id, True)]
    filters = {"status": status, "mine": mine}
    return page(query, keys=keys, limit=limit, cursor=cursor, filters=filters)


def lock_finding(actor: Actor, finding_id: UUID) -> tuple[Finding, InspectionTask]:
    """Get a finding of an inspection the actor may know of, the inspection locked before it."""
    query = select(Finding.task_id).join(InspectionTask, InspectionTask.id == Finding.task_id)
    task_id = one(query.where(Finding.id == finding_id, visible(actor)))
    task = get_task(actor, task_id, lock=True)
    finding = db.session.get_one(
        Finding, finding_id, populate_existing=True, with_for_update={"key_share": True}
    )
    return finding, task


def list_findings(actor: Actor, task_id: TaskId) -> list[Finding]:
    """List the findings of an inspection that the actor was given, in their order."""
    del actor
    query = select(Finding).where(Finding.task_id == task_id).order_by(Finding.position)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def list_overdue(actor: Actor, *, today: date, limit: int) -> list[Finding]:
    """List and lock the open findings whose deadline is over and of which nobody was told."""
    del actor  # only the timer asks
    query = select(Finding).where(
        Finding.status == FindingStatus.OPEN,
        Finding.overdue_at.is_(None),
        Finding.deadline_on <= today,
    )
    query = query.order_by(Finding.deadline_on, Finding.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True, key_share=True)))


def find_inspector(actor: Actor, user_id: UUID) -> InspectorView:
    """Find for which offices a person reviews, and where else they belong."""
    del actor  # offices name each other's people
    query = select(Membership.role, Organisation.id, Organisation.region_prefix).join(
        Organisation, Organisation.id == Membership.organisation_id
    )
    rows = list(db.session.execute(query.where(Membership.user_id == user_id)))
    offices = [row for row in rows if row.role in REVIEWERS]
    return InspectorView(
        office_ids=[row.id for row in offices],
        reach=[row.region_prefix for row in offices],
        organisation_ids=[row.id for row in rows],
    )


def list_certifiers(actor: Actor, certificate: Certificate) -> set[UUID]:
    """List who passed the application of a certificate at any level, or granted it."""
    del actor
    query = select(ApplicationReview.reviewer_id).where(
        ApplicationReview.application_id == certificate.application_id
    )
    return {*db.session.scalars(query), certificate.granted_by_id}


def find_rule(actor: Actor, region_code: str, *, on: date) -> InspectionRule | None:
    """Find the terms of the nearest region around a place on a Shanghai day."""
    del actor
    until = InspectionRule.in_force_until_on
    query = select(InspectionRule).where(
        InspectionRule.region_code.in_([*ancestor_codes(region_code), NATION]),
        InspectionRule.in_force_from_on <= on,
        or_(until.is_(None), until > on),
    )
    found = [
        (len(subtree_prefix(one.region_code)), one.in_force_from_on, one)
        for one in db.session.scalars(query)
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def get_photo(actor: Actor, finding_id: UUID, document_id: UUID) -> Document:
    """Get a photo or paper of a finding of an inspection that the actor may know of (NotFound)."""
    query = (
        select(Document)
        .join(FindingDocument, FindingDocument.document_id == Document.id)
        .join(FindingStep, FindingStep.id == FindingDocument.step_id)
        .join(Finding, Finding.id == FindingStep.finding_id)
        .join(InspectionTask, InspectionTask.id == Finding.task_id)
        .where(Finding.id == finding_id, Document.id == document_id, visible(actor))
    )
    document = db.session.scalars(query.limit(1)).first()
    if document is None:
        raise NotFound
    return document


def _findings(task_id: TaskId) -> list[FindingView]:
    findings = select(Finding).where(Finding.task_id == task_id).order_by(Finding.position)
    steps = select(FindingStep).join(Finding, Finding.id == FindingStep.finding_id)
    papers = (
        select(FindingDocument)
        .join(FindingStep, FindingStep.id == FindingDocument.step_id)
        .join(Finding, Finding.id == FindingStep.finding_id)
        .where(Finding.task_id == task_id)
        .order_by(FindingDocument.position)
    )
    given: dict[UUID, list[UUID]] = {}
    for paper in db.session.scalars(papers):
        given.setdefault(paper.step_id, []).append(paper.document_id)
    taken: dict[UUID, list[StepView]] = {}
    ordered = steps.where(Finding.task_id == task_id).order_by(FindingStep.position)
    for step in db.session.scalars(ordered):
        taken.setdefault(step.finding_id, []).append(StepView(step, given.get(step.id, [])))
    return [FindingView(one, taken.get(one.id, [])) for one in db.session.scalars(findings)]
