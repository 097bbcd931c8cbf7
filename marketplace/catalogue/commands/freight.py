"""What a supplier asks for bringing goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed, check_version
from kernel.identity import new_id
from marketplace.catalogue.models.freight import FreightPlan, FreightPlanId
from marketplace.catalogue.queries.freight import lock_plan
from marketplace.catalogue.rules.freight import Zone, check_zones, kept_zones
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class FreightPlanWish:
    """A plan as it is to be: its name among the supplier's own, and its zones."""

    name: str
    zones: Sequence[Zone]


def create_plan(wish: FreightPlanWish, *, by: Actor, now: datetime) -> FreightPlan:
    """Write down a plan (Invalid, FreightPlanKnown)."""
    if by.organisation_id is None:
        raise NotAllowed
    check_zones(wish.zones)
    plan = FreightPlan(
        id=FreightPlanId(new_id()),
        supplier_id=OrganisationId(by.organisation_id),
        name=wish.name,
        zones=kept_zones(wish.zones),
        created_at=now,
    )
    db.session.add(plan)
    return _written(plan, "freight_plan_created", by=by, now=now)


def change_plan(
    plan_id: FreightPlanId,
    wish: FreightPlanWish,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> FreightPlan:
    """Set name and zones of an own plan anew; placed orders keep the freight they agreed."""
    plan = lock_plan(by, plan_id)
    check_version(plan.version, expected_version)
    check_zones(wish.zones)
    plan.name, plan.zones = wish.name, kept_zones(wish.zones)
    return _written(plan, "freight_plan_changed", by=by, now=now)


def _written(plan: FreightPlan, action: str, *, by: Actor, now: datetime) -> FreightPlan:
    db.session.flush()
    after = {"name": plan.name, "zones": plan.zones}
    audit.write(action, subject=("freight_plan", plan.id), by=by, now=now, after=after)
    return plan
