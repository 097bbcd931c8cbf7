"""Which farmed plots an actor sees and may change, who grows them, and what was agreed of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.campaigns.models.commissions import (
    CommissionStatus,
    FarmingCommission,
    FarmingCommissionId,
    FarmingGrower,
    FarmingMilestone,
    FarmingMilestoneId,
)
from registry.accounts.models import TRADES, Role
from registry.documents.models import Document, DocumentId
from registry.households.models.households import Household, HouseholdId
from registry.organisations.models import Organisation
from registry.organisations.queries import visible

FARMING = "farming_commission"
"""What proof of work on a plot is about."""
ADOPTS = TRADES | {Role.UNIT_ADMIN}


@dataclass(frozen=True, slots=True)
class Grown:
    """What a household is expected to grow, known by its code, at its farm price a unit."""

    household_id: HouseholdId
    household_code: str
    quantity: Decimal
    farm_price_fen: Fen


@dataclass(frozen=True)
class CommissionView:
    """A plot with its growers and its milestones in their order."""

    commission: FarmingCommission
    growers: list[Grown]
    milestones: list[FarmingMilestone]


def get_commission_view(actor: Actor, commission_id: FarmingCommissionId) -> CommissionView:
    """Get a plot in the actor's sight, with growers and milestones (NotFound)."""
    mine = FarmingCommission.id == commission_id
    found = one(select(FarmingCommission).where(mine, _seen(actor)))
    return CommissionView(
        found, list_growers(actor, commission_id), list_milestones(actor, commission_id)
    )


def list_commissions(
    actor: Actor, *, status: CommissionStatus | None, limit: int, cursor: str | None
) -> Page[FarmingCommission]:
    """List the plots in the actor's sight, the newest first; what is offered every buyer sees."""
    filters = {"status": status} if status else {}
    return page(
        select(FarmingCommission).where(_seen(actor)).filter_by(**filters),
        keys=[(FarmingCommission.id, True)],
        limit=limit,
        cursor=cursor,
        filters=filters,
    )


def lock_own_commission(actor: Actor, commission_id: FarmingCommissionId) -> FarmingCommission:
    """Get a plot of the actor's own organisation, locked (NotFound)."""
    own = FarmingCommission.supplier_id == actor.organisation_id
    return locked(select(FarmingCommission).where(FarmingCommission.id == commission_id, own))


def lock_commission(actor: Actor, commission_id: FarmingCommissionId) -> FarmingCommission:
    """Get a plot in the actor's sight, locked (NotFound)."""
    mine = FarmingCommission.id == commission_id
    return locked(select(FarmingCommission).where(mine, _seen(actor)))


def find_order_of(actor: Actor, commission_id: FarmingCommissionId) -> UUID | None:
    """Find the order of a plot in the actor's sight (NotFound); None before it is adopted."""
    mine = FarmingCommission.id == commission_id
    return one(select(FarmingCommission).where(mine, _seen(actor))).order_id


def get_commission_id(actor: Actor, milestone_id: FarmingMilestoneId) -> FarmingCommissionId:
    """Get the plot of a milestone in the actor's sight (NotFound)."""
    statement = select(FarmingCommission.id).join(
        FarmingMilestone, FarmingMilestone.commission_id == FarmingCommission.id
    )
    found: FarmingCommissionId = one(
        statement.where(FarmingMilestone.id == milestone_id, _seen(actor))
    )
    return found


def lock_milestone(actor: Actor, milestone_id: FarmingMilestoneId) -> FarmingMilestone:
    """Get a milestone of a locked plot as it stands now."""
    del actor  # the plot was found in the actor's sight
    return locked(select(FarmingMilestone).where(FarmingMilestone.id == milestone_id))


def lock_commission_of(actor: Actor, order_id: UUID) -> FarmingCommission | None:
    """Get the plot of a locked order, locked."""
    del actor  # the order was found in the actor's sight
    return db.session.scalar(
        select(FarmingCommission)
        .where(FarmingCommission.order_id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def find_commission_of(actor: Actor, order_id: UUID) -> FarmingCommission | None:
    """Find the plot of an order."""
    del actor  # the order was found in the actor's sight
    return db.session.scalar(select(FarmingCommission).filter_by(order_id=order_id))


def has_failed(actor: Actor, order_id: UUID) -> bool:
    """Say whether the plot of an order failed and its money goes back."""
    del actor  # the order that asks was found in the actor's sight
    failed = select(FarmingCommission.id).filter_by(
        order_id=order_id, status=CommissionStatus.FAILED
    )
    return db.session.scalar(failed) is not None


def list_growers(actor: Actor, commission_id: FarmingCommissionId) -> list[Grown]:
    """List who farms a plot, by code; the plot was found in the actor's sight."""
    del actor
    return _growers(FarmingGrower.commission_id == commission_id)


def list_growers_of_order(actor: Actor, order_id: UUID) -> list[Grown]:
    """List who farms the plot of an order."""
    del actor  # the order that asks was found in the actor's sight
    plots = select(FarmingCommission.id).where(FarmingCommission.order_id == order_id)
    return _growers(FarmingGrower.commission_id.in_(plots))


def list_milestones(actor: Actor, commission_id: FarmingCommissionId) -> list[FarmingMilestone]:
    """List the milestones of a plot in their order; it was found in the actor's sight."""
    del actor
    asked = select(FarmingMilestone).where(FarmingMilestone.commission_id == commission_id)
    return list(db.session.scalars(asked.order_by(FarmingMilestone.position)))


def list_proofs(
    actor: Actor, commission_id: FarmingCommissionId, ids: Collection[DocumentId]
) -> set[DocumentId]:
    """List which papers were handed in about a plot."""
    del actor  # the plot was found in the actor's sight
    about = select(Document.id).where(
        Document.id.in_(ids),
        Document.subject_kind == FARMING,
        Document.subject_id == commission_id,
    )
    return set(db.session.scalars(about))


def find_plots_in_sight(actor: Actor) -> Select[FarmingCommissionId]:
    """Select the plots on whose sides the actor stands, for papers about them."""
    return select(FarmingCommission.id).where(_seen(actor))


def _growers(which: ColumnElement[bool]) -> list[Grown]:
    rows = db.session.execute(
        select(
            FarmingGrower.household_id,
            Household.code,
            FarmingGrower.quantity,
            FarmingGrower.farm_price_fen,
        )
        .join(Household, Household.id == FarmingGrower.household_id)
        .where(which)
        .order_by(FarmingGrower.id)
    )
    return [Grown(*row) for row in rows]


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Say, of plots, that the actor's side farms or adopted one, or may adopt it."""
    if actor.sight is Sight.ALL:
        return true()
    seen = select(Organisation.id).where(visible(actor))
    sides: list[ColumnElement[bool]] = [
        FarmingCommission.supplier_id.in_(seen),
        FarmingCommission.buyer_id.in_(seen),
        FarmingCommission.bound_unit_id.in_(seen),
    ]
    if actor.has(*ADOPTS):
        sides.append(FarmingCommission.status == CommissionStatus.OFFERED)
    return or_(*sides)
