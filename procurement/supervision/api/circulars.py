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
from procurement.supervision.commands.circulars import Comparison, NewCircular
from procurement.supervision.models.circulars import Circular, CircularId
from procurement.supervision.queries import circulars as queries
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
def draw(body: NewCircular) -> Circular:
    """Draw up the circular of a month, quarter or year that is over."""
    return commands.draw_circular(body, by=current_actor(), now=clock.now())


@circulars.get("/circulars")
@endpoint(
    circulars, allow=SIGNED_IN, accepts=CircularQuery(), location="query", returns=CIRCULAR_PAGE
)
def list_circulars(query: dict[str, Any]) -> Page[Circular]:
    """List the circulars one may read, the newest first."""
    region = query.pop("region")
    return queries.list_circulars(current_actor(), region_code=region, **query)


@circulars.get(CIRCULAR)
@endpoint(circulars, allow=SIGNED_IN, returns=CircularOut())
def get(circular_id: UUID) -> Circular:
    """Get a circular with its figures and the questions behind them."""
    return queries.get_circular(current_actor(), CircularId(circular_id))


@circulars.get(f"{CIRCULAR}/file")
@endpoint(circulars, allow=SIGNED_IN, accepts=CircularFileQuery(), location="query")
def file(query: dict[str, Any], circular_id: UUID) -> Response:
    """Get a circular as a Chinese PDF, or as XLSX with every unit."""
    circular = queries.get_circular(current_actor(), CircularId(circular_id))
    kind = query["format"]
    return attachment(
        print_circular(circular) if kind == "pdf" else write_workbook(circular),
        name=f"circular-{circular.id}.{kind}",
        media_type=PDF if kind == "pdf" else XLSX,
    )


@circulars.get(f"{CIRCULAR}/comparison")
@endpoint(circulars, allow=COMPARES, returns=ComparisonOut(), report=True)
def compare(circular_id: UUID) -> Comparison:
    """Draw it up again from its as-of date, and tell whether it is the same."""
    return commands.compare_circular(CircularId(circular_id), by=current_actor())


@circulars.post(f"{CIRCULAR}/issue")
@endpoint(circulars, allow=DRAWS, returns=CircularOut())
def issue(circular_id: UUID) -> Circular:
    """Issue a circular that another person drew up."""
    return commands.issue_circular(CircularId(circular_id), by=current_actor(), now=clock.now())


@circulars.post(f"{CIRCULAR}/withdraw")
@endpoint(circulars, allow=DRAWS, accepts=CircularWithdrawalIn(), returns=CircularOut())
def withdraw(body: dict[str, Any], circular_id: UUID) -> Circular:
    """Take back a circular that is out, with the reason."""
    return commands.withdraw_circular(
        CircularId(circular_id), **body, by=current_actor(), now=clock.now()
    )
