"""The page a cooperative's day begins with: what waits, what is owed, what runs out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template

from console.cooperative.rules import WARNING_DAYS, days_to
from console.widgets.asking import ask
from console.widgets.formats import today as day_of_today
from console.widgets.names import learn_names
from console.widgets.pages import page
from console.widgets.words import N_

today = Blueprint("cooperative_today", __name__, url_prefix="/cooperative")
ROLES = frozenset({"coop_clerk", "coop_manager"})
SHOWN = "20"


@today.get("")
@page(today, allow=ROLES, menu=(N_("合作社"), N_("今日")))
def index() -> str:
    """Show orders to confirm and to send, money that is due, papers that run out."""
    owed = [*_orders(payment_status="unpaid", fulfilment_status="accepted"),
            *_orders(payment_status="partly_paid", fulfilment_status="accepted")]  # fmt: skip
    for one in owed:
        one["clock"] = ask("settlement.clock_of_order", order_id=UUID(one["id"]))
    expiring = {"days": str(WARNING_DAYS), "limit": SHOWN}
    return render_template(
        "cooperative/today.html",
        new=_orders(order_status="placed"),
        to_ship=[*_orders(order_status="confirmed", fulfilment_status="unshipped"),
                 *_orders(order_status="confirmed", fulfilment_status="partly_shipped")],
        owed=sorted(owed, key=lambda one: one["clock"]["due_on"] or "9999"),
        returned=_items("applications.list_applications", status="returned"),
        tasks=_items("inspection_tasks.search", status="concluded"),
        certificates=ask("certificates.expiring", query=expiring)["items"],
        nearing=_items("certificates.nearing"),
        papers=[*_items("documents.list_documents", validity="lapsed"),
                *_items("documents.list_documents", validity="expiring")],
        marks=_items("marks.search", expiring="true"),
        payouts=_items("payouts.list_payout_lists", status="draft"),
        days_left=lambda day: days_to(day, on=day_of_today()),
    )  # fmt: skip


def _items(door: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(door, query={"limit": SHOWN, **query})["items"]
    return found


def _orders(**query: str) -> list[dict[str, Any]]:
    found = _items("orders.index", **query)
    learn_names([one["buyer_id"] for one in found])
    return found
