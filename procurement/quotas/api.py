"""Doors to the quotas, and to the confirmation that opens them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery
from procurement.filings.models import FilingId
from procurement.quotas import queries
from procurement.quotas.commands import opening
from procurement.quotas.commands.opening import ConfirmedFiling
from procurement.quotas.models import Quota, QuotaId
from procurement.quotas.queries import EntryView
from procurement.quotas.schemas import ENTRY_PAGE, ConfirmedFilingOut, QuotaOut, QuotaQuery
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId

CONFIRMS = frozenset({Role.UNIT_ADMIN, Role.FINANCE_SUPERVISOR})

quotas = Blueprint("quotas", __name__, url_prefix="/api/v1/procurement")


@quotas.post("/filings/<uuid:filing_id>/confirm")
@endpoint(quotas, allow=CONFIRMS, returns=ConfirmedFilingOut())
def confirm(filing_id: UUID) -> ConfirmedFiling:
    """Confirm a promise as its supervising unit or as finance; the last one opens the quota."""
    return opening.confirm_filing(FilingId(filing_id), by=current_actor(), now=clock.now())


@quotas.get("/quotas")
@endpoint(quotas, allow=SIGNED_IN, accepts=QuotaQuery(), location="query", returns=QuotaOut())
def get(query: dict[str, Any]) -> Quota:
    """Get the quota of a unit's year and fund."""
    actor = current_actor()
    return queries.get_quota(
        actor,
        unit_id=cast("OrganisationId", query["unit_id"] or actor.organisation_id),
        year=query["year"],
        fund=query["fund"],
    )


@quotas.get("/quotas/<uuid:quota_id>/entries")
@endpoint(quotas, allow=SIGNED_IN, accepts=PageQuery(), location="query", returns=ENTRY_PAGE)
def list_entries(query: dict[str, Any], quota_id: UUID) -> Page[EntryView]:
    """List what happened to a quota, the latest first."""
    return queries.list_entries(
        current_actor(), QuotaId(quota_id), limit=query["limit"], cursor=query["cursor"]
    )
