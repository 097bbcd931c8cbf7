"""What is shown where today, and who wishes to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from marketplace.catalogue.models.displays import SEATS, DisplaySlot, SlotId, SlotStatus
from marketplace.catalogue.models.listings import Listing
from marketplace.catalogue.queries.listings import ListingView, list_views, on_sale
from registry.organisations.models import Organisation
from registry.regions.models import Region


@dataclass(frozen=True)
class ShopWindow:
    """What is shown at a place on a day, in the order of the seats."""

    place_code: str
    on: date
    items: Sequence[ListingView]
    seats: int = SEATS


@dataclass(frozen=True)
class SlotView:
    """A slot with what it shows and who sells it."""

    slot: DisplaySlot
    title: str
    certificate_number: str
    supplier: str


def get_window(actor: Actor, *, place_code: str, today: date) -> ShopWindow:
    """Get what is shown at a place today: of what was given a slot, what is on sale today.

    A listing whose certificate lapsed is not shown from that day on, and is again when it is back.
    """
    keys = db.session.scalars(
        select(Listing.id)
        .join(DisplaySlot, DisplaySlot.listing_id == Listing.id)
        .where(
            DisplaySlot.place_code == place_code,
            DisplaySlot.status == SlotStatus.GIVEN,
            _runs_within(today, None),
            on_sale(Listing),
        )
        .order_by(DisplaySlot.seat),
        {"today": today},
    ).all()
    return ShopWindow(place_code, today, list_views(actor, keys, today=today))


def list_slots(
    actor: Actor, *, status: SlotStatus | None, limit: int, cursor: str | None
) -> Page[SlotView]:
    """List the slots of the actor's organisation and of the pages of their region, newest first."""
    statement = (
        select(DisplaySlot, Listing.title, Listing.certificate_number, Organisation.name)
        .join(Listing, Listing.id == DisplaySlot.listing_id)
        .join(Organisation, Organisation.id == DisplaySlot.supplier_id)
        .where(_in_sight(actor))
    )
    if status is not None:
        statement = statement.where(DisplaySlot.status == status)
    found = page(
        statement,
        keys=[(DisplaySlot.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"status": status},
    )
    return Page([SlotView(*row) for row in found.items], found.next_cursor)


def get_slot_view(actor: Actor, slot: DisplaySlot) -> SlotView:
    """Get a slot of the actor's sight as it is shown."""
    del actor  # it was found in their sight
    row = db.session.execute(
        select(Listing.title, Listing.certificate_number, Organisation.name)
        .join(Organisation, Organisation.id == Listing.supplier_id)
        .where(Listing.id == slot.listing_id)
    ).one()
    return SlotView(slot, *row)


def lock_slot(actor: Actor, slot_id: SlotId) -> DisplaySlot:
    """Lock a slot of the actor's organisation, or of a page of their region (NotFound)."""
    return locked(select(DisplaySlot).where(DisplaySlot.id == slot_id, _in_sight(actor)))


def lock_page(actor: Actor, place_code: str) -> None:
    """Let nobody else give seats of a page until the end of the transaction."""
    del actor  # who asks was found to decide on a slot of the page
    locked(select(Region).where(Region.code == place_code), key_share=True)


def list_taken_seats(actor: Actor, slot: DisplaySlot) -> list[int]:
    """List which seats of a slot's place are given on any of its days."""
    del actor  # who asks was found to decide on the slot
    statement = select(DisplaySlot.seat).where(
        DisplaySlot.place_code == slot.place_code,
        DisplaySlot.status == SlotStatus.GIVEN,
        _runs_within(slot.since_on, slot.until_on),
    )
    return [seat for seat in db.session.scalars(statement) if seat is not None]


def _runs_within(since_on: date, until_on: date | None) -> ColumnElement[bool]:
    """Say of slots that they have a day in `[since_on, until_on)`; without an end, that one day."""
    begins = DisplaySlot.since_on <= since_on
    if until_on is not None:
        begins = DisplaySlot.since_on < until_on
    return and_(begins, DisplaySlot.until_on > since_on)


def _in_sight(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    own = DisplaySlot.supplier_id == actor.organisation_id
    reach = DisplaySlot.place_code.startswith(actor.region_prefix)
    return or_(own, reach) if actor.sight is Sight.REGION else own
