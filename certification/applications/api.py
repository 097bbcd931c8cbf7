"""Doors to applications: the holder's side and the reviewers'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from certification.applications.commands import (
    applications as commands,
)
from certification.applications.commands import (
    checklists,
    productions,
    reviews,
)
from certification.applications.commands.reviews import Verdict
from certification.applications.models import Application, Production
from certification.applications.queries import (
    applications as queries,
)
from certification.applications.queries import (
    contents,
    work_lists,
)
from certification.applications.queries import (
    productions as production_queries,
)
from certification.applications.queries.applications import ApplicationView
from certification.applications.queries.contents import ApplicationContents
from certification.applications.queries.work_lists import WorkItem
from certification.applications.schemas.applications import (
    APPLICATIONS,
    ApplicationDocumentListOut,
    ApplicationEdit,
    ApplicationIn,
    ApplicationItemOut,
    ApplicationOut,
    ApplicationQuery,
)
from certification.applications.schemas.reviews import (
    PRODUCTIONS,
    WORK_LIST,
    ApplicationReviewIn,
    ApplicationVersionListOut,
    BatchIn,
    BatchOut,
    ChecklistOut,
    ProductionEditIn,
    ProductionIn,
    ProductionOut,
    ProductionQuery,
    WorkItemOut,
    WorkQuery,
)
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.downloads import attachment
from kernel.exports.lists import export_door
from kernel.files import read_file
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role

applications = Blueprint("applications", __name__, url_prefix="/api/v1/certification")
CLERK = frozenset({Role.COOP_CLERK})
EXAMINES = REVIEWERS | {Role.AUDITOR}


@applications.post("/applications")
@endpoint(
    applications,
    allow=CLERK,
    accepts=ApplicationIn(),
    returns=ApplicationOut(),
    status=201,
    idempotent=True,
)
def draft(body: ApplicationContents) -> ApplicationView:
    """Begin an application; it is a draft until it is submitted."""
    made = commands.draft_application(body, by=current_actor(), now=clock.now())
    return queries.get_view(current_actor(), made.id)


@applications.get("/applications")
@endpoint(
    applications,
    allow=SIGNED_IN,
    accepts=ApplicationQuery(),
    returns=page_schema(ApplicationItemOut),
    location="query",
)
def list_applications(body: dict[str, Any]) -> Page[Application]:
    """List the applications in sight, the newest first."""
    return queries.list_applications(current_actor(), **body)


export_door(applications, "/applications/export", of=list_applications, sheet=APPLICATIONS)


@applications.get("/applications/<uuid:application_id>")
@endpoint(applications, allow=SIGNED_IN, returns=ApplicationOut())
def get(application_id: UUID) -> ApplicationView:
    """Get an application with its steps, papers and notice."""
    return queries.get_view(current_actor(), application_id)


@applications.patch("/applications/<uuid:application_id>")
@endpoint(applications, allow=CLERK, accepts=ApplicationEdit(), returns=ApplicationOut(), etag=True)
def edit(body: dict[str, Any], application_id: UUID) -> ApplicationView:
    """Change a draft or a returned application."""
    commands.edit_application(
        application_id,
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
    return queries.get_view(current_actor(), application_id)


@applications.post("/applications/<uuid:application_id>/submit")
@endpoint(applications, allow=CLERK, returns=ApplicationOut())
def submit(application_id: UUID) -> ApplicationView:
    """Hand an application to the first level of the chain."""
    commands.submit_application(application_id, by=current_actor(), now=clock.now())
    return queries.get_view(current_actor(), application_id)


@applications.post("/applications/<uuid:application_id>/withdraw")
@endpoint(applications, allow=CLERK, returns=ApplicationOut())
def withdraw(application_id: UUID) -> ApplicationView:
    """Take an application back for good."""
    commands.withdraw_application(application_id, by=current_actor(), now=clock.now())
    return queries.get_view(current_actor(), application_id)


@applications.post("/applications/<uuid:application_id>/reviews")
@endpoint(applications, allow=REVIEWERS, accepts=ApplicationReviewIn(), returns=ApplicationOut())
def review(body: Verdict, application_id: UUID) -> ApplicationView:
    """Pass, return or reject at the level whose turn it is."""
    reviews.review_application(application_id, verdict=body, by=current_actor(), now=clock.now())
    return queries.get_view(current_actor(), application_id)


@applications.post("/applications/batch-reviews")
@endpoint(applications, allow=REVIEWERS, accepts=BatchIn(), returns=BatchOut())
def review_batch(body: dict[str, Any]) -> Mapping[str, Any]:
    """Decide on many applications, each with its own opinion; all or none by default."""
    return {"items": reviews.review_batch(**body, by=current_actor(), now=clock.now())}


@applications.get("/applications/<uuid:application_id>/checklist")
@endpoint(applications, allow=EXAMINES, returns=ChecklistOut())
def get_checklist(application_id: UUID) -> checklists.Checklist:
    """Lay papers, prices, production and conflicts side by side."""
    return checklists.examine_application(application_id, by=current_actor(), now=clock.now())


@applications.get("/applications/<uuid:application_id>/documents")
@endpoint(applications, allow=EXAMINES, returns=ApplicationDocumentListOut())
def list_documents(application_id: UUID) -> Mapping[str, Any]:
    """List the papers that support an application, in its order."""
    application = queries.get_application(current_actor(), application_id)
    return {"items": contents.list_documents(current_actor(), application)}


@applications.get("/applications/<uuid:application_id>/documents/<uuid:document_id>")
@endpoint(applications, allow=EXAMINES)
def get_document(application_id: UUID, document_id: UUID) -> Response:
    """Give a paper of an application, to be saved, never shown by the browser from here."""
    application = queries.get_application(current_actor(), application_id)
    document = contents.get_document(current_actor(), application, document_id)
    return attachment(
        read_file(document.sha256), name=str(document.id), media_type=document.media_type
    )


@applications.get("/applications/<uuid:application_id>/versions")
@endpoint(applications, allow=SIGNED_IN, returns=ApplicationVersionListOut())
def list_versions(application_id: UUID) -> Mapping[str, Any]:
    """List what was handed in, round by round, with what each changed."""
    return {"items": checklists.compare_rounds(application_id, by=current_actor())}


@applications.get("/work-list")
@endpoint(
    applications,
    allow=REVIEWERS,
    accepts=WorkQuery(),
    returns=page_schema(WorkItemOut),
    location="query",
)
def list_work(body: dict[str, Any]) -> Page[WorkItem]:
    """List what waits for the own office, the longest overdue first."""
    today = shanghai_day(clock.now())
    return work_lists.list_waiting(current_actor(), **body, today=today)


export_door(applications, "/work-list/export", of=list_work, sheet=WORK_LIST)


@applications.get("/productions")
@endpoint(
    applications,
    allow=SIGNED_IN,
    accepts=ProductionQuery(),
    returns=page_schema(ProductionOut),
    location="query",
)
def list_productions(body: dict[str, Any]) -> Page[Production]:
    """List what holders in sight say they produce, and what of it is certified."""
    return production_queries.list_productions(current_actor(), **body)


export_door(applications, "/productions/export", of=list_productions, sheet=PRODUCTIONS)


@applications.post("/productions")
@endpoint(
    applications,
    allow=CLERK,
    accepts=ProductionIn(),
    returns=ProductionOut(),
    status=201,
)
def declare(body: dict[str, Any]) -> Production:
    """Say what the own organisation produces in a county in a year."""
    return productions.declare_production(**body, by=current_actor(), now=clock.now())


@applications.post("/productions/<uuid:production_id>/change")
@endpoint(applications, allow=CLERK, accepts=ProductionEditIn(), returns=ProductionOut())
def change_production(body: dict[str, Any], production_id: UUID) -> Production:
    """Say it anew, never below what was certified under it."""
    return productions.change_production(production_id, **body, by=current_actor(), now=clock.now())
