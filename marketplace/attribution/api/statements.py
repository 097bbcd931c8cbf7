"""The doors through which one sees whose the money is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page
from kernel.papers import PDF
from marketplace.attribution.queries import splits, statements, stories
from marketplace.attribution.queries.splits import OrderSplit
from marketplace.attribution.queries.statements import Entry, PartyFilter, Statement
from marketplace.attribution.queries.stories import Story
from marketplace.attribution.schemas.papers import print_statement
from marketplace.attribution.schemas.statements import (
    ENTRIES,
    ENTRY_PAGE,
    OrderSplitOut,
    StatementOut,
    StatementQuery,
)
from marketplace.attribution.schemas.stories import LotStoryOut
from marketplace.lots.models import LotId
from marketplace.orders.models.orders import OrderId

MOST_PRINTED = 500
"""So many entries are printed; the sheet has all."""

attribution = Blueprint("attribution", __name__, url_prefix="/api/v1")


@attribution.get("/orders/<uuid:order_id>/attribution")
@endpoint(attribution, allow=SIGNED_IN, returns=OrderSplitOut())
def show(order_id: UUID) -> OrderSplit:
    """Show how an order's money is split over households and the cooperative."""
    return splits.get_order_split(current_actor(), OrderId(order_id))


@attribution.get("/lots/<uuid:lot_id>/story")
@endpoint(attribution, allow=SIGNED_IN, returns=LotStoryOut(), snapshot=True)
def story(lot_id: UUID) -> Story:
    """Tell a lot's story from its households to the canteens in sight."""
    return stories.get_story(current_actor(), LotId(lot_id))


@attribution.get("/attribution/statements")
@endpoint(
    attribution,
    allow=SIGNED_IN,
    accepts=StatementQuery(),
    location="query",
    returns=StatementOut(),
    report=True,
)
def statement(query: dict[str, Any]) -> Statement:
    """Show what a party was given, with entries that add up to the totals."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    wanted = PartyFilter(**query)
    return statements.get_statement(current_actor(), wanted, limit=limit, cursor=cursor)


@attribution.get("/attribution/entries")
@endpoint(
    attribution,
    allow=SIGNED_IN,
    accepts=StatementQuery(),
    location="query",
    returns=ENTRY_PAGE,
    report=True,
)
def list_entries(query: dict[str, Any]) -> Page[Entry]:
    """List a party's entries alone, the newest first."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    wanted = PartyFilter(**query)
    return statements.list_entries(current_actor(), wanted, limit=limit, cursor=cursor)


@attribution.get("/attribution/statements/paper")
@endpoint(attribution, allow=SIGNED_IN, accepts=StatementQuery(), location="query", snapshot=True)
def paper(query: dict[str, Any]) -> Response:
    """Print a party's statement in Chinese on A4."""
    del query["limit"], query["cursor"]
    wanted = PartyFilter(**query)
    found = statements.get_statement(current_actor(), wanted, limit=MOST_PRINTED, cursor=None)
    content = print_statement(found, wanted, made_at=clock.now())
    return attachment(content, name="statement.pdf", media_type=PDF)


export_door(attribution, "/attribution/entries/export", of=list_entries, sheet=ENTRIES)
