"""Doors to the approval thresholds."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page
from procurement.approvals import commands, queries
from procurement.approvals.commands import NewThreshold
from procurement.approvals.models import ApprovalThreshold
from procurement.approvals.schemas import (
    THRESHOLD_PAGE,
    ThresholdIn,
    ThresholdOut,
    ThresholdQuery,
)
from registry.accounts.models import Role

SETS_THRESHOLD = frozenset({Role.UNIT_ADMIN})

approvals = Blueprint("approvals", __name__, url_prefix="/api/v1/procurement")


@approvals.post("/approval-thresholds")
@endpoint(
    approvals, allow=SETS_THRESHOLD, accepts=ThresholdIn(), returns=ThresholdOut(), status=201
)
def set_threshold(body: NewThreshold) -> ApprovalThreshold:
    """Set from which amount the own unit's orders wait for somebody else."""
    return commands.set_threshold(body, by=current_actor(), now=clock.now())


@approvals.get("/approval-thresholds")
@endpoint(
    approvals,
    allow=SIGNED_IN,
    accepts=ThresholdQuery(),
    location="query",
    returns=THRESHOLD_PAGE,
)
def list_thresholds(query: dict[str, Any]) -> Page[ApprovalThreshold]:
    """List the thresholds of units in the own sight, and the platform's default."""
    return queries.list_thresholds(
        current_actor(), unit_id=query["unit_id"], limit=query["limit"], cursor=query["cursor"]
    )
