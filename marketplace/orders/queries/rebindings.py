"""Which applications to re-bind orders an actor sees, and what they are about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.models.rebindings import Lineages, Rebinding, RebindingId, RebindingStatus
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible


@dataclass(frozen=True, slots=True)
class RebindingView:
    """An application with the order it is about, as far as the other unit has to know it."""

    rebinding: Rebinding
    order: PurchaseOrder


def get_rebinding(actor: Actor, rebinding_id: RebindingId) -> Rebinding:
    """Get an application that concerns a unit in the actor's sight (NotFound)."""
    return one(select(Rebinding).where(Rebinding.id == rebinding_id, _visible(actor)))


def lock_rebinding(actor: Actor, rebinding_id: RebindingId) -> Rebinding:
    """Get an application that concerns a unit in the actor's sight, locked (NotFound)."""
    return locked(select(Rebinding).where(Rebinding.id == rebinding_id, _visible(actor)))


def get_rebinding_view(actor: Actor, rebinding_id: RebindingId) -> RebindingView:
    """Get an application in the actor's sight with its order (NotFound)."""
    rebinding = get_rebinding(actor, rebinding_id)
    return RebindingView(rebinding, db.session.get_one(PurchaseOrder, rebinding.order_id))


def list_rebindings(
    actor: Actor,
    *,
    order_id: OrderId | None,
    status: RebindingStatus | None,
    limit: int,
    cursor: str | None,
) -> Page[RebindingView]:
    """List the applications that concern units in the actor's sight, the newest first."""
    asked = {"order_id": order_id, "status": status}
    statement = select(Rebinding).where(_visible(actor))
    found = page(
        statement.filter_by(**{name: value for name, value in asked.items() if value}),
        keys=[(Rebinding.id, True)],
        limit=limit,
        cursor=cursor,
        filters=asked,
    )
    wanted = PurchaseOrder.id.in_([row.order_id for row in found.items])
    orders = {order.id: order for order in db.session.scalars(select(PurchaseOrder).where(wanted))}
    views = [RebindingView(row, orders[row.order_id]) for row in found.items]
    return Page(views, found.next_cursor)


def find_lineages(actor: Actor, rebinding: Rebinding) -> Lineages:
    """Give where the two units of an application stand."""
    del actor  # the application was found in the actor's sight
    rows = db.session.execute(
        select(Organisation.id, Organisation.lineage).where(
            Organisation.id.in_([rebinding.from_unit_id, rebinding.to_unit_id])
        )
    )
    lineage: dict[OrganisationId, str] = {row[0]: row[1] for row in rows}
    return Lineages(lineage[rebinding.from_unit_id], lineage[rebinding.to_unit_id])


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    seen = select(Organisation.id).where(visible(actor))
    return or_(Rebinding.from_unit_id.in_(seen), Rebinding.to_unit_id.in_(seen))
