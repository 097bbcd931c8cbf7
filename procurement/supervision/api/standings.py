"""Doors to how units stand and to what is paid late, as of an instant."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import cut
from procurement.supervision.commands.batches import Demand, Told, tell_units
from procurement.supervision.commands.standings import late_payments, watch
from procurement.supervision.queries.terms import find_payment_term
from procurement.supervision.rules.payments import delays_of
from procurement.supervision.schemas.standings import (
    DelaysOut,
    DelaysQuery,
    DemandIn,
    StandingsOut,
    StandingsQuery,
    ToldOut,
)
from registry.accounts.models import Role

SEES = frozenset({Role.FINANCE_SUPERVISOR, Role.MONITOR, Role.AUDITOR, Role.PLATFORM_ADMIN})

standings = Blueprint("standings", __name__, url_prefix="/api/v1/procurement")


@standings.get("/standings")
@endpoint(
    standings,
    allow=SEES,
    accepts=StandingsQuery(),
    location="query",
    returns=StandingsOut(),
    report=True,
)
def list_standings(query: dict[str, Any]) -> dict[str, Any]:
    """Say how the budget units of a region stand, ranked: who filed, bought, or is behind."""
    as_of = min(query["as_of"] or clock.now(), clock.now())
    seen = watch(current_actor(), query["region"], year=query["year"], as_of=as_of)
    counts = Counter(one.standing for one in seen.units)
    asked = query["standing"]
    rows = [one for one in seen.units if asked in {None, one.standing}]
    filters = {"region": query["region"], "year": query["year"], "standing": asked}
    found = cut(rows, limit=query["limit"], cursor=query["cursor"], filters=filters)
    return {
        "region_code": seen.region.code,
        "year": seen.year,
        "as_of": as_of,
        "counts": [{"standing": one, "number": number} for one, number in sorted(counts.items())],
        "items": found.items,
        "next_cursor": found.next_cursor,
    }


@standings.post("/standings/demands")
@endpoint(
    standings,
    allow=frozenset({Role.FINANCE_SUPERVISOR}),
    accepts=DemandIn(),
    returns=ToldOut(),
    idempotent=True,
)
def tell(body: Demand) -> Told:
    """Tell every unit that stands so to put it right; who was told before is reminded."""
    return tell_units(body, by=current_actor(), now=clock.now())


@standings.get("/payment-delays")
@endpoint(
    standings,
    allow=SEES,
    accepts=DelaysQuery(),
    location="query",
    returns=DelaysOut(),
    report=True,
)
def list_delays(query: dict[str, Any]) -> dict[str, Any]:
    """Say what units owe sellers past the legal term, with the interest, order by order."""
    as_of = min(query["as_of"] or clock.now(), clock.now())
    late = late_payments(current_actor(), query["region"], as_of=as_of)
    if query["unit_id"] is not None:
        late = [one for one in late if one.unit_id == query["unit_id"]]
    late.sort(key=lambda one: (one.due_on, one.order_id))
    term = find_payment_term(current_actor(), on=shanghai_day(as_of))
    units = delays_of(late)
    filters = {"region": query["region"], "unit_id": query["unit_id"]}
    found = cut(late, limit=query["limit"], cursor=query["cursor"], filters=filters)
    return {
        "as_of": as_of,
        "source": term.source if term else "",
        "overdue_fen": sum(one.overdue_fen for one in units),
        "beyond_fen": sum(one.beyond_fen for one in units),
        "interest_fen": sum(one.interest_fen for one in units),
        "units": units,
        "items": found.items,
        "next_cursor": found.next_cursor,
    }
