"""Which lots there are, who put what into them, and what they have left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.quantity import Unit
from kernel.rows import locked
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.lots.models import (
    ContributionPayment,
    Lot,
    LotAdjustment,
    LotAdjustmentId,
    LotCarriage,
    LotCarriagePart,
    LotContribution,
    LotContributionId,
    LotEntry,
    LotHold,
    LotId,
)
from registry.households.models.households import Household
from registry.organisations.models import Organisation
from registry.organisations.queries import visible

HELD_FOR_LINES = "order_line"
_step = aliased(ContributionPayment)
_LAST_PAYMENT = (
    ContributionPayment.contribution_id
    == func.coalesce(LotContribution.root_id, LotContribution.id)
) & (
    ContributionPayment.sequence
    == select(func.max(_step.sequence))
    .where(_step.contribution_id == ContributionPayment.contribution_id)
    .scalar_subquery()
)
"""What was last written of a contribution's payment; what was carried is paid with its root."""


@dataclass(frozen=True)
class ContributionView:
    """What one household put in; the household is a code, never a person."""

    id: LotContributionId
    household_code: str
    quantity: Decimal
    farm_price_fen: int
    root_id: LotContributionId | None
    paid_on: date | None


@dataclass(frozen=True)
class LotView:
    """A lot with its contributions by household code; quantities in its `unit`."""

    lot: Lot
    title: str
    contributions: Sequence[ContributionView] = ()


@dataclass(frozen=True)
class LineHold:
    """What an order line still holds of a lot, in the lot's unit."""

    order_line_id: UUID
    lot_id: LotId
    unit: Unit
    left: Decimal


def get_lot_view(actor: Actor, lot_id: LotId) -> LotView:
    """Get a lot in the actor's sight with its contributions, the largest first (NotFound)."""
    row = db.session.execute(_visible_lots(actor).where(Lot.id == lot_id)).one_or_none()
    if row is None:
        raise NotFound
    contributions = db.session.execute(
        select(
            LotContribution.id,
            Household.code,
            LotContribution.quantity,
            LotContribution.farm_price_fen,
            LotContribution.root_id,
            case((ContributionPayment.sequence % 2 == 1, ContributionPayment.paid_on)),
        )
        .join(Household, Household.id == LotContribution.household_id)
        .outerjoin(ContributionPayment, _LAST_PAYMENT)
        .where(LotContribution.lot_id == lot_id)
        .order_by(LotContribution.quantity.desc(), Household.code)
    )
    return LotView(row[0], row[1], [ContributionView(*one) for one in contributions])


def list_lots(
    actor: Actor, *, listing_id: ListingId | None, limit: int, cursor: str | None
) -> Page[LotView]:
    """List the lots in the actor's sight, the newest first, without their contributions."""
    statement = _visible_lots(actor)
    if listing_id is not None:
        statement = statement.where(Lot.listing_id == listing_id)
    found = page(
        statement,
        keys=[(Lot.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"listing": listing_id},
    )
    return Page([LotView(lot, title) for lot, title in found.items], found.next_cursor)


def sellable(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Say, of `Lot`, that it has something left and is not past its last day."""
    return (Lot.held + Lot.shipped < Lot.total) & or_(
        Lot.expires_on.is_(None), Lot.expires_on > today
    )


def list_sellable_lots(
    actor: Actor, listing_ids: Collection[ListingId], *, today: date, lock: bool = False
) -> list[Lot]:
    """List what can be sold of listings today; `lock` takes the rows in key order, unshortened."""
    del actor  # what is left is public
    statement = select(Lot).where(Lot.listing_id.in_(listing_ids), sellable(today))
    if lock:
        statement = statement.order_by(Lot.id).with_for_update(key_share=True)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def lock_lots(actor: Actor, lot_ids: Collection[LotId]) -> dict[LotId, Lot]:
    """Lock lots in key order; those that do not exist are missing from the answer."""
    del actor  # the order that asks was found in the actor's sight
    statement = select(Lot).where(Lot.id.in_(lot_ids)).order_by(Lot.id)
    statement = statement.with_for_update(key_share=True)
    found = db.session.scalars(statement.execution_options(populate_existing=True))
    return {lot.id: lot for lot in found}


def lock_own_lots(actor: Actor, lot_ids: Collection[LotId]) -> list[Lot]:
    """Lock lots of the actor's own organisation in key order (NotFound where one is missing)."""
    found = lock_lots(actor, lot_ids)
    own = [lot for lot in found.values() if lot.supplier_id == actor.organisation_id]
    if len(own) != len(set(lot_ids)):
        raise NotFound
    return own


def lock_adjustment(actor: Actor, adjustment_id: LotAdjustmentId) -> LotAdjustment:
    """Get an adjustment of a lot of the actor's own organisation, locked (NotFound)."""
    own = select(Lot.id).where(Lot.supplier_id == actor.organisation_id)
    wanted = LotAdjustment.id == adjustment_id
    return locked(select(LotAdjustment).where(wanted, LotAdjustment.lot_id.in_(own)))


def list_held_contributions(
    actor: Actor, lot_ids: Collection[LotId]
) -> list[tuple[LotContribution, Decimal]]:
    """List what lots hold of each contribution: less what was carried to other lots, by key."""
    del actor  # the lots were found in the actor's sight
    carried = func.coalesce(func.sum(LotCarriagePart.quantity), 0)
    rows = db.session.execute(
        select(LotContribution, LotContribution.quantity - carried)
        .outerjoin(LotCarriagePart, LotCarriagePart.contribution_id == LotContribution.id)
        .where(LotContribution.lot_id.in_(lot_ids))
        .group_by(LotContribution.id)
        .order_by(LotContribution.id)
    )
    return [(contribution, left) for contribution, left in rows]


def sum_carried_own(actor: Actor, lot_id: LotId) -> Decimal:
    """Add up what of a lot's own part was carried to other lots."""
    del actor  # the lot was found in the actor's sight
    own = func.coalesce(func.sum(LotCarriage.own_quantity), 0)
    return Decimal(db.session.scalar(select(own).where(LotCarriage.from_lot_id == lot_id)) or 0)


def lock_contributions(
    actor: Actor, lot_id: LotId, contribution_ids: Collection[LotContributionId] | None
) -> list[tuple[Lot, LotContribution, int]]:
    """Give contributions that were recorded with an own lot, with their last step of payment.

    The lot is locked. Without names all of them; NotFound where one that is named is missing.
    """
    (lot,) = lock_own_lots(actor, [lot_id])
    step = func.coalesce(func.max(ContributionPayment.sequence), 0)
    statement = (
        select(LotContribution, step)
        .outerjoin(ContributionPayment, ContributionPayment.contribution_id == LotContribution.id)
        .where(LotContribution.lot_id == lot_id, LotContribution.root_id.is_(None))
        .group_by(LotContribution.id)
        .order_by(LotContribution.id)
    )
    if contribution_ids is not None:
        statement = statement.where(LotContribution.id.in_(contribution_ids))
    found = [(lot, contribution, last) for contribution, last in db.session.execute(statement)]
    if contribution_ids is not None and len(found) != len(set(contribution_ids)):
        raise NotFound(pointer="/contribution_ids")
    return found


def list_line_holds(actor: Actor, order_line_ids: Collection[UUID]) -> list[LineHold]:
    """List what order lines still hold of lots, in the order in which lots are to be emptied."""
    del actor  # the order that asks was found in the actor's sight
    left = LotHold.amount - LotHold.posted - LotHold.released
    rows = db.session.execute(
        select(LotHold.source_id, LotHold.counter_id, Lot.unit, left)
        .join(Lot, Lot.id == LotHold.counter_id)
        .where(LotHold.source == HELD_FOR_LINES, LotHold.source_id.in_(order_line_ids), left > 0)
        .order_by(func.coalesce(Lot.expires_on, date.max), Lot.harvested_on, Lot.id)
    )
    return [LineHold(*row) for row in rows]


def list_moved_listings(actor: Actor, *, since: datetime) -> list[ListingId]:
    """List the listings whose lots moved since an instant."""
    del actor  # only the timer asks
    moved = select(LotEntry.counter_id).where(LotEntry.at >= since)
    statement = select(Lot.listing_id).where(Lot.id.in_(moved)).distinct()
    return list(db.session.scalars(statement))


def list_stocked_listings(actor: Actor) -> list[ListingId]:
    """List the listings that show something as available, or have lots."""
    del actor  # only the timer asks
    statement = select(Listing.id).where(
        or_(Listing.available_quantity > 0, Listing.id.in_(select(Lot.listing_id)))
    )
    return list(db.session.scalars(statement))


def list_free_quantities(
    actor: Actor, listing_ids: Collection[ListingId], *, today: date
) -> list[tuple[ListingId, Unit, Unit, Decimal]]:
    """Add up what listings have left per unit of their lots: listing, its unit, lots' unit, sum."""
    del actor  # what is left is public
    free = func.sum(Lot.total - Lot.held - Lot.shipped)
    rows = db.session.execute(
        select(
            Listing.id, Listing.unit, func.coalesce(Lot.unit, Listing.unit), func.coalesce(free, 0)
        )
        .outerjoin(Lot, (Lot.listing_id == Listing.id) & sellable(today))
        .where(Listing.id.in_(listing_ids))
        .group_by(Listing.id, Lot.unit)
    )
    return [(listing_id, unit, lot_unit, left) for listing_id, unit, lot_unit, left in rows]


def _visible_lots(actor: Actor) -> Any:
    return (
        select(Lot, Listing.title)
        .join(Listing, Listing.id == Lot.listing_id)
        .join(Organisation, Organisation.id == Lot.supplier_id)
        .where(visible(actor))
    )
