"""Asking to be shown for nothing, giving a slot or not, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from certification.certificates.queries.certificates import get_running
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from marketplace.catalogue.models.displays import DisplaySlot, SlotId, SlotStatus
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.queries import displays as queries
from marketplace.catalogue.queries.displays import SlotView
from marketplace.catalogue.queries.listings import get_own_listing
from marketplace.catalogue.rules import displays as rules
from marketplace.catalogue.rules.listings import check_certified
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.regions.queries import get_live_region


@dataclass(frozen=True)
class NewSlot:
    """What somebody wishes to have shown, where, for `[since_on, until_on)`, and why."""

    listing_id: ListingId
    place_code: str
    since_on: date
    until_on: date
    reason: str


@dataclass(frozen=True)
class SlotDecision:
    """Whether a slot is given, and in what opinion."""

    give: bool
    opinion: str


def ask_for_slot(new: NewSlot, *, by: Actor, now: datetime) -> SlotView:
    """Ask that an own listing is shown at a place; nobody pays for it.

    Refuses NotFound, ListingNotListed, CertificateNotInForce, CertificatePapersLapsed, RegionUnfit,
    RegionUnknown, Invalid, DisplayAsked, IdentityInText.
    """
    today = shanghai_day(now)
    listing = get_own_listing(by, new.listing_id)
    _check_fit(listing, today=today)
    rules.check_place(new.place_code)
    get_live_region(SYSTEM, new.place_code, on=today, pointer="/place_code")
    rules.check_days(new.since_on, new.until_on, today=today)
    check_clear_of_identity(new.reason, pointer="/reason")
    slot = DisplaySlot(
        id=SlotId(new_id()),
        **vars(new),
        supplier_id=listing.supplier_id,
        status=SlotStatus.ASKED,
        asked_by=UserId(by.user_id),
        asked_at=now,
    )
    db.session.add(slot)
    return _written(slot, "display_asked", by=by, now=now)


def decide_slot(
    slot_id: SlotId,
    decision: SlotDecision,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> SlotView:
    """Give a slot with the first seat that is free on all its days, or decline it.

    Refuses NotFound, WrongState, SamePerson, DisplayFull, IdentityInText, and of a slot to be given
    what asking for it would refuse of its listing.
    """
    today = shanghai_day(now)
    slot = queries.lock_slot(by, slot_id)
    check_version(slot.version, expected_version)
    to = SlotStatus.GIVEN if decision.give else SlotStatus.DECLINED
    rules.check_move(slot, to, today=today)
    rules.check_giver(slot, by=by)
    check_clear_of_identity(decision.opinion, pointer="/opinion")
    if decision.give:
        _check_fit(db.session.get_one(Listing, slot.listing_id), today=today)
        queries.lock_page(by, slot.place_code)
        slot.seat = rules.free_seat(queries.list_taken_seats(by, slot))
    slot.status, slot.opinion = to, decision.opinion
    slot.decided_by, slot.decided_at = UserId(by.user_id), now
    return _written(slot, "display_decided", by=by, now=now)


def withdraw_slot(
    slot_id: SlotId, reason: str, *, expected_version: int | None, by: Actor, now: datetime
) -> SlotView:
    """Take back a wish or a slot, as who asked for it or who decides there (WrongState)."""
    slot = queries.lock_slot(by, slot_id)
    check_version(slot.version, expected_version)
    rules.check_move(slot, SlotStatus.WITHDRAWN, today=shanghai_day(now))
    check_clear_of_identity(reason, pointer="/reason")
    slot.status, slot.withdrawal = SlotStatus.WITHDRAWN, reason
    slot.withdrawn_by, slot.withdrawn_at = UserId(by.user_id), now
    return _written(slot, "display_withdrawn", by=by, now=now)


def _check_fit(listing: Listing, *, today: date) -> None:
    rules.check_on_sale(listing)
    check_certified(get_running(SYSTEM, listing.certificate_id, on=today), today=today)


def _written(slot: DisplaySlot, action: str, *, by: Actor, now: datetime) -> SlotView:
    db.session.flush()
    after = {"listing_id": str(slot.listing_id), "place_code": slot.place_code,
             "since_on": slot.since_on, "until_on": slot.until_on, "status": slot.status,
             "seat": slot.seat}  # fmt: skip
    audit.write(action, subject=("display_slot", slot.id), by=by, now=now, after=after)
    return queries.get_slot_view(by, slot)
