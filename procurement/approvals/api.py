"""Doors to bands of approval, delegations, and orders that look split."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery
from kernel.terms import NewTerm
from procurement.approvals import queries
from procurement.approvals.commands import delegations, thresholds
from procurement.approvals.commands.delegations import NewDelegation
from procurement.approvals.commands.terms import set_approval_term
from procurement.approvals.commands.thresholds import NewThreshold
from procurement.approvals.models import (
    ApprovalDelegation,
    ApprovalTerm,
    ApprovalThreshold,
    DelegationId,
)
from procurement.approvals.queries import SplitView
from procurement.approvals.schemas import (
    APPROVAL_TERM_PAGE,
    COLLEAGUE_PAGE,
    DELEGATION_PAGE,
    SPLIT_PAGE,
    THRESHOLD_PAGE,
    ApprovalTermIn,
    ApprovalTermOut,
    DelegationIn,
    DelegationOut,
    ThresholdIn,
    ThresholdOut,
    ThresholdQuery,
)
from registry.accounts.models import AppUser, Role

SETS_THRESHOLD = frozenset({Role.UNIT_ADMIN})
SETS_TERM = frozenset({Role.PLATFORM_ADMIN})
DELEGATES = frozenset({Role.UNIT_APPROVER})
SEES_SPLITS = frozenset({Role.UNIT_ADMIN, Role.FINANCE_SUPERVISOR, Role.MONITOR, Role.AUDITOR})

approvals = Blueprint("approvals", __name__, url_prefix="/api/v1/procurement")


@approvals.post("/approval-thresholds")
@endpoint(
    approvals, allow=SETS_THRESHOLD, accepts=ThresholdIn(), returns=ThresholdOut(), status=201
)
def set_threshold(body: NewThreshold) -> ApprovalThreshold:
    """Set from which amount the own unit's orders wait for somebody else."""
    return thresholds.set_threshold(body, by=current_actor(), now=clock.now())


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


@approvals.get("/approval-terms")
@endpoint(
    approvals, allow=SIGNED_IN, accepts=PageQuery(), location="query", returns=APPROVAL_TERM_PAGE
)
def list_terms(query: dict[str, Any]) -> Page[ApprovalTerm]:
    """List the platform's hours and days, those to come and those of the past as well."""
    return queries.list_terms(current_actor(), **query)


@approvals.post("/approval-terms")
@endpoint(
    approvals, allow=SETS_TERM, accepts=ApprovalTermIn(), returns=ApprovalTermOut(), status=201
)
def set_term(body: NewTerm) -> ApprovalTerm:
    """Set the platform's hours or days, for the whole nation, from a day on."""
    return set_approval_term(body, by=current_actor(), now=clock.now())


@approvals.post("/approval-delegations")
@endpoint(approvals, allow=DELEGATES, accepts=DelegationIn(), returns=DelegationOut(), status=201)
def delegate(body: NewDelegation) -> ApprovalDelegation:
    """Let a colleague approve for the own person for a time."""
    return delegations.delegate(body, by=current_actor(), now=clock.now())


@approvals.get("/approval-delegations")
@endpoint(
    approvals, allow=SIGNED_IN, accepts=PageQuery(), location="query", returns=DELEGATION_PAGE
)
def list_delegations(query: dict[str, Any]) -> Page[ApprovalDelegation]:
    """List who approves for whom in the units in sight."""
    return queries.list_delegations(current_actor(), **query)


@approvals.get("/approval-delegations/colleagues")
@endpoint(approvals, allow=DELEGATES, accepts=PageQuery(), location="query", returns=COLLEAGUE_PAGE)
def list_colleagues(query: dict[str, Any]) -> Page[AppUser]:
    """List the open accounts of the own unit, of which another person's may be let approve."""
    return queries.list_colleagues(current_actor(), **query)


@approvals.post("/approval-delegations/<uuid:delegation_id>/revoke")
@endpoint(approvals, allow=DELEGATES, returns=DelegationOut())
def revoke(delegation_id: UUID) -> ApprovalDelegation:
    """Take a delegation of one's own back."""
    return delegations.revoke_delegation(
        DelegationId(delegation_id), by=current_actor(), now=clock.now()
    )


@approvals.get("/approval-splits")
@endpoint(
    approvals, allow=SEES_SPLITS, accepts=ThresholdQuery(), location="query", returns=SPLIT_PAGE
)
def list_splits(query: dict[str, Any]) -> Page[SplitView]:
    """List orders of units in sight that each stay within a band and together pass it."""
    return queries.list_splits(
        current_actor(), unit_id=query["unit_id"], limit=query["limit"], cursor=query["cursor"]
    )
