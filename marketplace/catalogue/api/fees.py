"""Doors to what suppliers were charged for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from marketplace.catalogue.commands import fees as commands
from marketplace.catalogue.commands.fees import NewFeeReport
from marketplace.catalogue.models.fees import FREE, FREE_SOURCE, FeeKind, FeeReport, FeeReportId
from marketplace.catalogue.queries.fees import list_fee_reports
from marketplace.catalogue.schemas.fees import (
    FeeReportIn,
    FeeReportOut,
    FeeReportsQuery,
    FeeResolutionIn,
    FeeRulesOut,
)
from registry.accounts.models import Role

fees = Blueprint("fees", __name__, url_prefix="/api/v1")
REPORTS = frozenset({Role.COOP_CLERK, Role.COOP_MANAGER})
RESOLVES = frozenset({Role.COUNTY_REVIEWER, Role.CITY_REVIEWER, Role.PROVINCE_REVIEWER})
READS = REPORTS | RESOLVES | {Role.MONITOR, Role.AUDITOR, Role.PLATFORM_ADMIN}


@fees.get("/fees")
@endpoint(fees, allow=PUBLIC, returns=FeeRulesOut())
def rules() -> dict[str, Any]:
    """Say what suppliers of certified products never pay for."""
    allowed = [kind for kind in FeeKind if kind not in FREE]
    return {"free": FREE, "allowed": allowed, "source": FREE_SOURCE}


@fees.post("/fee-reports")
@endpoint(fees, allow=REPORTS, accepts=FeeReportIn(), returns=FeeReportOut(), status=201)
def report(body: NewFeeReport) -> FeeReport:
    """Say what the own organisation was charged for."""
    return commands.report_fee(body, by=current_actor(), now=clock.now())


@fees.get("/fee-reports")
@endpoint(
    fees,
    allow=READS,
    accepts=FeeReportsQuery(),
    location="query",
    returns=page_schema(FeeReportOut),
)
def list_reports(query: dict[str, Any]) -> Page[FeeReport]:
    """List what the suppliers in sight were charged for."""
    return list_fee_reports(current_actor(), **query)


@fees.post("/fee-reports/<uuid:fee_report_id>/resolve")
@endpoint(fees, allow=RESOLVES, accepts=FeeResolutionIn(), returns=FeeReportOut())
def resolve(body: dict[str, str], fee_report_id: UUID) -> FeeReport:
    """Write down what became of a charge, once."""
    return commands.resolve_fee(
        FeeReportId(fee_report_id), body["resolution"], by=current_actor(), now=clock.now()
    )
