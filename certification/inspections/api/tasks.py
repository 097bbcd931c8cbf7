"""Doors to inspections, their findings and what follows from them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from certification.inspections.commands import findings as putting_right
from certification.inspections.commands import tasks as commands
from certification.inspections.commands.findings import NewFinding, Report
from certification.inspections.models.findings import Finding
from certification.inspections.models.tasks import InspectionTask
from certification.inspections.queries.tasks import (
    TaskView,
    get_photo,
    get_task_view,
    list_tasks,
)
from certification.inspections.schemas.tasks import (
    TASKS,
    ConsequenceIn,
    FindingItemOut,
    InspectionCaseIn,
    InspectionFindingIn,
    InspectionReasonIn,
    InspectionReportIn,
    InspectorIn,
    RecheckIn,
    SummaryIn,
    TaskItemOut,
    TaskOut,
    TaskQuery,
)
from kernel import clock
from kernel.downloads import attachment
from kernel.exports.lists import export_door
from kernel.files import read_file
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role

tasks = Blueprint("inspection_tasks", __name__, url_prefix="/api/v1/inspections")
PLANNERS = REVIEWERS - {Role.TOWN_CHECKER}
SELLERS = frozenset({Role.COOP_CLERK, Role.COOP_MANAGER})


@tasks.post("/tasks")
@endpoint(
    tasks,
    allow=PLANNERS,
    accepts=InspectionCaseIn(),
    returns=TaskOut(),
    status=201,
    idempotent=True,
)
def open_case(body: dict[str, Any]) -> TaskView:
    """Open a hidden inspection of one certificate, for a reason."""
    task = commands.open_case(**body, by=current_actor(), now=clock.now())
    return get_task_view(current_actor(), task.id)


@tasks.get("/tasks")
@endpoint(
    tasks,
    allow=SIGNED_IN,
    accepts=TaskQuery(),
    returns=page_schema(TaskItemOut),
    location="query",
)
def search(body: dict[str, Any]) -> Page[InspectionTask]:
    """List the inspections one may know of, the newest first."""
    return list_tasks(current_actor(), **body)


export_door(tasks, "/tasks/export", of=search, sheet=TASKS)


@tasks.get("/tasks/<uuid:task_id>")
@endpoint(tasks, allow=SIGNED_IN, returns=TaskOut())
def get(task_id: UUID) -> TaskView:
    """Give an inspection one may know of; a hidden one does not exist for the inspected."""
    return get_task_view(current_actor(), task_id)


@tasks.post("/tasks/<uuid:task_id>/inspector")
@endpoint(tasks, allow=PLANNERS, accepts=InspectorIn(), returns=TaskOut())
def assign(body: dict[str, Any], task_id: UUID) -> TaskView:
    """Name who inspects, while it is hidden."""
    commands.assign_inspector(task_id, **body, by=current_actor(), now=clock.now())
    return get_task_view(current_actor(), task_id)


@tasks.post("/tasks/<uuid:task_id>/start")
@endpoint(tasks, allow=REVIEWERS, returns=TaskOut())
def start(task_id: UUID) -> TaskView:
    """Begin an inspection; from now on the inspected may know of it."""
    commands.start_inspection(task_id, by=current_actor(), now=clock.now())
    return get_task_view(current_actor(), task_id)


@tasks.post("/tasks/<uuid:task_id>/cancel")
@endpoint(tasks, allow=PLANNERS, accepts=InspectionReasonIn(), returns=TaskOut())
def cancel(body: dict[str, Any], task_id: UUID) -> TaskView:
    """Give up an inspection that nobody has begun."""
    commands.cancel_inspection(task_id, **body, by=current_actor(), now=clock.now())
    return get_task_view(current_actor(), task_id)


@tasks.post("/tasks/<uuid:task_id>/findings")
@endpoint(
    tasks, allow=REVIEWERS, accepts=InspectionFindingIn(), returns=FindingItemOut(), status=201
)
def find(body: NewFinding, task_id: UUID) -> Finding:
    """Record something that is wrong, with photos."""
    return putting_right.record_finding(task_id, body, by=current_actor(), now=clock.now())


@tasks.post("/tasks/<uuid:task_id>/conclude")
@endpoint(tasks, allow=REVIEWERS, accepts=SummaryIn(), returns=TaskOut())
def conclude(body: dict[str, Any], task_id: UUID) -> TaskView:
    """End the visit; without an open finding the inspection is closed."""
    commands.conclude_inspection(task_id, **body, by=current_actor(), now=clock.now())
    return get_task_view(current_actor(), task_id)


@tasks.post("/tasks/<uuid:task_id>/consequences")
@endpoint(tasks, allow=REVIEWERS, accepts=ConsequenceIn(), returns=TaskOut())
def impose(body: dict[str, Any], task_id: UUID) -> TaskView:
    """Warn, suspend or revoke the certificate for what was found."""
    commands.impose_consequence(task_id, **body, by=current_actor(), now=clock.now())
    return get_task_view(current_actor(), task_id)


@tasks.post("/findings/<uuid:finding_id>/rectify")
@endpoint(tasks, allow=SELLERS, accepts=InspectionReportIn(), returns=FindingItemOut())
def rectify(body: dict[str, Any], finding_id: UUID) -> Finding:
    """Say how a finding was put right, with proof."""
    return putting_right.rectify_finding(
        finding_id, Report(**body), by=current_actor(), now=clock.now()
    )


@tasks.post("/findings/<uuid:finding_id>/recheck")
@endpoint(tasks, allow=REVIEWERS, accepts=RecheckIn(), returns=FindingItemOut())
def recheck(body: dict[str, Any], finding_id: UUID) -> Finding:
    """Look again: close a finding, or send it back with a new deadline."""
    passed = body.pop("passed")
    return putting_right.recheck_finding(
        finding_id, Report(**body), passed=passed, by=current_actor(), now=clock.now()
    )


@tasks.get("/findings/<uuid:finding_id>/documents/<uuid:document_id>")
@endpoint(tasks, allow=SIGNED_IN)
def photo(finding_id: UUID, document_id: UUID) -> Response:
    """Give a photo or paper of a finding, to be saved, never shown by the browser from here."""
    document = get_photo(current_actor(), finding_id, document_id)
    return attachment(
        read_file(document.sha256), name=str(document.id), media_type=document.media_type
    )
