"""Doors to circulars."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page
from kernel.papers import PDF
from kernel.sheets.sources import XLSX
from procurement.supervision.commands import circulars as commands
from procurement.supervision.commands import drawing
from procurement.supervision.commands.drawing import Comparison, NewCircular
from procurement.supervision.models.circulars import CircularId, CircularView
from procurement.supervision.queries import circulars as queries
from procurement.supervision.rules.circulars import drawn
from procurement.supervision.schemas.circulars import (
    CIRCULAR_PAGE,
    CircularFileQuery,
    CircularIn,
    CircularOut,
    CircularQuery,
    CircularWithdrawalIn,
    ComparisonOut,
)
from procurement.supervision.schemas.papers import print_circular, write_workbook
from registry.accounts.models import Role

DRAWS = frozenset({Role.FINANCE_SUPERVISOR})
COMPARES = DRAWS | {Role.MONITOR, Role.AUDITOR}
CIRCULAR = "/circulars/<uuid:circular_id>"

circulars = Blueprint("circulars", __name__, url_prefix="/api/v1/procurement")


@circulars.post("/circulars")
@endpoint(
    circulars,
    allow=DRAWS,
    accepts=CircularIn(),
    returns=CircularOut(),
    status=201,
    idempotent=True,
)
def draw(body: NewCircular) -> CircularView:
    """Ask for the circular of a month, quarter or year that is over; a task draws it up."""
    made = drawing.ask_circular(body, by=current_actor(), now=clock.now())
    return queries.get_circular_view(current_actor(), made.id)


@circulars.get("/circulars")
@endpoint(
    circulars, allow=SIGNED_IN, accepts=CircularQuery(), location="query", returns=CIRCULAR_PAGE
)
def list_circulars(query: dict[str, Any]) -> Page[CircularView]:
    """List the circulars one may read, the newest first."""
    region = query.pop("region")
    return queries.list_circulars(current_actor(), region_code=region, **query)


@circulars.get(CIRCULAR)
@endpoint(circulars, allow=SIGNED_IN, returns=CircularOut())
def get(circular_id: UUID) -> CircularView:
    """Get a circular with its figures and the questions behind them, or how far it is."""
    return queries.get_circular_view(current_actor(), CircularId(circular_id))


@circulars.get(f"{CIRCULAR}/file")
@endpoint(circulars, allow=SIGNED_IN, accepts=CircularFileQuery(), location="query")
def file(query: dict[str, Any], circular_id: UUID) -> Response:
    """Get a circular as a Chinese PDF, or as XLSX with every unit."""
    circular = queries.get_circular(current_actor(), CircularId(circular_id))
    found = drawn(circular)
    kind = query["format"]
    return attachment(
        print_circular(found) if kind == "pdf" else write_workbook(found),
        name=f"circular-{circular.id}.{kind}",
        media_type=PDF if kind == "pdf" else XLSX,
    )


@circulars.get(f"{CIRCULAR}/comparison")
@endpoint(circulars, allow=COMPARES, returns=ComparisonOut(), report=True)
def compare(circular_id: UUID) -> Comparison:
    """Draw it up again from its as-of date, and tell whether it is the same."""
    return drawing.compare_circular(CircularId(circular_id), by=current_actor())


@circulars.post(f"{CIRCULAR}/redraw")
@endpoint(circulars, allow=DRAWS, returns=CircularOut())
def redraw(circular_id: UUID) -> CircularView:
    """Ask again for a circular that could not be drawn up."""
    made = drawing.ask_circular_again(CircularId(circular_id), by=current_actor(), now=clock.now())
    return queries.get_circular_view(current_actor(), made.id)


@circulars.post(f"{CIRCULAR}/issue")
@endpoint(circulars, allow=DRAWS, returns=CircularOut())
def issue(circular_id: UUID) -> CircularView:
    """Issue a circular that another person drew up."""
    made = commands.issue_circular(CircularId(circular_id), by=current_actor(), now=clock.now())
    return queries.get_circular_view(current_actor(), made.id)


@circulars.post(f"{CIRCULAR}/withdraw")
@endpoint(circulars, allow=DRAWS, accepts=CircularWithdrawalIn(), returns=CircularOut())
def withdraw(body: dict[str, Any], circular_id: UUID) -> CircularView:
    """Take back a circular that is out, with the reason."""
    made = commands.withdraw_circular(
        CircularId(circular_id), **body, by=current_actor(), now=clock.now()
    )
    return queries.get_circular_view(current_actor(), made.id)
