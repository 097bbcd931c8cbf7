"""Doors to applications: the holder's side and the reviewers'."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from certification.applications import commands, queries
from certification.applications.models import Application
from certification.applications.queries import ApplicationContents, ApplicationView
from certification.applications.schemas import (
    ApplicationEdit,
    ApplicationIn,
    ApplicationItemOut,
    ApplicationOut,
    ApplicationQuery,
    ApplicationReviewIn,
)
from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role

applications = Blueprint("applications", __name__, url_prefix="/api/v1/certification")
CLERK = frozenset({Role.COOP_CLERK})


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
def review(body: dict[str, Any], application_id: UUID) -> ApplicationView:
    """Pass, return or reject at the level whose turn it is."""
    commands.review_application(application_id, **body, by=current_actor(), now=clock.now())
    return queries.get_view(current_actor(), application_id)
