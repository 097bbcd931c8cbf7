"""Pages of the figures that anybody may read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, render_template

from console.widgets.asking import ask, asked
from console.widgets.formats import today
from console.widgets.pages import page
from console.widgets.words import N_
from kernel.http import PUBLIC

figures = Blueprint("public_figures", __name__)
LIMITED: Any = {
    "rate": lambda: "120 per minute", "counts": frozenset({HTTPStatus.OK}), "methods": ("GET",),
}  # fmt: skip
"""How often one address may have figures drawn up."""


def about() -> dict[str, Any]:
    """Give the year and the region that the page is about, this year and the country without."""
    return {"year": str(today().year), **asked("year", "region")}


@figures.get("/figures")
@page(figures, allow=PUBLIC, menu=(N_("公开查询"), N_("统计公开")), report=True, **LIMITED)
def index() -> str:
    """Show a region's year, and the regions inside it; what few stand behind is left out."""
    found = ask("openness.figures", query=about())
    place = {"region": found["region"], "year": found["year"]}
    rule = ask("policies.resolve", query=place)
    return render_template("public/figures.html", found=found, rule=rule)


@figures.get("/figures/file")
@page(figures, allow=PUBLIC, report=True, **LIMITED)
def file() -> Response:
    """Give the same figures as a file."""
    given: Response = ask("openness.file", query=about() | asked("format"))
    return given
