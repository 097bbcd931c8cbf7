"""The doors to completion: reports, overviews, parts, curves, and the entries behind a figure."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from procurement.completion.commands import openings, reports
from procurement.completion.commands.openings import Breakdown, Curve, Opened
from procurement.completion.commands.reports import Overview, Question, Report
from procurement.completion.rules.pace import LastOrder
from procurement.completion.schemas import (
    BreakdownOut,
    BreakdownQuery,
    CompletionOut,
    CompletionQuery,
    CurveOut,
    LastOrderOut,
    OpenedOut,
    OpeningQuery,
    OverviewOut,
    OverviewQuery,
    WhoseQuery,
)

completion = Blueprint("completion", __name__, url_prefix="/api/v1/procurement/completion")


@completion.get("")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=CompletionQuery(),
    location="query",
    returns=CompletionOut(),
    report=True,
)
def report(query: dict[str, Any]) -> Report:
    """Tell what was reserved, ordered, accepted, paid and counted, as of an instant."""
    return reports.report_completion(
        current_actor(),
        _question(query),
        now=clock.now(),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@completion.get("/overview")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=OverviewQuery(),
    location="query",
    returns=OverviewOut(),
    report=True,
)
def overview(query: dict[str, Any]) -> Overview:
    """Tell how the regions inside a region stand, and its units by rank."""
    return reports.report_overview(
        current_actor(),
        _question(query),
        by=query["by"],
        now=clock.now(),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@completion.get("/breakdown")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=BreakdownQuery(),
    location="query",
    returns=BreakdownOut(),
    report=True,
)
def breakdown(query: dict[str, Any]) -> Breakdown:
    """Part a year by fund, level, kind of unit or buyer, category, origin, region or month."""
    return openings.break_down(current_actor(), _question(query), by=query["by"], now=clock.now())


@completion.get("/curve")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=WhoseQuery(),
    location="query",
    returns=CurveOut(),
    report=True,
)
def curve(query: dict[str, Any]) -> Curve:
    """Tell a year month by month against its plan."""
    return openings.draw_curve(current_actor(), _question(query), now=clock.now())


@completion.get("/entries")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=OpeningQuery(),
    location="query",
    returns=OpenedOut(),
    report=True,
)
def entries(query: dict[str, Any]) -> Opened:
    """Open a figure down to the entries that it is made of."""
    return openings.open_figure(
        current_actor(),
        _question(query),
        figure=query["figure"],
        narrowing=query["narrowing"],
        now=clock.now(),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@completion.get("/last-order")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=WhoseQuery(),
    location="query",
    returns=LastOrderOut(),
    report=True,
)
def last_order(query: dict[str, Any]) -> LastOrder:
    """Say by which day to order so that the payment still falls in the year."""
    return openings.find_last_order(current_actor(), _question(query), now=clock.now())


def _question(query: dict[str, Any]) -> Question:
    return Question(
        year=query["year"],
        unit_id=query.get("unit_id"),
        region_code=query["region"],
        as_of=query["as_of"],
    )
