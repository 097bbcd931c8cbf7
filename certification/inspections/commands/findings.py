"""Recording what is wrong, putting it right, looking again, and telling of what is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from certification.events import FindingOverdue
from certification.inspections.commands.tasks import check_foreign, close_if_done
from certification.inspections.commands.terms import deadline_after, get_terms
from certification.inspections.models.findings import (
    Finding,
    FindingDocument,
    FindingId,
    FindingKind,
    FindingStatus,
    FindingStep,
    Severity,
    StepKind,
)
from certification.inspections.models.tasks import InspectionTask
from certification.inspections.queries.tasks import (
    get_task,
    list_findings,
    list_overdue,
    lock_finding,
)
from certification.inspections.rules import tasks as rules
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import list_documents
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True)
class NewFinding:
    """Something that is wrong, with the photos that show it."""

    kind: FindingKind
    severity: Severity
    text: str
    document_ids: Sequence[DocumentId]


@dataclass(frozen=True)
class Report:
    """What was done or seen, with the papers and photos that prove it."""

    text: str
    document_ids: Sequence[DocumentId]


def record_finding(task_id: UUID, new: NewFinding, *, by: Actor, now: datetime) -> Finding:
    """Record what is wrong; the terms of the place say in how many working days it is put right.

    Refuses NotAllowed (not the inspector), WrongState, DocumentUnknown, NoInspectionTerms.
    """
    task = get_task(by, task_id, lock=True)
    check_foreign(task, by=by)
    rules.check_recording(task, by=by)
    finding = Finding(
        id=FindingId(new_id()),
        task_id=task.id,
        position=len(list_findings(by, task.id)) + 1,
        kind=new.kind,
        severity=new.severity,
        text=new.text,
        status=FindingStatus.OPEN,
        found_by_id=UserId(by.user_id),
    )
    _set_deadline(finding, task, now=now)
    db.session.add(finding)
    report = Report(new.text, new.document_ids)
    _note(finding, StepKind.OPENED, report, by=by, now=now)
    return finding


def rectify_finding(finding_id: UUID, report: Report, *, by: Actor, now: datetime) -> Finding:
    """Say, as the holder, how a finding was put right."""
    finding, task = lock_finding(by, finding_id)
    rules.check_rectification(finding, task=task, by=by)
    finding.status, finding.rectified_by_id = FindingStatus.RECTIFIED, UserId(by.user_id)
    _note(finding, StepKind.RECTIFIED, report, by=by, now=now)
    return finding


def recheck_finding(
    finding_id: UUID, report: Report, *, passed: bool, by: Actor, now: datetime
) -> Finding:
    """Look again: close the finding, or send it back with a new deadline.

    Refuses NotAllowed, OwnOrganisation, WrongState, and SamePerson: who recorded it or put it
    right does not close it.
    """
    finding, task = lock_finding(by, finding_id)
    check_foreign(task, by=by)
    wanted = FindingStatus.CLOSED if passed else FindingStatus.OPEN
    rules.check_recheck(finding, wanted, task=task, by=by)
    finding.status = wanted
    if passed:
        finding.closed_by_id = UserId(by.user_id)
    else:
        finding.rectified_by_id = None
        _set_deadline(finding, task, now=now)
    _note(finding, StepKind.CLOSED if passed else StepKind.RETURNED, report, by=by, now=now)
    close_if_done(task, by=by, now=now)
    return finding


def tell_overdue(*, now: datetime, limit: int = 500) -> int:
    """Tell of findings whose deadline is over, once a round; give how many."""
    due = list_overdue(SYSTEM, today=shanghai_day(now), limit=limit)
    for finding in due:
        finding.overdue_at = now
        _note(finding, StepKind.OVERDUE, Report("", ()), by=SYSTEM, now=now)
        record(FindingOverdue(finding_id=finding.id), now=now)
    return len(due)


def _set_deadline(finding: Finding, task: InspectionTask, *, now: datetime) -> None:
    today = shanghai_day(now)
    days = rules.days_to_rectify(get_terms(task.region_code, on=today), finding.severity)
    finding.deadline_on = deadline_after(today, working_days=days)
    finding.overdue_at = None


def _note(finding: Finding, kind: StepKind, report: Report, *, by: Actor, now: datetime) -> None:
    """Add a line to a finding's ledger, with its papers, and the act beside it."""
    check_clear_of_identity(report.text, pointer="/text")
    papers = list(dict.fromkeys(report.document_ids))
    list_documents(by, papers)
    step = FindingStep(
        id=new_id(),
        finding_id=finding.id,
        kind=kind,
        text=report.text,
        by_id=None if by is SYSTEM else UserId(by.user_id),
        at=now,
    )
    db.session.flush()
    db.session.add(step)
    db.session.flush()
    rows = [
        {"step_id": step.id, "document_id": one, "position": position}
        for position, one in enumerate(papers)
    ]
    if rows:
        db.session.execute(insert(FindingDocument), rows)
    after = {"kind": kind, "text": report.text, "status": finding.status, "documents": papers}
    audit.write(f"finding_{kind}", subject=("finding", finding.id), by=by, now=now, after=after)
