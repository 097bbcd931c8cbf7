"""The page a cadre's day begins with: who lives here, what is due, who must still confirm."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, g, render_template

from console.village.api.choices import own_region
from console.village.rules import step_of, takes, urgency
from console.widgets.asking import ask, filters_of
from console.widgets.formats import today as day_of_today
from console.widgets.pages import page
from console.widgets.words import N_

today = Blueprint("village_today", __name__, url_prefix="/village")
STAFF = frozenset({"village_cadre", "town_checker"})
SHOWN = "20"
AHEAD = timedelta(days=366)


@today.get("")
@page(today, allow=STAFF, menu=(N_("村与农户"), N_("我的村")))
def index() -> str:
    """Show the own villages in figures, cases by due day, money to be confirmed."""
    place = {"region": own_region()}
    ahead = {"due_before": (day_of_today() + AHEAD).isoformat(), "limit": SHOWN}
    due = ask("household_cases.list_cases", query=ahead)
    paid = ask("payouts.list_payout_lines", query={"status": "paid", "limit": SHOWN})
    year = day_of_today().year
    return render_template(
        "village/today.html",
        totals=ask("household_coverage.get_totals", query=place),
        cases=due["items"],
        paid=paid,
        warned=ask("household_incomes.warn", query={**place, "year": year, "limit": SHOWN}),
        uncovered=ask("household_coverage.list_uncovered", query={**place, "limit": SHOWN}),
        year=year,
        step_of=step_of,
        is_mine=lambda case: takes(case, g.actor.roles),
        urgency=lambda day: urgency(day, on=day_of_today()),
    )


@today.get("/gaps")
@page(today, allow=STAFF, menu=(N_("村与农户"), N_("覆盖缺口")))
def gaps() -> str:
    """Show households that no link reaches, villages short of leaders, double counts."""
    place = {"region": own_region()}
    year = day_of_today().year
    return render_template(
        "village/gaps.html",
        uncovered=ask(
            "household_coverage.list_uncovered",
            query={**filters_of("household_coverage.list_uncovered"), **place},
        ),
        leaders=ask("household_coverage.list_leader_gaps", query=place)["items"],
        doubles=ask("benefit_links.list_double_counts", query=place)["items"],
        unpaired=ask("pairings.list_gaps", query=_this_year() | {"limit": SHOWN}),
        warned=ask("household_incomes.warn", query={**place, "year": year}),
        year=year,
    )


@today.get("/gaps/unpaired")
@page(today, allow=STAFF)
def unpaired() -> str:
    """Show, page by page, on which days of this year nobody stood by a village or household."""
    query = filters_of("pairings.list_gaps") | _this_year()
    found = ask("pairings.list_gaps", query=query)
    return render_template("village/unpaired.html", found=found, year=day_of_today().year)


def _this_year() -> dict[str, str]:
    """Say, in the parameters of a door, the own region and the days of this year so far."""
    day = day_of_today()
    ends = max(day, day.replace(month=1, day=2))
    return {
        "region": own_region(),
        "since_on": f"{day.year}-01-01",
        "until_on": ends.isoformat(),
    }


@today.get("/order")
@page(today, allow=STAFF, menu=(N_("村与农户"), N_("收益分配次序")))
def order() -> str:
    """Show in which order asset income reaches households."""
    query = {"region": own_region(), **filters_of("household_members.list_priorities")}
    found = ask("household_members.list_priorities", query=query)
    return render_template("village/order.html", found=found)
