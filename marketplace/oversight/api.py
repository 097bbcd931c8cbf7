"""Doors to red flags: what the rules are, what they found, and what becomes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from kernel.terms import NewTerm
from marketplace.oversight.commands import deciding as commands
from marketplace.oversight.commands.deciding import Demand, Suspicion
from marketplace.oversight.commands.terms import set_flag_term
from marketplace.oversight.models import FlagTerm, RedFlagId
from marketplace.oversight.queries import flags as queries
from marketplace.oversight.queries import searches
from marketplace.oversight.queries.flags import FlagItem, FlagView, RuleView
from marketplace.oversight.schemas import (
    FLAG_TERM_PAGE,
    FlagDemandIn,
    FlagReasonIn,
    FlagRulesOut,
    FlagsQuery,
    FlagSuspicionIn,
    FlagTermIn,
    FlagTermOut,
    RedFlagDetailOut,
    RedFlagOut,
)
from registry.accounts.models import REVIEWERS, Role

INSPECTS = REVIEWERS - {Role.TOWN_CHECKER}
DEMANDS = frozenset({Role.FINANCE_SUPERVISOR})
EXPLAINS = INSPECTS | DEMANDS | {Role.MONITOR}
SEES = EXPLAINS | {Role.AUDITOR}
SETS = frozenset({Role.PLATFORM_ADMIN})
FLAG = "/red-flags/<uuid:red_flag_id>"

red_flags = Blueprint("red_flags", __name__, url_prefix="/api/v1")


@red_flags.get("/red-flags/rules")
@endpoint(red_flags, allow=SEES | SETS, returns=FlagRulesOut())
def list_rules() -> dict[str, list[RuleView]]:
    """List every rule with its numbers, their source, and how many flags stand."""
    today = shanghai_day(clock.now())
    return {"items": queries.list_rules(current_actor(), today=today)}


@red_flags.get("/red-flags/terms")
@endpoint(
    red_flags, allow=SEES | SETS, accepts=PageQuery(), location="query", returns=FLAG_TERM_PAGE
)
def list_terms(query: dict[str, Any]) -> Page[FlagTerm]:
    """List the numbers of the rules, those to come and those of the past as well."""
    return searches.list_terms(current_actor(), **query)


@red_flags.post("/red-flags/terms")
@endpoint(red_flags, allow=SETS, accepts=FlagTermIn(), returns=FlagTermOut(), status=201)
def set_term(body: NewTerm) -> FlagTerm:
    """Set a number of a rule, for the whole nation, from a day on."""
    return set_flag_term(body, by=current_actor(), now=clock.now())


@red_flags.get("/red-flags")
@endpoint(
    red_flags,
    allow=SEES,
    accepts=FlagsQuery(),
    location="query",
    returns=page_schema(RedFlagOut),
)
def list_flags(query: dict[str, Any]) -> Page[FlagItem]:
    """List the flags that concern somebody in sight, the newest first."""
    return queries.list_flags(current_actor(), **query)


@red_flags.get(FLAG)
@endpoint(red_flags, allow=SEES, returns=RedFlagDetailOut())
def get(red_flag_id: UUID) -> FlagView:
    """Get a flag with the rows behind it."""
    return queries.get_flag_view(current_actor(), RedFlagId(red_flag_id))


@red_flags.post(f"{FLAG}/explain")
@endpoint(red_flags, allow=EXPLAINS, accepts=FlagReasonIn(), returns=RedFlagDetailOut())
def explain(body: dict[str, str], red_flag_id: UUID) -> FlagView:
    """Say why a flag means nothing."""
    return commands.explain_flag(
        RedFlagId(red_flag_id), body["reason"], by=current_actor(), now=clock.now()
    )


@red_flags.post(f"{FLAG}/demand")
@endpoint(red_flags, allow=DEMANDS, accepts=FlagDemandIn(), returns=RedFlagDetailOut())
def demand(body: Demand, red_flag_id: UUID) -> FlagView:
    """Demand of one of the buyers that it puts something right."""
    return commands.demand_of_buyer(
        RedFlagId(red_flag_id), body, by=current_actor(), now=clock.now()
    )


@red_flags.post(f"{FLAG}/inspect")
@endpoint(red_flags, allow=INSPECTS, accepts=FlagSuspicionIn(), returns=RedFlagDetailOut())
def inspect(body: Suspicion, red_flag_id: UUID) -> FlagView:
    """Open a hidden inspection of goods behind the flag."""
    return commands.inspect_goods(RedFlagId(red_flag_id), body, by=current_actor(), now=clock.now())
