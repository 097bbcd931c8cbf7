"""Doors to the rectification ledger and the talks about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page
from procurement.supervision.commands import matters as commands
from procurement.supervision.commands.matters import NewMatter, NewTalk, Word
from procurement.supervision.models.matters import Matter, MatterAct, MatterId
from procurement.supervision.queries import matters as queries
from procurement.supervision.queries.matters import MatterView
from procurement.supervision.rules.matters import Ledger, LedgerLine
from procurement.supervision.schemas.matters import (
    MATTER_PAGE,
    LedgerOut,
    LedgerQuery,
    MatterDetailOut,
    MatterIn,
    MatterOut,
    MatterQuery,
    MatterWordIn,
    TalkIn,
    TalkResultIn,
)
from registry.accounts.models import Role

SUPERVISES = frozenset({Role.FINANCE_SUPERVISOR, Role.UNIT_ADMIN})
READS = SUPERVISES | {Role.MONITOR, Role.AUDITOR, Role.PLATFORM_ADMIN}
MATTER = "/matters/<uuid:matter_id>"

matters = Blueprint("matters", __name__, url_prefix="/api/v1/procurement")


@matters.post("/matters")
@endpoint(
    matters,
    allow=SUPERVISES,
    accepts=MatterIn(),
    returns=MatterOut(),
    status=201,
    idempotent=True,
)
def raise_matter(body: NewMatter) -> Matter:
    """Demand of a unit in sight that it puts something right."""
    return commands.raise_matter(body, by=current_actor(), now=clock.now())


@matters.get("/matters")
@endpoint(matters, allow=READS, accepts=MatterQuery(), location="query", returns=MATTER_PAGE)
def list_matters(query: dict[str, Any]) -> Page[Matter]:
    """List the matters one may know of, the newest first."""
    region = query.pop("region")
    return queries.list_matters(current_actor(), region_code=region, **query)


@matters.get("/matters/ledger")
@endpoint(matters, allow=READS, accepts=LedgerQuery(), location="query", returns=LedgerOut())
def ledger(query: dict[str, Any]) -> Ledger:
    """Count a year's matters by cause and state, and tell whether the ledger is settled."""
    found = queries.count_matters(current_actor(), year=query["year"], region_code=query["region"])
    return Ledger([LedgerLine(*one) for one in found])


@matters.get(MATTER)
@endpoint(matters, allow=READS, returns=MatterDetailOut())
def get(matter_id: UUID) -> MatterView:
    """Get a matter with every step and the talks about it."""
    return queries.get_matter_view(current_actor(), MatterId(matter_id))


@matters.post(f"{MATTER}/open")
@endpoint(matters, allow=SUPERVISES, accepts=MatterWordIn(), returns=MatterOut())
def take_up(body: Word, matter_id: UUID) -> Matter:
    """Take up what the figures proposed; the deadline runs from today."""
    return _act(matter_id, MatterAct.OPEN, body)


@matters.post(f"{MATTER}/dismiss")
@endpoint(matters, allow=SUPERVISES, accepts=MatterWordIn(), returns=MatterOut())
def dismiss(body: Word, matter_id: UUID) -> Matter:
    """Leave what the figures proposed, with the reason."""
    return _act(matter_id, MatterAct.DISMISS, body)


@matters.post(f"{MATTER}/remind")
@endpoint(matters, allow=SUPERVISES, accepts=MatterWordIn(), returns=MatterOut())
def remind(body: Word, matter_id: UUID) -> Matter:
    """Remind a unit of what it has to put right."""
    return _act(matter_id, MatterAct.REMIND, body)


@matters.post(f"{MATTER}/report")
@endpoint(matters, allow=frozenset({Role.UNIT_ADMIN}), accepts=MatterWordIn(), returns=MatterOut())
def report(body: Word, matter_id: UUID) -> Matter:
    """Say, as the unit, how it was put right."""
    return _act(matter_id, MatterAct.REPORT, body)


@matters.post(f"{MATTER}/return")
@endpoint(matters, allow=SUPERVISES, accepts=MatterWordIn(), returns=MatterOut())
def send_back(body: Word, matter_id: UUID) -> Matter:
    """Send a report back; a new deadline runs from today."""
    return _act(matter_id, MatterAct.RETURN, body)


@matters.post(f"{MATTER}/close")
@endpoint(matters, allow=SUPERVISES, accepts=MatterWordIn(), returns=MatterOut())
def close(body: Word, matter_id: UUID) -> Matter:
    """Close a matter that was put right."""
    return _act(matter_id, MatterAct.CLOSE, body)


@matters.post(f"{MATTER}/talks")
@endpoint(matters, allow=SUPERVISES, accepts=TalkIn(), returns=MatterOut(), status=201)
def call_talk(body: NewTalk, matter_id: UUID) -> Matter:
    """Call a unit's office to a talk about the matter."""
    return commands.call_talk(MatterId(matter_id), body, by=current_actor(), now=clock.now())


@matters.post(f"{MATTER}/talks/result")
@endpoint(matters, allow=SUPERVISES, accepts=TalkResultIn(), returns=MatterOut())
def record_talk(body: dict[str, Any], matter_id: UUID) -> Matter:
    """Record what came of the talk that was called."""
    held_on = body.pop("held_on")
    return commands.record_talk(
        MatterId(matter_id), Word(**body), held_on=held_on, by=current_actor(), now=clock.now()
    )


def _act(matter_id: UUID, act: MatterAct, word: Word) -> Matter:
    return commands.act_on_matter(
        MatterId(matter_id), act, word, by=current_actor(), now=clock.now()
    )
