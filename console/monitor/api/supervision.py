"""Pages of supervision: who stands how, who pays late, what is demanded of whom."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, filters_of, listed, may
from console.widgets.formats import day
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term
from kernel import clock
from kernel.calendar import shanghai_year

supervision = Blueprint("monitor_supervision", __name__, url_prefix="/monitor")
WATCHES = "standings.list_standings"
PART = N_("监测")
STANDINGS = (
    "not_activated", "not_filed", "returned", "unconfirmed", "no_duty", "bought_nothing",
    "behind", "unmet", "on_track",
)  # fmt: skip
TEXT = (Entry("text", N_("意见"), rows=3),)
ACTS = {
    "take_up": Act("matters.take_up", N_("立案督办"), N_("已立案督办。"), "", TEXT),
    "dismiss": Act("matters.dismiss", N_("不予督办"), N_("已决定不予督办。"), "", TEXT),
    "remind": Act("matters.remind", N_("催办"), N_("已催办。"), "", TEXT),
    "call_talk": Act(
        "matters.call_talk", N_("约谈"), N_("约谈已登记。"), "",
        (Entry("kind", N_("约谈方式"), kind="talk_kind"), Entry("office", N_("约谈单位")),
         Entry("reason", N_("事由"), rows=2), Entry("planned_on", N_("约谈日期"))),
    ),
    "record_talk": Act(
        "matters.record_talk", N_("登记约谈结果"), N_("约谈结果已登记。"), "",
        (Entry("held_on", N_("约谈日期")), Entry("text", N_("结果"), rows=3)),
    ),
    "send_back": Act("matters.send_back", N_("退回整改"), N_("已退回整改。"), "", TEXT),
    "close": Act("matters.close", N_("销号"), N_("已销号。"), "", TEXT),
}  # fmt: skip
OPEN_ACTS = {
    "proposed": ("take_up", "dismiss"),
    "open": ("remind", "call_talk", "record_talk"),
    "reported": ("send_back", "close"),
}
"""By state of a matter, what may be done with it."""


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


@supervision.get("/matters/<uuid:matter_id>")
@page(supervision, allow="matters.get")
def matter(matter_id: UUID) -> str:
    """Show a matter with its steps and talks, and what may be done next."""
    found = ask("matters.get", matter_id=matter_id)
    is_called = any(one["held_on"] is None for one in found["talks"])
    acts = [
        (slug, ACTS[slug])
        for slug in OPEN_ACTS.get(found["matter"]["status"], ())
        if may(ACTS[slug].door) and (is_called or slug != "record_talk")
    ]
    return render_template("monitor/matter.html", found=found, acts=acts)


@supervision.route(
    "/matters/<uuid:matter_id>/<any(take_up, dismiss, remind, call_talk, record_talk, send_back,"
    " close):slug>",
    methods=["GET", "POST"],
)
@page(supervision, allow="matters.take_up")
def act_on(matter_id: UUID, slug: str) -> Response | str:
    """Take the next step of a matter."""
    found = ask("matters.get", matter_id=matter_id)
    one = found["matter"]
    return act_page(
        ACTS[slug],
        Form(ACTS[slug].door, matter_id=matter_id),
        then=Place("monitor_supervision.matter", {"matter_id": matter_id}),
        facts=[(_("督办"), one["number"]), (_("单位"), found["unit_name"]),
               (_("年度"), one["year"]), (_("事由"), term(one["cause"], "cause").text),
               (_("限期"), day(one["deadline_on"])), (_("要求"), one["demand"])],
    )  # fmt: skip


@supervision.get("/splits")
@page(supervision, allow="approvals.list_splits", menu=(PART, N_("疑似拆单")))
def splits() -> str:
    """List orders that each stay under an approval band and together pass it."""
    found = listed("approvals.list_splits")
    learn_names([one[key] for one in found["items"] for key in ("unit_id", "supplier_id")])
    return render_template("splits.html", found=found)
