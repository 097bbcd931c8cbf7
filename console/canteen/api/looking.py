"""What several pages of the canteen ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import g, request

from console.canteen.rules import Dense
from console.widgets.asking import ask
from console.widgets.names import learn_names
from console.widgets.pages import Trouble
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.errors import Conflict, Missing

BUYERS = frozenset({"canteen_buyer", "contractor_buyer", "union_officer", "unit_admin"})
UNIT = BUYERS | {"unit_approver", "unit_finance"}
"""Who works for a budget unit or a contractor."""


def or_none(name: str, *, query: dict[str, Any] | None = None, **path: Any) -> Any:
    """Give what a door answers, or None where there is nothing yet for who asks."""
    try:
        return ask(name, query=query, **path)
    except (Missing, Conflict):
        return None


def this_year() -> int:
    """Give the year that the page is about: the one asked for, else the present one."""
    asked = request.args.get("year", "").strip()
    return int(asked) if asked.isdecimal() and len(asked) == len("2026") else today_year()


def today_year() -> int:
    """Give the present year."""
    return shanghai_day(clock.now()).year


def units_in_sight() -> list[dict[str, Any]]:
    """List the budget units that the own organisation may act for or look after."""
    query = {"kind": "budget_unit", "limit": "100"}
    found: list[dict[str, Any]] = ask("organisations.list_organisations", query=query)["items"]
    return sorted(found, key=lambda one: str(one["name"]))


def own_organisation() -> UUID | None:
    """Give the organisation of who looks."""
    found: UUID | None = g.actor.organisation_id
    return found


def named(orders: dict[str, Any]) -> dict[str, Any]:
    """Learn the names of who sells and for whom, for a list of orders."""
    keys = {one[key] for one in orders["items"] for key in ("supplier_id", "bound_unit_id")}
    learn_names(list(keys))
    return orders


def choices(things: list[dict[str, Any]], *, text: str = "name") -> list[tuple[str, str]]:
    """Give what a choice among things offers."""
    return [(one["id"], one[text]) for one in things]


def rekeyed(rows: Dense) -> None:
    """Lead what was refused of a form's rows to the rows in which they were written."""
    trouble: Trouble | None = g.trouble
    if trouble is not None:
        errors = {rows.name_of(name): said for name, said in trouble.errors.items()}
        g.trouble = replace(trouble, errors=errors)
