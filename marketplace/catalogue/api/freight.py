"""Doors to freight plans."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from marketplace.catalogue.commands import freight as commands
from marketplace.catalogue.commands.freight import FreightPlanWish
from marketplace.catalogue.models.freight import FreightPlan, FreightPlanId
from marketplace.catalogue.queries.freight import list_plans
from marketplace.catalogue.schemas.freight import FreightPlanIn, FreightPlanOut
from registry.accounts.models import Role

freight = Blueprint("freight", __name__, url_prefix="/api/v1")
SETS = frozenset({Role.COOP_CLERK})


@freight.post("/freight-plans")
@endpoint(freight, allow=SETS, accepts=FreightPlanIn(), returns=FreightPlanOut(), status=201)
def create(body: FreightPlanWish) -> FreightPlan:
    """Write down what bringing goods costs, zone by zone."""
    return commands.create_plan(body, by=current_actor(), now=clock.now())


@freight.get("/freight-plans")
@endpoint(
    freight,
    allow=SETS | {Role.COOP_MANAGER},
    accepts=PageQuery(),
    location="query",
    returns=page_schema(FreightPlanOut),
)
def list_own(query: dict[str, Any]) -> Page[FreightPlan]:
    """List the own plans."""
    return list_plans(current_actor(), **query)


@freight.patch("/freight-plans/<uuid:freight_plan_id>")
@endpoint(freight, allow=SETS, accepts=FreightPlanIn(), returns=FreightPlanOut(), etag=True)
def change(body: FreightPlanWish, freight_plan_id: UUID) -> FreightPlan:
    """Set a plan anew; placed orders keep the freight they agreed."""
    return commands.change_plan(
        FreightPlanId(freight_plan_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
