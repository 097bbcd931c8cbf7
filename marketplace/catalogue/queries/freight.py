"""Which freight plans a supplier has."""

from __future__ import annotations

from sqlalchemy import Select, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from marketplace.catalogue.models.freight import FreightPlan, FreightPlanId


def list_plans(actor: Actor, *, limit: int, cursor: str | None) -> Page[FreightPlan]:
    """List the plans of the actor's organisation, the newest first."""
    return page(_own(actor), keys=[(FreightPlan.id, True)], limit=limit, cursor=cursor)


def find_plan(actor: Actor, plan_id: FreightPlanId) -> FreightPlan | None:
    """Find a plan of the actor's organisation."""
    return db.session.scalar(_own(actor).where(FreightPlan.id == plan_id))


def lock_plan(actor: Actor, plan_id: FreightPlanId) -> FreightPlan:
    """Lock a plan of the actor's organisation (NotFound)."""
    return locked(_own(actor).where(FreightPlan.id == plan_id), key_share=True)


def _own(actor: Actor) -> Select[FreightPlan]:
    return select(FreightPlan).where(FreightPlan.supplier_id == actor.organisation_id)
