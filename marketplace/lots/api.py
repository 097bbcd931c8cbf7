"""Doors of the lots."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from marketplace.lots import commands, queries
from marketplace.lots.commands import NewLot
from marketplace.lots.models import LotId
from marketplace.lots.queries import LotView
from marketplace.lots.schemas import LotIn, LotItemOut, LotOut, LotQueryIn
from registry.accounts.models import REVIEWERS, Role

lots = Blueprint("lots", __name__, url_prefix="/api/v1")
RECORDS = frozenset({Role.COOP_CLERK})
READS = REVIEWERS | {Role.COOP_CLERK, Role.COOP_MANAGER, Role.MONITOR, Role.AUDITOR}


@lots.post("/lots")
@endpoint(lots, allow=RECORDS, accepts=LotIn(), returns=LotOut(), status=201, idempotent=True)
def record(body: NewLot) -> LotView:
    """Record a lot with what each household delivered."""
    return commands.record_lot(body, by=current_actor(), now=clock.now())


@lots.get("/lots")
@endpoint(
    lots,
    allow=READS,
    accepts=LotQueryIn(),
    returns=page_schema(LotItemOut),
    location="query",
)
def index(query: dict[str, Any]) -> Page[LotView]:
    """List lots, the newest first."""
    return queries.list_lots(current_actor(), **query)


@lots.get("/lots/<uuid:lot_id>")
@endpoint(lots, allow=READS, returns=LotOut())
def show(lot_id: UUID) -> LotView:
    """Show a lot with what each household put in."""
    return queries.get_lot_view(current_actor(), LotId(lot_id))
