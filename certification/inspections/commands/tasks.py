"""Opening, assigning, starting, concluding and closing inspections."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import CertificateId
from certification.certificates.queries.certificates import get_certificate
from certification.events import InspectionClosed, InspectionStarted
from certification.inspections.commands.plans import reveal_if_open
from certification.inspections.models.findings import Consequence, ConsequenceKind
from certification.inspections.models.plans import DrawPlan
from certification.inspections.models.tasks import (
    InspectionTask,
    TaskId,
    TaskSource,
    TaskStatus,
)
from certification.inspections.queries.plans import get_plan
from certification.inspections.queries.tasks import (
    find_inspector,
    get_task,
    list_certifiers,
    list_findings,
)
from certification.inspections.rules import tasks as rules
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId
from registry.regions.rules import COUNTY_DIGITS, check_reach


def open_case(
    certificate_id: UUID,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    source: TaskSource = TaskSource.TARGETED,
    source_id: UUID | None = None,
) -> InspectionTask:
    """Open a hidden inspection of a certificate for a reason, in the charge of the actor's office.

    Refuses NotAllowed (out of reach), OwnOrganisation and NotFound.
    """
    check_clear_of_identity(reason, pointer="/reason")
    certificate = get_certificate(by, CertificateId(certificate_id))
    check_reach(certificate.origin_region_code, by=by)
    if by.organisation_id is None:
        raise NotAllowed
    rules.check_foreign(
        certificate.holder_id,
        is_member=is_member(by, organisation_id=certificate.holder_id),
        by=by,
    )
    task = InspectionTask(
        id=TaskId(new_id()),
        source=source,
        source_id=source_id,
        certificate_id=certificate.id,
        holder_id=certificate.holder_id,
        region_code=certificate.origin_region_code,
        organisation_id=OrganisationId(by.organisation_id),
        reason=reason,
        status=TaskStatus.HIDDEN,
        opened_by_id=UserId(by.user_id),
        opened_at=now,
    )
    db.session.add(task)
    _audit("open_inspection", task, by=by, now=now)
    return task


def assign_inspector(
    task_id: UUID, *, inspector_id: UUID, by: Actor, now: datetime
) -> InspectionTask:
    """Name who inspects, while it is hidden: a reviewer around the place, who did not certify.

    Refuses OwnOrganisation, InspectorUnfit, InspectorCertified, WrongState.
    """
    task = get_task(by, task_id, lock=True)
    check_foreign(task, by=by)
    rules.check_office(task.organisation_id, by=by)
    rules.check_move(rules.TASKS, task.status, TaskStatus.STARTED)
    found = find_inspector(by, inspector_id)
    rules.check_inspector(
        task,
        reach=found.reach,
        organisations=found.organisation_ids,
        certifiers=list_certifiers(by, get_certificate(by, task.certificate_id)),
        inspector_id=inspector_id,
    )
    offices = list(found.office_ids)
    office = task.organisation_id if task.organisation_id in offices else offices[0]
    task.inspector_id = UserId(inspector_id)
    task.inspector_organisation_id = OrganisationId(office)
    _audit("assign_inspector", task, by=by, now=now)
    return task


def start_inspection(task_id: UUID, *, by: Actor, now: datetime) -> InspectionTask:
    """Begin an inspection: from now on the inspected may know of it, and it has a number."""
    plan, task = _lock(task_id, by=by)
    check_foreign(task, by=by)
    rules.check_start(task, by=by)
    task.status, task.started_at = TaskStatus.STARTED, now
    county = task.region_code[:COUNTY_DIGITS]
    task.number = next_number("BF-IN", region_code=county, year=shanghai_year(now))
    _audit("start_inspection", task, by=by, now=now)
    record(InspectionStarted(task_id=task.id), now=now)
    if plan is not None:
        reveal_if_open(plan, by=by, now=now)
    return task


def cancel_inspection(task_id: UUID, *, reason: str, by: Actor, now: datetime) -> InspectionTask:
    """Give up an inspection that nobody has begun, and say why."""
    check_clear_of_identity(reason, pointer="/reason")
    plan, task = _lock(task_id, by=by)
    check_foreign(task, by=by)
    rules.check_office(task.organisation_id, by=by)
    rules.check_move(rules.TASKS, task.status, TaskStatus.CANCELLED)
    task.status, task.cancelled_because = TaskStatus.CANCELLED, reason
    _audit("cancel_inspection", task, by=by, now=now)
    if plan is not None:
        reveal_if_open(plan, by=by, now=now)
    return task


def conclude_inspection(task_id: UUID, *, summary: str, by: Actor, now: datetime) -> InspectionTask:
    """End the visit: no finding is added any more; without one left open the case is closed."""
    check_clear_of_identity(summary, pointer="/summary")
    task = get_task(by, task_id, lock=True)
    check_foreign(task, by=by)
    rules.check_is_inspector(task, by=by)
    rules.check_move(rules.TASKS, task.status, TaskStatus.CONCLUDED)
    task.status, task.concluded_at, task.summary = TaskStatus.CONCLUDED, now, summary
    _audit("conclude_inspection", task, by=by, now=now)
    close_if_done(task, by=by, now=now)
    return task


def close_if_done(task: InspectionTask, *, by: Actor, now: datetime) -> None:
    """Close a concluded inspection once every finding is put right; the caller holds it locked."""
    db.session.flush()
    if task.status is not TaskStatus.CONCLUDED:
        return
    if not rules.is_done(list_findings(SYSTEM, task.id)):
        return
    task.status, task.closed_at = TaskStatus.CLOSED, now
    _audit("close_inspection", task, by=by, now=now)
    record(InspectionClosed(task_id=task.id), now=now)


def impose_consequence(
    task_id: UUID, *, kind: ConsequenceKind, reason: str, by: Actor, now: datetime
) -> InspectionTask:
    """Warn, suspend or revoke for what was found; the certificate changes with this transaction.

    Refuses SamePerson (an inspector revokes nothing alone), WrongState, and what the
    certificate itself refuses.
    """
    check_clear_of_identity(reason, pointer="/reason")
    task = get_task(by, task_id, lock=True)
    check_foreign(task, by=by)
    rules.check_consequence(task, kind, by=by)
    change_certificate(task.certificate_id, rules.CHANGES[kind], reason=reason, by=by, now=now)
    db.session.add(
        Consequence(
            id=new_id(),
            task_id=task.id,
            certificate_id=task.certificate_id,
            inspector_id=task.inspector_id,
            kind=kind,
            reason=reason,
            by_id=UserId(by.user_id),
            at=now,
        )
    )
    _audit("impose_consequence", task, by=by, now=now)
    return task


def check_foreign(task: InspectionTask, *, by: Actor) -> None:
    """Let nobody with a role in the inspected organisation act as the office (OwnOrganisation)."""
    member = is_member(by, organisation_id=task.holder_id)
    rules.check_foreign(task.holder_id, is_member=member, by=by)


def _lock(task_id: UUID, *, by: Actor) -> tuple[DrawPlan | None, InspectionTask]:
    """Lock an inspection in sight, its plan before it."""
    plan_id = get_task(by, task_id).plan_id
    plan = None if plan_id is None else get_plan(SYSTEM, plan_id, lock=True)
    return plan, get_task(by, task_id, lock=True)


def _audit(action: str, task: InspectionTask, *, by: Actor, now: datetime) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    after = {"status": task.status, "inspector_id": task.inspector_id}
    audit.write(action, subject=("inspection_task", task.id), by=by, now=now, after=after)
