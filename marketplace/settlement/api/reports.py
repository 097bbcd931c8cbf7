"""The doors of the daily reconciliation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from marketplace.settlement.models.reports import MoneyDifference, MoneyReport, MoneyReportId
from marketplace.settlement.queries import differences as queries
from marketplace.settlement.schemas.reports import MoneyDifferenceOut, MoneyReportOut
from registry.accounts.models import SEE_ALL

money_reports = Blueprint("money_reports", __name__, url_prefix="/api/v1")


@money_reports.get("/money-reports")
@endpoint(
    money_reports,
    allow=SEE_ALL,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(MoneyReportOut),
)
def index_reports(query: dict[str, Any]) -> Page[MoneyReport]:
    """List the daily reconciliations, the newest first."""
    return queries.list_reports(current_actor(), **query)


@money_reports.get("/money-reports/<uuid:money_report_id>/differences")
@endpoint(
    money_reports,
    allow=SEE_ALL,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(MoneyDifferenceOut),
)
def index_differences(query: dict[str, Any], money_report_id: UUID) -> Page[MoneyDifference]:
    """List what a day's reconciliation found, by kind."""
    return queries.list_differences_of(current_actor(), MoneyReportId(money_report_id), **query)
