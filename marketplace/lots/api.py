"""Doors of the lots."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from kernel.sheets.importing import ListImport
from marketplace.lots import queries
from marketplace.lots.commands import adjusting, paying, regrouping
from marketplace.lots.commands import stock as commands
from marketplace.lots.commands.adjusting import NewAdjustment
from marketplace.lots.commands.importing import LotImport, check_own_listing
from marketplace.lots.commands.paying import NewContributionPayment
from marketplace.lots.commands.stock import NewLot
from marketplace.lots.models import LotAdjustment, LotAdjustmentId, LotId
from marketplace.lots.queries import LotView
from marketplace.lots.schemas import (
    LOT_CONTRIBUTIONS,
    AdjustmentIn,
    AdjustmentOut,
    ContributionPaymentIn,
    ContributionReversalIn,
    LotIn,
    LotItemOut,
    LotMergeIn,
    LotOut,
    LotQueryIn,
    LotReasonIn,
    LotSplitIn,
)
from registry.accounts.models import REVIEWERS, Role

lots = Blueprint("lots", __name__, url_prefix="/api/v1")
RECORDS = frozenset({Role.COOP_CLERK})
LOT_IMPORT = ListImport(LOT_CONTRIBUTIONS, RECORDS, LotImport, about=check_own_listing)
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


@lots.post("/lots/<uuid:lot_id>/adjustments")
@endpoint(
    lots,
    allow=RECORDS,
    accepts=AdjustmentIn(),
    returns=AdjustmentOut(),
    status=201,
    idempotent=True,
)
def adjust(body: NewAdjustment, lot_id: UUID) -> LotAdjustment:
    """Write down what of a lot was lost, or found."""
    return adjusting.adjust_lot(LotId(lot_id), body, by=current_actor(), now=clock.now())


@lots.post("/lot-adjustments/<uuid:adjustment_id>/reverse")
@endpoint(lots, allow=RECORDS, accepts=LotReasonIn(), returns=AdjustmentOut(), status=201)
def correct(body: dict[str, str], adjustment_id: UUID) -> LotAdjustment:
    """Take a loss back."""
    return adjusting.correct_adjustment(
        LotAdjustmentId(adjustment_id), **body, by=current_actor(), now=clock.now()
    )


@lots.post("/lots/<uuid:lot_id>/splits")
@endpoint(lots, allow=RECORDS, accepts=LotSplitIn(), returns=LotOut(), status=201, idempotent=True)
def split(body: dict[str, Any], lot_id: UUID) -> LotView:
    """Take so much of a lot as a new one, its contributions carried along."""
    return regrouping.split_lot(LotId(lot_id), **body, by=current_actor(), now=clock.now())


@lots.post("/lots/merges")
@endpoint(lots, allow=RECORDS, accepts=LotMergeIn(), returns=LotOut(), status=201, idempotent=True)
def merge(body: dict[str, Any]) -> LotView:
    """Make one lot of what several have free, their contributions carried along."""
    return regrouping.merge_lots(**body, by=current_actor(), now=clock.now())


@lots.post("/lots/<uuid:lot_id>/contribution-payments")
@endpoint(
    lots,
    allow=RECORDS,
    accepts=ContributionPaymentIn(),
    returns=LotOut(),
    status=201,
    idempotent=True,
)
def pay(body: NewContributionPayment, lot_id: UUID) -> LotView:
    """Mark contributions as paid to their households, with the proof."""
    return paying.pay_contributions(LotId(lot_id), body, by=current_actor(), now=clock.now())


@lots.post("/lots/<uuid:lot_id>/contribution-payments/reverse")
@endpoint(lots, allow=RECORDS, accepts=ContributionReversalIn(), returns=LotOut(), status=201)
def take_mark_back(body: dict[str, Any], lot_id: UUID) -> LotView:
    """Take the mark of one contribution back."""
    return paying.reverse_payment(LotId(lot_id), **body, by=current_actor(), now=clock.now())
