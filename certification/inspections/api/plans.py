"""Doors to draws: announced and recomputed by anyone, drawn by two people of an office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from certification.inspections.commands import plans as commands
from certification.inspections.commands.plans import NewPlan
from certification.inspections.models.plans import DrawPlan
from certification.inspections.queries.plans import PlanView, get_frame, get_plan_view, list_plans
from certification.inspections.schemas.plans import (
    PLANS,
    DrawIn,
    PlanIn,
    PlanItemOut,
    PlanOut,
    PlanQuery,
)
from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role

plans = Blueprint("inspection_plans", __name__, url_prefix="/api/v1/inspections")
PLANNERS = REVIEWERS - {Role.TOWN_CHECKER}
PLAIN = "text/csv; charset=utf-8"


@plans.post("/plans")
@endpoint(plans, allow=PLANNERS, accepts=PlanIn(), returns=PlanOut(), status=201, idempotent=True)
def announce(body: NewPlan) -> PlanView:
    """Announce a draw with the commitment to its secret."""
    actor = current_actor()
    plan = commands.announce_plan(body, by=actor, now=clock.now())
    return get_plan_view(actor, plan.number)


@plans.get("/plans")
@endpoint(
    plans, allow=PUBLIC, accepts=PlanQuery(), returns=page_schema(PlanItemOut), location="query"
)
def search(body: dict[str, Any]) -> Page[DrawPlan]:
    """List announced and made draws, the newest first."""
    return list_plans(current_actor(), **body)


export_door(plans, "/plans/export", of=search, sheet=PLANS)


@plans.get("/plans/<number>")
@endpoint(plans, allow=PUBLIC, returns=PlanOut())
def get(number: str) -> PlanView:
    """Give a draw with all that is published of it."""
    return get_plan_view(current_actor(), number)


@plans.get("/plans/<number>/frame")
@endpoint(plans, allow=PUBLIC)
def frame(number: str) -> Response:
    """Give the text that was drawn from, byte for byte as it was hashed."""
    return Response(get_frame(current_actor(), number), content_type=PLAIN)


@plans.post("/plans/<uuid:plan_id>/draw")
@endpoint(plans, allow=PLANNERS, accepts=DrawIn(), returns=PlanOut())
def draw(body: dict[str, Any], plan_id: UUID) -> PlanView:
    """Draw with the published value; what is drawn stays hidden."""
    actor = current_actor()
    plan = commands.draw_plan(plan_id, **body, by=actor, now=clock.now())
    return get_plan_view(actor, plan.number)


@plans.post("/plans/<uuid:plan_id>/call-off")
@endpoint(plans, allow=PLANNERS, returns=PlanOut())
def call_off(plan_id: UUID) -> PlanView:
    """Call a draw off before it is made."""
    actor = current_actor()
    plan = commands.call_off_plan(plan_id, by=actor, now=clock.now())
    return get_plan_view(actor, plan.number)
