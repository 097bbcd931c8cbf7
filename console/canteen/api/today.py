"""The first page: what the unit still owes this year, and what waits for who looks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from console.canteen.api.looking import (
    UNIT,
    named,
    or_none,
    own_organisation,
    this_year,
    units_in_sight,
)
from console.canteen.rules import pace_of
from console.widgets.asking import ask, asked, listed, may
from console.widgets.names import learn_names
from console.widgets.pages import page
from console.widgets.words import N_

today = Blueprint("canteen_today", __name__, url_prefix="/canteen")
SHORT = "5"
FUNDS = ("canteen", "union", "staff")
OPEN = frozenset({"draft", "returned"})
GONE = frozenset({"withdrawn", "lapsed", "superseded"})
"""States of a promise that its unit still works on; states of one that counts no more."""


@today.get("")
@page(today, allow=UNIT | {"finance_supervisor"}, menu=(N_("采购"), N_("还差多少")))
def index() -> str:
    """Say what the unit still owes this year, by when to order, and what waits."""
    about = {"year": str(this_year()), **asked("unit_id")}
    report = or_none("completion.report", query={**about, "limit": "1"})
    stopped = about | ({"as_of": report["as_of"]} if report else {})
    curve = or_none("completion.curve", query=stopped)
    return render_template(
        "canteen/today.html",
        about=about,
        stopped=stopped,
        report=report,
        curve=curve,
        expected=pace_of(curve),
        last_order=or_none("completion.last_order", query=about),
        quotas=[one for fund in FUNDS if (one := _quota(about, fund))],
        units=units_in_sight(),
        waiting=_waiting(),
    )


@today.get("/shortfall")
@page(today, allow=UNIT | {"finance_supervisor"})
def shortfall() -> str:
    """Open what is owed and the rate to what they are made of, and to the units one by one."""
    about = {"year": str(this_year()), **asked("unit_id", "as_of")}
    found = ask("completion.report", query=about | asked("cursor") | {"limit": "50"})
    return render_template(
        "shortfall.html",
        found=found,
        about=about | {"as_of": found["as_of"]},
        opens="canteen_today.figures",
        leads="canteen_today.index",
    )


@today.get("/figures")
@page(today, allow=UNIT | {"finance_supervisor"})
def figures() -> str:
    """Open a figure down to the entries it is made of."""
    found = listed("completion.entries")
    return render_template("canteen/figures.html", found=found)


def _quota(about: dict[str, str], fund: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = or_none("quotas.get", query={**about, "fund": fund})
    return found


def _waiting() -> dict[str, Any]:
    """Give the first of what waits: approvals, deliveries, payments, and filings sent back."""
    waiting: dict[str, Any] = {}
    if may("orders.index_waiting"):
        waiting["approvals"] = named(ask("orders.index_waiting", query={"limit": SHORT}))
    if may("deliveries.receive"):
        waiting["deliveries"] = [*_orders("shipped", None), *_orders("partly_shipped", None)]
    if may("settlement.register"):
        unpaid = [*_orders("accepted", "unpaid"), *_orders("accepted", "partly_paid")]
        waiting["payments"] = [one | {"clock": _clock(one)} for one in unpaid]
    if may("filings.draft") and "unit_id" not in request.args:
        waiting["filings"] = _filings(str(this_year()))
    return waiting


def _filings(year: str) -> dict[str, Any]:
    """Give what of a year's promises waits: the own unit's, and those it may confirm."""
    own = str(own_organisation())
    mine = ask("filings.list_filings", query={"year": year, "unit_id": own})["items"]
    query = {"year": year, "status": "submitted", "limit": SHORT}
    others = ask("filings.list_filings", query=query)["items"] if may("quotas.confirm") else []
    found = [one for one in others if one["unit_id"] != own]
    learn_names([one["unit_id"] for one in found])
    return {
        "is_missing": not [one for one in mine if one["status"] not in GONE],
        "mine": [one for one in mine if one["status"] in OPEN],
        "others": found,
    }


def _orders(fulfilment: str, payment: str | None) -> list[dict[str, Any]]:
    query = {"fulfilment_status": fulfilment, "payment_status": payment, "limit": SHORT}
    found: list[dict[str, Any]] = named(ask("orders.index", query=query))["items"]
    return [one for one in found if one["order_status"] != "cancelled"]


def _clock(order: dict[str, Any]) -> Any:
    return ask("settlement.clock_of_order", order_id=UUID(order["id"]))
