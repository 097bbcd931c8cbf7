"""Doors to the share policies: public reading, adopting new versions, waivers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page
from procurement.policies import commands, queries
from procurement.policies.commands import NewPolicy, NewUnionRule, NewWaiver
from procurement.policies.models import SharePolicy, UnionRule, Waiver, WaiverId
from procurement.policies.rules.resolutions import Question, Resolution
from procurement.policies.schemas.policies import (
    POLICY_PAGE,
    UNION_RULE_PAGE,
    PolicyIn,
    PolicyOut,
    PolicyQuery,
    UnionRuleIn,
    UnionRuleOut,
)
from procurement.policies.schemas.resolutions import ResolutionOut, ResolveQuery
from procurement.policies.schemas.waivers import (
    WAIVER_PAGE,
    WaiverIn,
    WaiverOut,
    WaiverQuery,
    WaiverRevokeIn,
)
from registry.accounts.models import Role

ADOPTERS = frozenset({Role.FINANCE_SUPERVISOR, Role.PLATFORM_ADMIN})

policies = Blueprint("policies", __name__, url_prefix="/api/v1/procurement")


@policies.get("/policies")
@endpoint(policies, allow=PUBLIC, accepts=PolicyQuery(), location="query", returns=POLICY_PAGE)
def list_policies(query: dict[str, Any]) -> Page[SharePolicy]:
    """List the share policies, each version with its years and source."""
    return queries.list_policies(
        current_actor(), region_code=query["region"], limit=query["limit"], cursor=query["cursor"]
    )


@policies.post("/policies")
@endpoint(policies, allow=ADOPTERS, accepts=PolicyIn(), returns=PolicyOut(), status=201)
def adopt(body: NewPolicy) -> SharePolicy:
    """Adopt a share policy or its next version; nothing that exists is changed."""
    return commands.adopt_policy(body, by=current_actor(), now=clock.now())


@policies.get("/policies/resolve")
@endpoint(policies, allow=PUBLIC, accepts=ResolveQuery(), location="query", returns=ResolutionOut())
def resolve(query: Question) -> Resolution:
    """Tell which policy is in force for a place or unit and year, why, and which lost."""
    return commands.answer(query, actor=current_actor(), today=shanghai_day(clock.now()))


@policies.get("/union-rules")
@endpoint(policies, allow=PUBLIC, accepts=PolicyQuery(), location="query", returns=UNION_RULE_PAGE)
def list_union_rules(query: dict[str, Any]) -> Page[UnionRule]:
    """List the rules of the union, each version with its years and source."""
    return queries.list_union_rules(
        current_actor(), region_code=query["region"], limit=query["limit"], cursor=query["cursor"]
    )


@policies.post("/union-rules")
@endpoint(policies, allow=ADOPTERS, accepts=UnionRuleIn(), returns=UnionRuleOut(), status=201)
def adopt_union_rule(body: NewUnionRule) -> UnionRule:
    """Adopt a rule of the union or its next version."""
    return commands.adopt_union_rule(body, by=current_actor(), now=clock.now())


@policies.get("/waivers")
@endpoint(policies, allow=SIGNED_IN, accepts=WaiverQuery(), location="query", returns=WAIVER_PAGE)
def list_waivers(query: dict[str, Any]) -> Page[Waiver]:
    """List the lower shares approved for units in sight, the newest first."""
    return queries.list_waivers(current_actor(), **query)


@policies.post("/waivers")
@endpoint(policies, allow=ADOPTERS, accepts=WaiverIn(), returns=WaiverOut(), status=201)
def grant_waiver(body: NewWaiver) -> Waiver:
    """Write down a lower share that was approved for a unit."""
    return commands.grant_waiver(body, by=current_actor(), now=clock.now())


@policies.post("/waivers/<uuid:waiver_id>/revoke")
@endpoint(policies, allow=ADOPTERS, accepts=WaiverRevokeIn(), returns=WaiverOut())
def revoke_waiver(body: dict[str, Any], waiver_id: UUID) -> Waiver:
    """End a lower share before its last day."""
    return commands.revoke_waiver(
        WaiverId(waiver_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )
