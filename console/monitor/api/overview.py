"""Pages of completion: the overview, one unit, and the entries behind a figure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, g, render_template, request

from console.monitor.api.flags import newest_flags
from console.monitor.rules import curve_of, tiles_of
from console.widgets.asking import ask, asked, filters_of
from console.widgets.names import learn_regions
from console.widgets.pages import page
from console.widgets.words import N_
from kernel import clock
from kernel.calendar import shanghai_day, shanghai_year

overview = Blueprint("monitor_overview", __name__, url_prefix="/monitor")
WATCHES = "standings.list_standings"
PART = N_("监测")
END_OF_DAY = "T23:59:59+08:00"


def question(unit_id: object = "") -> dict[str, str]:
    """Give the year, the unit or region, and the instant that the page is about, as it was asked.

    Without an instant, a day before today means its end; today, or none, means now.
    """
    given = asked("year", "region", "on", "as_of")
    today = shanghai_day(clock.now()).isoformat()
    day = given["on"] + END_OF_DAY if "" < given.get("on", "") < today else ""
    region = {"region": given.get("region", g.actor.region_code)}
    return {
        "year": given.get("year", str(shanghai_year(clock.now()))),
        "as_of": given.get("as_of", day),
    } | ({"unit_id": str(unit_id)} if unit_id else region)


def _is_today(about: dict[str, str]) -> bool:
    """Say whether today is looked at: what waits for somebody waits now."""
    return shanghai_day(datetime.fromisoformat(about["as_of"])) == shanghai_day(clock.now())


@overview.get("/")
@page(overview, allow=WATCHES, menu=(PART, N_("总览")))
def index() -> str:
    """Show how the regions inside a region stand, its curve, and its units by rank."""
    about = question()
    found = ask("completion.overview", query=about | asked("by", "cursor") | {"limit": "20"})
    about |= {"as_of": found["as_of"]}
    curve = ask("completion.curve", query=about)
    learn_regions([found["region"], *(one["region_code"] for one in found["units"])])
    return render_template(
        "monitor/overview.html",
        found=found,
        about=about,
        months=curve,
        drawn=curve_of(curve["months"]),
        tiles=tiles_of(found["regions"]),
        flags=newest_flags() if _is_today(about) and not asked("region") else [],
    )


@overview.get("/units/<uuid:unit_id>")
@page(overview, allow=WATCHES)
def unit(unit_id: UUID) -> str:
    """Show one unit: figures, rule in force, curve, and what its figures are made of."""
    about = question(unit_id)
    found = ask("completion.report", query=about)
    about |= {"as_of": found["as_of"]}
    curve = ask("completion.curve", query=about)
    by = request.args.get("by", "origin_kind")
    return render_template(
        "monitor/unit.html",
        found=found,
        about=about,
        months=curve,
        drawn=curve_of(curve["months"]),
        last=ask("completion.last_order", query=about),
        parts=ask("completion.breakdown", query=about | {"by": by}),
        by=by,
        flags=newest_flags(organisation_id=str(unit_id)) if _is_today(about) else [],
    )


@overview.get("/shortfall")
@page(overview, allow=WATCHES)
def shortfall() -> str:
    """Open what is owed and the rate to what they are made of, and to the units one by one."""
    of_unit = asked("unit_id").get("unit_id", "")
    about = question(of_unit)
    door = "completion.report" if of_unit else "completion.overview"
    by = {} if of_unit else {"by": "owed"} | asked("by")
    found = ask(door, query=about | by | asked("cursor") | {"limit": "50"})
    return render_template(
        "shortfall.html",
        found=found,
        about=about | {"as_of": found["as_of"]},
        opens="monitor_overview.entries",
        leads="monitor_overview.unit",
        **by,
    )


@overview.get("/entries")
@page(overview, allow=WATCHES)
def entries() -> str:
    """Open a figure down to the entries that it is made of."""
    about = filters_of("completion.entries")
    return render_template(
        "monitor/entries.html", found=ask("completion.entries", query=about), about=about
    )
