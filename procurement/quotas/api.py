"""Doors to the quotas, and to the confirmation that opens them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery
from procurement.filings.models import FilingId
from procurement.quotas.commands import allocations, closings, decisions, opening, settings
from procurement.quotas.commands.allocations import Allocated, NewAllocation
from procurement.quotas.commands.closings import Closing, NewReopening
from procurement.quotas.commands.opening import ConfirmedFiling, NewStaffLimit
from procurement.quotas.commands.settings import NewSetting, QuotaShown
from procurement.quotas.models import Quota, QuotaId, QuotaMove, QuotaSetting
from procurement.quotas.queries import moves
from procurement.quotas.queries import quotas as queries
from procurement.quotas.queries.quotas import EntryView
from procurement.quotas.schemas import (
    ENTRY_PAGE,
    MOVE_PAGE,
    SETTING_PAGE,
    AllocatedOut,
    AllocationIn,
    ClosingIn,
    ClosingOut,
    ConfirmedFilingOut,
    FilingBatchIn,
    FilingBatchOut,
    QuotaOut,
    QuotaQuery,
    QuotaSettingIn,
    QuotaSettingOut,
    QuotaShownOut,
    ReopeningIn,
    StaffLimitIn,
)
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId

CONFIRMS = frozenset({Role.UNIT_ADMIN, Role.FINANCE_SUPERVISOR})

ALLOCATES = frozenset({Role.UNIT_ADMIN})
CLOSES = frozenset({Role.FINANCE_SUPERVISOR})

quotas = Blueprint("quotas", __name__, url_prefix="/api/v1/procurement")


@quotas.post("/filings/<uuid:filing_id>/confirm")
@endpoint(quotas, allow=CONFIRMS, returns=ConfirmedFilingOut())
def confirm(filing_id: UUID) -> ConfirmedFiling:
    """Confirm a promise as its supervising unit or as finance; the last one opens the quota."""
    return opening.confirm_filing(FilingId(filing_id), by=current_actor(), now=clock.now())


@quotas.post("/filings/batch-decisions")
@endpoint(quotas, allow=CONFIRMS, accepts=FilingBatchIn(), returns=FilingBatchOut())
def decide_batch(body: dict[str, Any]) -> Mapping[str, Any]:
    """Confirm or return many promises, each with its own opinion; all or none by default."""
    return {"items": decisions.decide_batch(**body, by=current_actor(), now=clock.now())}


@quotas.get("/quotas")
@endpoint(quotas, allow=SIGNED_IN, accepts=QuotaQuery(), location="query", returns=QuotaShownOut())
def get(query: dict[str, Any]) -> QuotaShown:
    """Get the quota of a unit's year and fund, and whether it is nearly used."""
    actor = current_actor()
    return settings.show_quota(
        actor,
        unit_id=cast("OrganisationId", query["unit_id"] or actor.organisation_id),
        year=query["year"],
        fund=query["fund"],
        now=clock.now(),
    )


@quotas.post("/quotas/staff-limits")
@endpoint(quotas, allow=ALLOCATES, accepts=StaffLimitIn(), returns=QuotaOut())
def set_staff_limit(body: NewStaffLimit) -> Quota:
    """Say up to which amount the own unit's staff may buy in a year with their own money."""
    return opening.set_staff_limit(body, by=current_actor(), now=clock.now())


@quotas.get("/quotas/<uuid:quota_id>/entries")
@endpoint(quotas, allow=SIGNED_IN, accepts=PageQuery(), location="query", returns=ENTRY_PAGE)
def list_entries(query: dict[str, Any], quota_id: UUID) -> Page[EntryView]:
    """List what happened to a quota, the latest first."""
    return queries.list_entries(
        current_actor(), QuotaId(quota_id), limit=query["limit"], cursor=query["cursor"]
    )


@quotas.get("/quotas/<uuid:quota_id>/moves")
@endpoint(quotas, allow=SIGNED_IN, accepts=PageQuery(), location="query", returns=MOVE_PAGE)
def list_moves(query: dict[str, Any], quota_id: UUID) -> Page[QuotaMove]:
    """List what moved a quota, from it and to it, the latest first."""
    return moves.list_moves(
        current_actor(), QuotaId(quota_id), limit=query["limit"], cursor=query["cursor"]
    )


@quotas.post("/quotas/<uuid:quota_id>/allocations")
@endpoint(quotas, allow=ALLOCATES, accepts=AllocationIn(), returns=AllocatedOut(), idempotent=True)
def allocate(body: NewAllocation, quota_id: UUID) -> Allocated:
    """Give parts of a quota to units under its unit, all or none."""
    return allocations.allocate(QuotaId(quota_id), body, by=current_actor(), now=clock.now())


@quotas.post("/quotas/<uuid:quota_id>/recalls")
@endpoint(quotas, allow=ALLOCATES, accepts=AllocationIn(), returns=AllocatedOut(), idempotent=True)
def recall(body: NewAllocation, quota_id: UUID) -> Allocated:
    """Take back what was allocated out of a quota and not used, all or none."""
    return allocations.recall(QuotaId(quota_id), body, by=current_actor(), now=clock.now())


@quotas.post("/quota-closings")
@endpoint(quotas, allow=CLOSES, accepts=ClosingIn(), returns=ClosingOut())
def close(body: dict[str, Any]) -> Closing:
    """Close a year that is over for the units in sight; closed ones stay as they are."""
    return closings.close_year(body["year"], by=current_actor(), now=clock.now())


@quotas.post("/quotas/<uuid:quota_id>/reopenings")
@endpoint(quotas, allow=CLOSES, accepts=ReopeningIn(), returns=QuotaOut())
def reopen(body: NewReopening, quota_id: UUID) -> Quota:
    """Open a closed year of a quota again for a while; what lapsed comes back by an entry."""
    return closings.reopen_quota(QuotaId(quota_id), body, by=current_actor(), now=clock.now())


@quotas.post("/quota-settings")
@endpoint(quotas, allow=CONFIRMS, accepts=QuotaSettingIn(), returns=QuotaSettingOut(), status=201)
def set_setting(body: NewSetting) -> QuotaSetting:
    """Set the own unit's warning level, or what finance's region carries over."""
    return settings.set_setting(body, by=current_actor(), now=clock.now())


@quotas.get("/quota-settings")
@endpoint(quotas, allow=SIGNED_IN, accepts=PageQuery(), location="query", returns=SETTING_PAGE)
def list_settings(query: dict[str, Any]) -> Page[QuotaSetting]:
    """List the settings of units in sight and of regions, the newest first."""
    return moves.list_settings(current_actor(), **query)
