"""Doors to what anybody may read."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.exports.lists import MEDIA_TYPES
from kernel.http import PUBLIC, Blueprint, endpoint
from kernel.sheets.writing import write
from marketplace.openness.commands import OpenFigures, draw_open_figures
from marketplace.openness.schemas import (
    OPEN_FIGURES,
    OpenFiguresFileQuery,
    OpenFiguresOut,
    OpenFiguresQuery,
    OpenRowOut,
)

openness = Blueprint("openness", __name__, url_prefix="/api/v1/open-figures")
ANSWERED = frozenset({HTTPStatus.OK})


def most_reads() -> str:
    """Say how often one address may have figures drawn up; what it has still is not counted."""
    return "120 per minute"


@openness.get("")
@endpoint(
    openness,
    allow=PUBLIC,
    accepts=OpenFiguresQuery(),
    location="query",
    returns=OpenFiguresOut(),
    rate=most_reads,
    counts=ANSWERED,
    report=True,
    snapshot=True,
    daily=True,
)
def figures(query: dict[str, Any]) -> OpenFigures:
    """Tell a region's year as of the last midnight; what few stand behind is left out."""
    return _drawn(query)


@openness.get("/file")
@endpoint(
    openness,
    allow=PUBLIC,
    accepts=OpenFiguresFileQuery(),
    location="query",
    rate=most_reads,
    counts=ANSWERED,
    report=True,
    snapshot=True,
    daily=True,
)
def file(query: dict[str, Any]) -> Response:
    """Give the same figures as a file: the whole first, then each region, then the rest."""
    found, chosen = _drawn(query), query["format"]
    content = BytesIO()
    rows = OpenRowOut(many=True).dump(found.rows)
    write(content, OPEN_FIGURES, rows, format=chosen)
    name = f"open-figures-{found.year}-{found.region_code}.{chosen}"
    return attachment(content.getvalue(), name=name, media_type=MEDIA_TYPES[chosen])


def _drawn(query: dict[str, Any]) -> OpenFigures:
    return draw_open_figures(query["region"], year=query["year"], now=clock.now())
