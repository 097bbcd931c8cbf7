"""Doors to the yearly promises; the last confirmation stands in `quotas`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page
from procurement.filings import commands, queries
from procurement.filings.models import Filing, FilingId
from procurement.filings.rules import FilingContents
from procurement.filings.schemas import (
    FILING_PAGE,
    FilingDetailOut,
    FilingEditIn,
    FilingIn,
    FilingOut,
    FilingQuery,
    ReturnIn,
)
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
    """Send a promise back to its unit, with the reason."""
    return commands.return_filing(
        FilingId(filing_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )


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
        region_code=query["region"],
        limit=query["limit"],
        cursor=query["cursor"],
    )
