"""Doors to organisations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.imports.trying import row_by_row
from kernel.paging import Page, PageQuery, page_schema
from kernel.sheets.importing import ListImport
from registry.organisations import queries
from registry.organisations.commands import credit, endings
from registry.organisations.commands import organisations as commands
from registry.organisations.commands.credit import NewCreditEntry
from registry.organisations.commands.endings import NewEnding, NewName
from registry.organisations.commands.imports import register_listed
from registry.organisations.commands.organisations import Amendment, NewOrganisation
from registry.organisations.models import (
    CreditEntry,
    CreditEntryId,
    Organisation,
    OrganisationId,
)
from registry.organisations.schemas import (
    CREDIT_ENTRIES,
    ORGANISATIONS,
    ORGANISATIONS_SHOWN,
    AbolitionIn,
    AmendmentIn,
    ConsequencesOut,
    ConsequencesQuery,
    CreditEntryIn,
    CreditEntryOut,
    MergerIn,
    NameIn,
    OrganisationHistoryOut,
    OrganisationIn,
    OrganisationOut,
    OrganisationsQuery,
    WithdrawalIn,
)

REGISTERS = frozenset({"platform_admin"})
KEEPS_CREDIT = frozenset(
    {
        "county_reviewer",
        "city_reviewer",
        "province_reviewer",
        "finance_supervisor",
        "monitor",
    }
)

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


export_door(
    organisations, "/organisations/export", of=list_organisations, sheet=ORGANISATIONS_SHOWN
)


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
    """Correct an organisation, or keep a cooperative's members and capital."""
    return commands.amend_organisation(
        OrganisationId(organisation_id),
        changes=body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@organisations.post("/organisations/<uuid:organisation_id>/rename")
@endpoint(organisations, allow=REGISTERS, accepts=NameIn(), returns=OrganisationOut(), etag=True)
def rename(body: NewName, organisation_id: UUID) -> Organisation:
    """Give an organisation another name from a day on; the former one stays by date."""
    return endings.rename_organisation(
        OrganisationId(organisation_id),
        new=body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@organisations.post("/organisations/<uuid:organisation_id>/merge")
@endpoint(organisations, allow=REGISTERS, accepts=MergerIn(), returns=OrganisationOut(), etag=True)
def merge(body: NewEnding, organisation_id: UUID) -> Organisation:
    """End an organisation in its successor."""
    return endings.merge_organisation(
        OrganisationId(organisation_id),
        into=body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@organisations.post("/organisations/<uuid:organisation_id>/abolish")
@endpoint(
    organisations, allow=REGISTERS, accepts=AbolitionIn(), returns=OrganisationOut(), etag=True
)
def abolish(body: NewEnding, organisation_id: UUID) -> Organisation:
    """End an organisation, with or without one that takes its place."""
    return endings.abolish_organisation(
        OrganisationId(organisation_id),
        ending=body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@organisations.get("/organisations/<uuid:organisation_id>/history")
@endpoint(organisations, allow=SIGNED_IN, returns=OrganisationHistoryOut())
def get_history(organisation_id: UUID) -> dict[str, Any]:
    """Give the former names of an organisation in sight, and what happened to it."""
    actor, key = current_actor(), OrganisationId(organisation_id)
    return {"names": queries.list_names(actor, key), "changes": queries.list_changes(actor, key)}


@organisations.post("/organisations/<uuid:organisation_id>/credit-entries")
@endpoint(
    organisations,
    allow=KEEPS_CREDIT,
    accepts=CreditEntryIn(),
    returns=CreditEntryOut(),
    status=201,
)
def add_credit_entry(body: NewCreditEntry, organisation_id: UUID) -> CreditEntry:
    """Put an entry on the credit record of an organisation in sight."""
    return credit.add_credit_entry(
        OrganisationId(organisation_id), new=body, by=current_actor(), now=clock.now()
    )


@organisations.get("/organisations/<uuid:organisation_id>/credit-entries")
@endpoint(
    organisations,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(CreditEntryOut),
)
def list_credit_entries(query: dict[str, Any], organisation_id: UUID) -> Page[CreditEntry]:
    """List the credit record of an organisation in sight, the newest entry first."""
    return queries.list_credit_entries(
        current_actor(), organisation_id=OrganisationId(organisation_id), **query
    )


export_door(
    organisations,
    "/organisations/<uuid:organisation_id>/credit-entries/export",
    of=list_credit_entries,
    sheet=CREDIT_ENTRIES,
)


@organisations.get("/organisations/<uuid:organisation_id>/credit-consequences")
@endpoint(
    organisations,
    allow=SIGNED_IN,
    accepts=ConsequencesQuery(),
    location="query",
    returns=ConsequencesOut(),
)
def list_consequences(query: dict[str, Any], organisation_id: UUID) -> dict[str, Any]:
    """Give what the credit record of an organisation in sight leads to on a day, or today."""
    on = query["on"] or shanghai_day(clock.now())
    key = OrganisationId(organisation_id)
    found = queries.list_consequences(current_actor(), key, on=on)
    return {"organisation_id": key, "on": on, "consequences": found}


@organisations.post("/credit-entries/<uuid:entry_id>/withdraw")
@endpoint(organisations, allow=KEEPS_CREDIT, accepts=WithdrawalIn(), returns=CreditEntryOut())
def withdraw_credit_entry(body: dict[str, str], entry_id: UUID) -> CreditEntry:
    """Withdraw an entry that was made in error."""
    return credit.withdraw_credit_entry(
        CreditEntryId(entry_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )


ORGANISATION_IMPORT = ListImport(ORGANISATIONS, REGISTERS, row_by_row(register_listed))
