"""Doors to organisations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.organisations import commands, queries
from registry.organisations.commands import Amendment, NewOrganisation
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.schemas import (
    AmendmentIn,
    OrganisationIn,
    OrganisationOut,
    OrganisationsQuery,
)

REGISTERS = frozenset({"platform_admin"})

organisations = Blueprint("organisations", __name__, url_prefix="/api/v1")


@organisations.post("/organisations")
@endpoint(
    organisations,
    allow=REGISTERS,
    accepts=OrganisationIn(),
    returns=OrganisationOut(),
    status=201,
)
def register(body: NewOrganisation) -> Organisation:
    """Register an organisation by its credit code."""
    return commands.register_organisation(body, by=current_actor(), now=clock.now())


@organisations.get("/organisations")
@endpoint(
    organisations,
    allow=SIGNED_IN,
    accepts=OrganisationsQuery(),
    location="query",
    returns=page_schema(OrganisationOut),
)
def list_organisations(query: dict[str, Any]) -> Page[Organisation]:
    """List the organisations in sight, the newest first."""
    return queries.list_organisations(current_actor(), **query)


@organisations.get("/organisations/<uuid:organisation_id>")
@endpoint(organisations, allow=SIGNED_IN, returns=OrganisationOut())
def get(organisation_id: UUID) -> Organisation:
    """Give an organisation in sight."""
    return queries.get_organisation(current_actor(), OrganisationId(organisation_id))


@organisations.patch("/organisations/<uuid:organisation_id>")
@endpoint(
    organisations, allow=REGISTERS, accepts=AmendmentIn(), returns=OrganisationOut(), etag=True
)
def amend(body: Amendment, organisation_id: UUID) -> Organisation:
    """Change the name or the region of an organisation."""
    return commands.amend_organisation(
        OrganisationId(organisation_id),
        changes=body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
