"""Pages of the credit records of organisations in sight."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, listed, may, one_of
from console.widgets.formats import day
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term

credit = Blueprint("reviewer_credit", __name__, url_prefix="/reviewer/organisations")
REVIEWERS = frozenset({"county_reviewer", "city_reviewer", "province_reviewer", "town_checker"})
ADDS = "organisations.add_credit_entry"
ENTRIES = "organisations.list_credit_entries"
CONSEQUENCES = ("no_new_applications", "no_new_listings", "more_inspections", "priority")
WITHDRAW = Act(
    "organisations.withdraw_credit_entry", N_("撤回记录"), N_("记录已撤回。"),
    N_("撤回的记录仍然可见，并注明理由；它带来的限制立即停止。"),
    (Entry("reason", N_("理由"), rows=3),),
)  # fmt: skip


@credit.get("")
@page(credit, allow=REVIEWERS, menu=(N_("检查与投诉"), N_("主体信用")))
def index() -> str:
    """List the organisations in sight."""
    door = "organisations.list_organisations"
    return render_template("reviewer/organisations.html", found=listed(door))


@credit.route("/<uuid:organisation_id>", methods=["GET", "POST"])
@page(credit, allow=REVIEWERS)
def show(organisation_id: UUID) -> Response | str:
    """Show an organisation with its credit record; add an entry."""
    form = Form(ADDS, organisation_id=organisation_id)
    if form.sent():
        return to_page(
            "reviewer_credit.show", organisation_id=organisation_id, said=_("记录已加入。")
        )
    return render_template(
        "reviewer/credit.html",
        one=ask("organisations.get", organisation_id=organisation_id),
        found=ask(ENTRIES, query=filters_of(ENTRIES), organisation_id=organisation_id),
        now_in_force=ask("organisations.list_consequences", organisation_id=organisation_id),
        options=[(one, term(one, "consequence").text) for one in CONSEQUENCES],
        form=form,
        may_withdraw=may(WITHDRAW.door),
    )


@credit.route("/<uuid:organisation_id>/entries/<uuid:entry_id>/withdraw", methods=["GET", "POST"])
@page(credit, allow=WITHDRAW.door)
def withdraw(organisation_id: UUID, entry_id: UUID) -> Response | str:
    """Withdraw an entry that was made in error."""
    one = one_of(ENTRIES, entry_id, organisation_id=organisation_id)
    return act_page(
        WITHDRAW,
        Form(WITHDRAW.door, start=one, entry_id=entry_id),
        then=Place("reviewer_credit.show", {"organisation_id": organisation_id}),
        facts=[(_("类别"), term(one["kind"], "credit_kind").text), (_("依据"), one["source"]),
               (_("自"), day(one["since_on"])), (_("至"), day(one["until_on"]))],
    )  # fmt: skip
