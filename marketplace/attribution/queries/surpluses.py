"""Which surplus runs an actor sees, and what households traded with a cooperative in a year."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, extract, func, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.attribution.models.surpluses import SurplusRun, SurplusRunId, SurplusShare
from marketplace.lots.models import Lot, LotContribution
from registry.households.models.households import Household
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible


@dataclass(frozen=True)
class SurplusShareView:
    """A share with its household by code; none is the members who are not on the register."""

    share: SurplusShare
    household_code: str | None


def list_volumes(actor: Actor, cooperative_id: OrganisationId, *, year: int) -> dict[UUID, Fen]:
    """Add up what households delivered in a year's harvest at its farm prices, by household."""
    del actor  # the cooperative is the actor's own
    amount = func.round(LotContribution.quantity * LotContribution.farm_price_fen)
    rows = db.session.execute(
        select(LotContribution.household_id, func.sum(amount))
        .join(Lot, Lot.id == LotContribution.lot_id)
        .where(
            Lot.supplier_id == cooperative_id,
            extract("year", Lot.harvested_on) == year,
            LotContribution.root_id.is_(None),
        )
        .group_by(LotContribution.household_id)
        .order_by(LotContribution.household_id)
    )
    return {household_id: Fen(int(total)) for household_id, total in rows if total}


def list_surplus_runs(
    actor: Actor, *, year: int | None, limit: int, cursor: str | None
) -> Page[SurplusRun]:
    """List the runs of cooperatives in the actor's sight, the newest first."""
    statement = select(SurplusRun).where(_visible_runs(actor))
    if year is not None:
        statement = statement.where(SurplusRun.year == year)
    keys = [(SurplusRun.id, True)]
    return page(statement, keys=keys, limit=limit, cursor=cursor, filters={"year": year})


def get_surplus_run(actor: Actor, run_id: SurplusRunId) -> SurplusRun:
    """Get a run in the actor's sight (NotFound)."""
    return one(select(SurplusRun).where(SurplusRun.id == run_id, _visible_runs(actor)))


def lock_surplus_run(actor: Actor, run_id: SurplusRunId) -> SurplusRun:
    """Get a run of the actor's own cooperative, locked (NotFound)."""
    own = SurplusRun.cooperative_id == actor.organisation_id
    return locked(select(SurplusRun).where(SurplusRun.id == run_id, own))


def list_surplus_shares(
    actor: Actor, run_id: SurplusRunId, *, limit: int, cursor: str | None
) -> Page[SurplusShareView]:
    """List the shares of a run in the actor's sight, in the order they were divided."""
    run = get_surplus_run(actor, run_id)
    found = page(
        select(SurplusShare, Household.code)
        .outerjoin(Household, Household.id == SurplusShare.household_id)
        .where(SurplusShare.run_id == run.id),
        keys=[(SurplusShare.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"run": run_id},
    )
    return Page([SurplusShareView(*row) for row in found.items], found.next_cursor)


def list_shares_to_book(actor: Actor, run_id: SurplusRunId) -> list[SurplusShare]:
    """List all shares of a locked run."""
    del actor  # the run was locked for the actor
    statement = select(SurplusShare).where(SurplusShare.run_id == run_id).order_by(SurplusShare.id)
    return list(db.session.scalars(statement))


def _visible_runs(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    return SurplusRun.cooperative_id.in_(select(Organisation.id).where(visible(actor)))
