"""Doors to renewals and to changes of scope."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from certification.applications.queries.applications import ApplicationView
from certification.applications.queries.applications import get_view as get_application_view
from certification.applications.queries.contents import ApplicationContents
from certification.applications.schemas.applications import ApplicationIn, ApplicationOut
from certification.certificates.commands import renewals
from certification.certificates.commands import scope as commands
from certification.certificates.models.scope import ScopeChange
from certification.certificates.queries.scope import list_scope_changes
from certification.certificates.rules.scope import Scope
from certification.certificates.schemas.scope import (
    SCOPE_CHANGES,
    ScopeChangeIn,
    ScopeChangeOut,
    ScopeChangeQuery,
    ScopeDecisionIn,
)
from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role

scope = Blueprint("certificate_scope", __name__, url_prefix="/api/v1")
CLERK = frozenset({Role.COOP_CLERK})


@scope.post("/certificates/<uuid:certificate_id>/renewals")
@endpoint(
    scope,
    allow=CLERK,
    accepts=ApplicationIn(),
    returns=ApplicationOut(),
    status=201,
    idempotent=True,
)
def renew(body: ApplicationContents, certificate_id: UUID) -> ApplicationView:
    """Begin the application that renews an own certificate."""
    made = renewals.draft_renewal(certificate_id, body, by=current_actor(), now=clock.now())
    return get_application_view(current_actor(), made.id)


@scope.post("/certificates/<uuid:certificate_id>/scope-changes")
@endpoint(scope, allow=CLERK, accepts=ScopeChangeIn(), returns=ScopeChangeOut(), status=201)
def ask(body: dict[str, Any], certificate_id: UUID) -> ScopeChange:
    """Ask for another name, specification or yearly quantity of an own certificate."""
    reason = body.pop("reason")
    return commands.request_scope_change(
        certificate_id, Scope(**body), reason=reason, by=current_actor(), now=clock.now()
    )


@scope.get("/scope-changes")
@endpoint(
    scope,
    allow=SIGNED_IN,
    accepts=ScopeChangeQuery(),
    returns=page_schema(ScopeChangeOut),
    location="query",
)
def list_changes(body: dict[str, Any]) -> Page[ScopeChange]:
    """List the wishes in sight, the newest first."""
    return list_scope_changes(current_actor(), **body)


export_door(scope, "/scope-changes/export", of=list_changes, sheet=SCOPE_CHANGES)


@scope.post("/scope-changes/<uuid:scope_change_id>/withdraw")
@endpoint(scope, allow=CLERK, returns=ScopeChangeOut())
def withdraw(scope_change_id: UUID) -> ScopeChange:
    """Take a wish back while nobody has decided on it."""
    return commands.withdraw_scope_change(scope_change_id, by=current_actor(), now=clock.now())


@scope.post("/scope-changes/<uuid:scope_change_id>/decision")
@endpoint(scope, allow=REVIEWERS, accepts=ScopeDecisionIn(), returns=ScopeChangeOut())
def decide(body: dict[str, Any], scope_change_id: UUID) -> ScopeChange:
    """Accept or refuse a wish; accepted, it holds at once and is signed anew."""
    return commands.decide_scope_change(
        scope_change_id, **body, by=current_actor(), now=clock.now()
    )
