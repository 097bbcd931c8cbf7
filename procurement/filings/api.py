"""Doors to the yearly promises; the last confirmation stands in `quotas`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.imports.trying import row_by_row
from kernel.paging import Page
from kernel.sheets.importing import ListImport
from procurement.filings import queries
from procurement.filings.commands import chain, reminders, revisions
from procurement.filings.commands import filings as commands
from procurement.filings.commands.imports import file_by_code
from procurement.filings.commands.reminders import MissingFiling
from procurement.filings.commands.revisions import Comparison
from procurement.filings.models import Filing, FilingId, FilingReminder
from procurement.filings.rules.contents import FilingContents
from procurement.filings.schemas.filings import (
    FILING_PAGE,
    MISSING_PAGE,
    REMINDER_PAGE,
    FilingComparisonOut,
    FilingCopyIn,
    FilingDetailOut,
    FilingEditIn,
    FilingIn,
    FilingOut,
    FilingQuery,
    FilingReviseIn,
    MissingQuery,
    ReminderQuery,
    ReturnIn,
)
from procurement.filings.schemas.sheets import FILINGS, FILINGS_SHOWN
from registry.accounts.models import Role

FILES = frozenset({Role.UNIT_ADMIN})
RETURNS = frozenset({Role.UNIT_ADMIN, Role.FINANCE_SUPERVISOR})
FILING = "/filings/<uuid:filing_id>"

filings = Blueprint("filings", __name__, url_prefix="/api/v1/procurement")


@filings.post("/filings")
@endpoint(
    filings, allow=FILES, accepts=FilingIn(), returns=FilingOut(), status=201, idempotent=True
)
def draft(body: FilingContents) -> Filing:
    """Begin the yearly promise of the own unit."""
    return commands.draft_filing(body, by=current_actor(), now=clock.now())


@filings.patch(FILING)
@endpoint(filings, allow=FILES, accepts=FilingEditIn(), returns=FilingOut(), etag=True)
def edit(body: dict[str, Any], filing_id: UUID) -> Filing:
    """Change figures of a draft, or of what was returned."""
    return commands.edit_filing(
        FilingId(filing_id),
        changes=body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@filings.post(f"{FILING}/submit")
@endpoint(filings, allow=FILES, returns=FilingOut())
def submit(filing_id: UUID) -> Filing:
    """Hand a promise to the supervising unit, or to finance where nobody supervises."""
    return commands.submit_filing(FilingId(filing_id), by=current_actor(), now=clock.now())


@filings.post(f"{FILING}/return")
@endpoint(filings, allow=RETURNS, accepts=ReturnIn(), returns=FilingOut())
def send_back(body: dict[str, Any], filing_id: UUID) -> Filing:
    """Send a promise back to its unit, with the reason and what is wrong with each field."""
    return chain.return_filing(FilingId(filing_id), **body, by=current_actor(), now=clock.now())


@filings.post(f"{FILING}/withdraw")
@endpoint(filings, allow=FILES, returns=FilingOut())
def withdraw(filing_id: UUID) -> Filing:
    """Give up a promise, or a revision of one, that nobody has confirmed yet."""
    return commands.withdraw_filing(FilingId(filing_id), by=current_actor(), now=clock.now())


@filings.post(f"{FILING}/revise")
@endpoint(
    filings, allow=FILES, accepts=FilingReviseIn(), returns=FilingOut(), status=201, idempotent=True
)
def revise(body: dict[str, Any], filing_id: UUID) -> Filing:
    """Begin a revision of what is in force, with the reason; that holds until it is confirmed."""
    return revisions.revise_filing(FilingId(filing_id), **body, by=current_actor(), now=clock.now())


@filings.post("/filings/copy")
@endpoint(
    filings, allow=FILES, accepts=FilingCopyIn(), returns=FilingOut(), status=201, idempotent=True
)
def copy(body: dict[str, Any]) -> Filing:
    """Begin a year's promise from what was in force the year before."""
    return revisions.copy_filing(**body, by=current_actor(), now=clock.now())


@filings.get(f"{FILING}/differences")
@endpoint(filings, allow=SIGNED_IN, returns=FilingComparisonOut())
def compare(filing_id: UUID) -> Comparison:
    """Lay a promise beside its rounds, what it revises, and last year's."""
    return revisions.compare_filing(FilingId(filing_id), by=current_actor())


@filings.get("/filings/missing")
@endpoint(filings, allow=SIGNED_IN, accepts=MissingQuery(), location="query", returns=MISSING_PAGE)
def list_missing(query: dict[str, Any]) -> Page[MissingFiling]:
    """List the units in the own sight that have not filed for a year, with the days left."""
    return reminders.list_missing(
        current_actor(),
        year=query["year"],
        region_code=query["region"],
        today=shanghai_day(clock.now()),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@filings.get("/filings/reminders")
@endpoint(
    filings, allow=SIGNED_IN, accepts=ReminderQuery(), location="query", returns=REMINDER_PAGE
)
def list_reminders(query: dict[str, Any]) -> Page[FilingReminder]:
    """List the reminders of units in the own sight, the newest first."""
    return queries.list_reminders(current_actor(), **query)


@filings.get(FILING)
@endpoint(filings, allow=SIGNED_IN, returns=FilingDetailOut())
def get(filing_id: UUID) -> Filing:
    """Get a promise in the own sight, with its steps."""
    return queries.get_filing_with_steps(current_actor(), FilingId(filing_id))


@filings.get("/filings")
@endpoint(filings, allow=SIGNED_IN, accepts=FilingQuery(), location="query", returns=FILING_PAGE)
def list_filings(query: dict[str, Any]) -> Page[Filing]:
    """List the promises in the own sight, the newest first."""
    return queries.list_filings(
        current_actor(),
        year=query["year"],
        status=query["status"],
        unit_id=query["unit_id"],
        region_code=query["region"],
        limit=query["limit"],
        cursor=query["cursor"],
    )


FILING_IMPORT = ListImport(FILINGS, FILES, row_by_row(file_by_code))

export_door(filings, "/filings/export", of=list_filings, sheet=FILINGS_SHOWN)
