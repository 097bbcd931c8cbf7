"""Pages of supervision: who stands how, who pays late, what is demanded of whom."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g, render_template

from console.widgets.asking import Form, ask, asked, filters_of, may
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _
from kernel import clock
from kernel.calendar import shanghai_year

supervision = Blueprint("monitor_supervision", __name__, url_prefix="/monitor")
WATCHES = "standings.list_standings"
PART = N_("监测")
STANDINGS = (
    "not_activated", "not_filed", "returned", "unconfirmed", "no_duty", "bought_nothing",
    "behind", "unmet", "on_track",
)  # fmt: skip
STEPS = (
    ("matters.take_up", N_("立案督办"), "proposed"),
    ("matters.dismiss", N_("不予督办"), "proposed"),
    ("matters.remind", N_("催办"), "open"),
    ("matters.call_talk", N_("约谈"), "open"),
    ("matters.send_back", N_("退回整改"), "reported"),
    ("matters.close", N_("销号"), "reported"),
)
"""What may be done with a matter, and in which state it is offered."""


def place() -> dict[str, str]:
    """Give the region and the year of a list, as its address says, else one's own and this one."""
    given = asked("region", "year")
    return {"region": g.actor.region_code, "year": str(shanghai_year(clock.now()))} | given


@supervision.route("/standings", methods=["GET", "POST"])
@page(supervision, allow=WATCHES, menu=(PART, N_("单位排查")))
def standings() -> Response | str:
    """List the units of a region by how they stand; tell all of one standing at once."""
    about = place() | asked("standing", "cursor")
    tell = Form(
        "standings.tell",
        fixed={
            "region_code": about["region"],
            "year": int(about["year"]),
            "standing": about.get("standing", ""),
        },
    )
    if done := tell.sent():
        told = _("已督办 %(made)s 家，催办 %(reminded)s 家。", **done.answer)
        return to_page("monitor_supervision.matters", said=told)
    return render_template(
        "monitor/standings.html",
        found=ask("standings.list_standings", query=about),
        about=about,
        tell=tell if about.get("standing") and may("standings.tell") else None,
        kinds=STANDINGS,
    )


@supervision.get("/delays")
@page(supervision, allow="standings.list_delays", menu=(PART, N_("付款逾期")))
def delays() -> str:
    """List what units owe sellers past the legal term, with the interest."""
    about = place() | asked("unit_id", "cursor")
    del about["year"]
    found = ask("standings.list_delays", query=about)
    learn_names([one["unit_id"] for one in [*found["units"], *found["items"]]])
    return render_template("monitor/delays.html", found=found, about=about)


@supervision.get("/missing")
@page(supervision, allow=WATCHES, menu=(PART, N_("未填报单位")))
def missing() -> str:
    """List the units that have not filed, with the days left."""
    about = place() | asked("cursor")
    found = ask("filings.list_missing", query=about)
    return render_template("monitor/missing.html", found=found, about=about)


@supervision.get("/matters")
@page(supervision, allow="matters.list_matters", menu=(PART, N_("督办台账")))
def matters() -> str:
    """List the matters, and tell whether the ledger is settled."""
    about = filters_of("matters.list_matters")
    year = about.get("year", str(shanghai_year(clock.now())))
    found = ask("matters.list_matters", query=about)
    learn_names([one["unit_id"] for one in found["items"]])
    return render_template(
        "monitor/matters.html", found=found, ledger=ask("matters.ledger", query={"year": year})
    )


@supervision.route("/matters/<uuid:matter_id>", methods=["GET", "POST"])
@page(supervision, allow="matters.get")
def matter(matter_id: UUID) -> Response | str:
    """Show a matter with its steps and talks, and what may be done next."""
    found = ask("matters.get", matter_id=matter_id)
    state = found["matter"]["status"]
    forms = [
        (label, Form(name, part=name.partition(".")[2], matter_id=matter_id))
        for name, label, when in STEPS
        if when == state and may(name)
    ]
    for label, form in forms:
        if form.sent():
            done = _("已办理：") + _(label)
            return to_page("monitor_supervision.matter", matter_id=matter_id, said=done)
    return render_template("monitor/matter.html", found=found, forms=forms)


@supervision.get("/splits")
@page(supervision, allow="approvals.list_splits", menu=(PART, N_("拆单预警")))
def splits() -> str:
    """List orders that each stay under an approval band and together pass it."""
    found = ask("approvals.list_splits", query=filters_of("approvals.list_splits"))
    learn_names([one["unit_id"] for one in found["items"]])
    learn_names([one["supplier_id"] for one in found["items"]])
    return render_template("monitor/splits.html", found=found)
