"""Pages of incomes: record one in a few taps, take one back, lay a year beside the line."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.village.api.choices import own_region
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, filters_of
from console.widgets.formats import today, yuan
from console.widgets.names import region_of
from console.widgets.pages import page
from console.widgets.words import N_, _, term

incomes = Blueprint("village_incomes", __name__, url_prefix="/village")
SHOW = "village_households.show"
STAFF = frozenset({"village_cadre", "town_checker"})
RECORD = Act(
    "household_incomes.record", N_("登记收入"), N_("收入已登记。"), "",
    (Entry("kind", N_("收入类别"), kind="income_kind"), Entry("amount_fen", N_("金额")),
     Entry("year", N_("年度")), Entry("note", N_("说明"), N_("如：交售稻谷、合作社务工。"))),
)  # fmt: skip
REVERSE = Act(
    "household_incomes.reverse", N_("冲销收入"), N_("收入已冲销。"),
    N_("记错了才冲销；原记录保留，另记一笔负数。"), (Entry("reason", N_("理由"), rows=2),),
)  # fmt: skip


@incomes.get("/incomes")
@page(incomes, allow=STAFF, menu=(N_("村与农户"), N_("收入与返贫预警")))
def index() -> str:
    """List the households of the own region whose income was near or below the line."""
    year = asked("year").get("year") or str(today().year)
    query = {**filters_of("household_incomes.warn"), "year": year, "region": own_region()}
    return render_template(
        "village/incomes.html", found=ask("household_incomes.warn", query=query), year=year
    )


@incomes.route("/households/<uuid:household_id>/incomes/new", methods=["GET", "POST"])
@page(incomes, allow="household_incomes.record")
def record(household_id: UUID) -> Response | str:
    """Record what a household earned."""
    one = ask("households.get", household_id=household_id)
    facts = [(_("农户编号"), one["code"]), (_("户主"), one["head_name"]),
             (_("村"), region_of(one["village_code"]))]  # fmt: skip
    form = Form(RECORD.door, start={"year": today().year}, household_id=household_id)
    return act_page(RECORD, form, then=Place(SHOW, {"household_id": household_id}), facts=facts)


@incomes.route("/households/<uuid:household_id>/incomes/<uuid:income_id>/reverse",
               methods=["GET", "POST"])  # fmt: skip
@page(incomes, allow="household_incomes.reverse")
def reverse(household_id: UUID, income_id: UUID) -> Response | str:
    """Take an income back."""
    listed = ask("household_incomes.list_incomes", household_id=household_id)["items"]
    facts = [
        (term(one["kind"], "income_kind").text, f"{yuan(one['amount_fen'])} · {one['note']}")
        for one in listed
        if one["id"] == str(income_id)
    ]
    form = Form(REVERSE.door, income_id=income_id)
    return act_page(REVERSE, form, then=Place(SHOW, {"household_id": household_id}), facts=facts)
