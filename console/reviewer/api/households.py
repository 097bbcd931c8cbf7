"""Pages of the register's coverage, and of its comparison with a survey."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.reviewer.rules import compared
from console.widgets.acts import Act, Place, act_page
from console.widgets.asking import Form, ask, filters_of, listed, may, one_of
from console.widgets.names import learn_names, region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

households = Blueprint("reviewer_households", __name__, url_prefix="/reviewer")
REGISTER = N_("农户名册")
COVERAGE = "household_coverage.get_totals"
REVIEWERS = frozenset({"town_checker", "county_reviewer", "city_reviewer", "province_reviewer"})
RECONCILES = frozenset({"county_reviewer", "city_reviewer", "province_reviewer"})
OPENS = "reconciliations.list_runs"
DIFFERENCES = "reconciliations.list_differences"
FILES = {
    "uncovered": "household_coverage.export_list_uncovered",
    "leader-gaps": "household_coverage.export_list_leader_gaps",
}
CLOSE = Act(
    "reconciliations.close", N_("结束比对"), N_("比对已结束。"),
    N_("结束后这次比对不能再改；全部差异都要先作出决定。"),
)  # fmt: skip


def _region() -> dict[str, Any]:
    return {"region": request.args.get("region", "").strip() or g.actor.region_code}


@households.get("/coverage")
@page(households, allow=REVIEWERS, menu=(REGISTER, N_("带动覆盖")))
def coverage() -> str:
    """Count the register of a region, and list whom no link reaches."""
    query = filters_of(COVERAGE) | _region()
    gaps = filters_of("household_coverage.list_uncovered") | _region()
    return render_template(
        "reviewer/coverage.html",
        region=_region()["region"],
        totals=ask(COVERAGE, query=query),
        found=ask("household_coverage.list_uncovered", query=gaps),
        villages=ask("household_coverage.list_leader_gaps", query=query),
    )


@households.get("/coverage/<which>-file")
@page(households, allow=REVIEWERS)
def coverage_file(which: str) -> Response:
    """Give one of the lists as a file."""
    door = FILES.get(which, FILES["uncovered"])
    given: Response = ask(door, query=filters_of(door) | _region())
    return given


@households.get("/double-counts")
@page(households, allow=REVIEWERS, menu=(REGISTER, N_("重复计入")))
def double_counts() -> str:
    """List the households that two organisations count in one way."""
    door = "benefit_links.list_double_counts"
    found = listed(door)
    learn_names([one["organisation_id"] for one in found["items"]])
    learn_names([one["other_organisation_id"] for one in found["items"]])
    return render_template("reviewer/double_counts.html", found=found)


@households.route("/reconciliations", methods=["GET", "POST"])
@page(households, allow=RECONCILES, menu=(REGISTER, N_("摸底比对")))
def reconciliations() -> Response | str:
    """List the comparisons of the register with surveys; open one."""
    form = Form("reconciliations.open_run", start={"region_code": g.actor.region_code})
    if done := form.sent():
        return to_page(
            "reviewer_households.reconciliation",
            reconciliation_id=done.answer["id"],
            said=_("比对已建立，请上传摸底名单。"),
        )
    found = listed(OPENS)
    return render_template("reviewer/reconciliations.html", found=found, form=form)


@households.route("/reconciliations/<uuid:reconciliation_id>", methods=["GET", "POST"])
@page(households, allow=RECONCILES)
def reconciliation(reconciliation_id: UUID) -> Response | str:
    """Show a comparison with its account and its differences; take the survey's file."""
    one = ask("reconciliations.get_run", reconciliation_id=reconciliation_id)
    fixed = {"list": "surveys", "subject_id": str(reconciliation_id)}
    form = Form("imports.receive", fixed=fixed)
    if done := form.sent():
        return to_page("admin_jobs.show_import", import_id=done.answer["id"])
    found = ask(DIFFERENCES, query=filters_of(DIFFERENCES), reconciliation_id=reconciliation_id)
    for item in found["items"]:
        item["fields"] = compared(item["fields"])
    return render_template(
        "reviewer/reconciliation.html",
        one=one,
        form=form,
        found=found,
        may_decide=may("reconciliations.decide"),
    )


@households.route("/reconciliations/<uuid:reconciliation_id>/close", methods=["GET", "POST"])
@page(households, allow="reconciliations.close")
def close(reconciliation_id: UUID) -> Response | str:
    """Close the account of a comparison."""
    one = ask("reconciliations.get_run", reconciliation_id=reconciliation_id)
    return act_page(
        CLOSE,
        Form("reconciliations.close", reconciliation_id=reconciliation_id),
        then=Place("reviewer_households.reconciliation", {"reconciliation_id": reconciliation_id}),
        facts=[(_("编号"), one["number"]), (_("地区"), region_of(one["region_code"])),
               (_("名册户数"), one["register_households"]),
               (_("摸底户数"), one["survey_households"]),
               (_("未决定的差异"), one["undecided"])],
    )  # fmt: skip


@households.route(
    "/reconciliations/<uuid:reconciliation_id>/differences/<uuid:difference_id>",
    methods=["GET", "POST"],
)
@page(households, allow="reconciliations.decide")
def difference(reconciliation_id: UUID, difference_id: UUID) -> Response | str:
    """Decide one difference; the register follows at once."""
    path = {"reconciliation_id": reconciliation_id}
    one = one_of(DIFFERENCES, difference_id, **path)
    one["fields"] = compared(one["fields"])
    form = Form("reconciliations.decide", difference_id=difference_id)
    if form.sent():
        return to_page("reviewer_households.reconciliation", said=_("差异已决定。"), **path)
    return render_template("reviewer/difference.html", one=one, form=form, **path)
