"""What can be done with lots: record, promise, ship, give back, take back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.gates import Gate, Move, Want
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from kernel.quantity import Unit
from marketplace.catalogue.commands.following import set_available
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.queries.listings import get_own_listing
from marketplace.errors.lots import HouseholdNotLinked, StockShort
from marketplace.lots import queries, rules
from marketplace.lots.models import (
    Lot,
    LotContribution,
    LotContributionId,
    LotEntry,
    LotHold,
    LotId,
)
from marketplace.lots.queries import HELD_FOR_LINES, LotView
from marketplace.lots.rules import Contribution, Pick, Remaining
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.households.queries.links import list_linked_households
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId

HELD_FOR_SHIPMENTS = "shipment_line"
"""Goods that were moved to another lot when they were shipped."""
LATELY = timedelta(minutes=2)

STOCK_GATE = Gate(
    counter=Lot,
    limit=Lot.total,
    held=Lot.held,
    spent=Lot.shipped,
    hold=LotHold,
    entry=LotEntry,
    when="c.expires_on IS NULL OR c.expires_on > :today",
)
"""A lot takes a hold only before its last day."""


@dataclass(frozen=True)
class NewLot:
    """A lot to record; quantities and farm prices are for its `unit`."""

    listing_id: ListingId
    harvested_on: date
    unit: Unit
    contributions: Sequence[Contribution] = ()
    own_quantity: Decimal = Decimal(0)
    expires_on: date | None = None


@dataclass(frozen=True)
class StockDemand:
    """What order lines want of one listing, in its unit; `lots` as they were last seen."""

    listing_id: ListingId
    title: str
    unit: Unit
    lines: Sequence[tuple[UUID, Decimal]]
    lots: Sequence[Remaining]


@dataclass(frozen=True)
class StockMove:
    """So much of a lot, in its unit, that an order line (or a shipment line) holds."""

    lot_id: LotId
    held_by: UUID
    quantity: Decimal | None = None
    moved: bool = False


def record_lot(new: NewLot, *, by: Actor, now: datetime) -> LotView:
    """Record a lot of an own listing, every household linked.

    Refuses NotFound, HouseholdNotLinked and, of a supplier that has ended, OrganisationEnded.
    """
    listing = get_own_listing(by, new.listing_id)
    keep_organisation(listing.supplier_id)
    today = shanghai_day(now)
    rules.check_days(new.harvested_on, new.expires_on, today=today)
    rules.check_unit(new.unit, listing_unit=listing.unit, step=listing.step)
    total = rules.total_of(new.contributions, own_quantity=new.own_quantity, unit=new.unit)
    growers = [one.household_id for one in new.contributions]
    check_linked(growers, of="contributions", by=by, today=today)
    number = next_number("BF-L", region_code=by.region_code, year=shanghai_year(now))
    lot = Lot(
        id=LotId(new_id()),
        number=number,
        listing_id=listing.id,
        supplier_id=listing.supplier_id,
        harvested_on=new.harvested_on,
        expires_on=new.expires_on,
        unit=new.unit,
        own_quantity=new.own_quantity,
        total=total,
        held=Decimal(0),
        shipped=Decimal(0),
        created_at=now,
        created_by=UserId(by.user_id),
    )
    db.session.add(lot)
    db.session.flush()
    db.session.add_all(_rows(new.contributions, lot))
    db.session.flush()
    after = {"listing": listing.id, "total": total, "households": len(new.contributions)}
    audit.write("lot_recorded", subject=("lot", lot.id), by=by, now=now, after=after)
    refresh_available([listing.id], now=now)
    return queries.get_lot_view(by, lot.id)


def hold_stock(
    demands: Sequence[StockDemand],
    *,
    expires_at: datetime | None,
    now: datetime,
    again: bool = False,
) -> dict[UUID, list[Pick]]:
    """Hold stock for order lines, first expired first out, all or nothing (StockShort).

    Gives the picks of each line. The lots are chosen from what the caller saw; if that has
    passed, they are locked and chosen again, and what fits then is certain. Lines whose holds
    ended hold `again`, of these lots or of others.
    """
    today = shanghai_day(now)
    try:
        picks = choose_stock(demands)
    except StockShort:
        picks = {}
    take = partial(_take, expires_at=expires_at, now=now, today=today, again=again)
    if picks and not take(picks):
        return picks
    lots = queries.list_sellable_lots(
        SYSTEM, [one.listing_id for one in demands], today=today, lock=True
    )
    picks = choose_stock([_seen_again(demand, lots) for demand in demands])
    if take(picks):
        raise AssertionError("the gate refused what locked lots had left")
    return picks


def move_stock(move: StockMove, *, title: str, now: datetime) -> None:
    """Hold stock of a named, locked lot for a shipment line (StockShort)."""
    wanted = move.quantity or Decimal(0)
    refused = STOCK_GATE.take(
        HELD_FOR_SHIPMENTS,
        [Want(move.lot_id, move.held_by, wanted)],
        expires_at=None,
        now=now,
        parameters={"today": shanghai_day(now)},
    )
    if refused:
        lot = queries.lock_lots(SYSTEM, [move.lot_id])[move.lot_id]
        free = lot.total - lot.held - lot.shipped
        raise StockShort(title=title, available=free, wanted=wanted, unit=lot.unit)


def post_stock(moves: Sequence[StockMove], *, now: datetime) -> None:
    """Turn what is held into shipped (HoldSpent)."""
    for source, part in _by_source(moves):
        STOCK_GATE.post(source, part, now=now)


def release_stock(moves: Sequence[StockMove], *, now: datetime, expired: bool = False) -> None:
    """Give back what is held and will not be shipped (HoldSpent)."""
    for source, part in _by_source(moves):
        STOCK_GATE.release(source, part, now=now, expired=expired)


def extend_stock(line_ids: Collection[UUID], *, expires_at: datetime) -> None:
    """Say of what lines hold that it lapses at another instant."""
    STOCK_GATE.extend(HELD_FOR_LINES, line_ids, expires_at=expires_at)


def return_stock(moves: Sequence[StockMove], *, now: datetime) -> None:
    """Take back into the lot what was shipped and turned away (HoldSpent)."""
    for source, part in _by_source(moves):
        STOCK_GATE.refund(source, part, now=now)


def refresh_available(listing_ids: Collection[ListingId], *, now: datetime) -> int:
    """Show again what listings have left today, in their units; give how many were looked at."""
    free: dict[ListingId, Decimal] = defaultdict(Decimal)
    rows = queries.list_free_quantities(SYSTEM, listing_ids, today=shanghai_day(now))
    for listing_id, unit, lot_unit, quantity in rows:
        free[listing_id] += rules.measure(quantity, from_unit=lot_unit, to_unit=unit)
    set_available({listing_id: rules.floor(quantity) for listing_id, quantity in free.items()})
    return len(free)


def refresh_moved(*, now: datetime) -> int:
    """Show again what listings have left whose lots moved lately."""
    return refresh_available(queries.list_moved_listings(SYSTEM, since=now - LATELY), now=now)


def refresh_all(*, now: datetime) -> int:
    """Show again what every listing has left: days pass, and lots expire with them."""
    return refresh_available(queries.list_stocked_listings(SYSTEM), now=now)


def check_linked(household_ids: Sequence[HouseholdId], *, of: str, by: Actor, today: date) -> None:
    """Refuse, in a list `of` growers, a household without a link in force (HouseholdNotLinked)."""
    owner = OrganisationId(by.organisation_id or UUID(int=0))
    linked = list_linked_households(
        by, organisation_id=owner, household_ids=household_ids, on=today
    )
    known = {household.id for household in linked}
    for position, one in enumerate(household_ids):
        if one not in known:
            raise HouseholdNotLinked(pointer=f"/{of}/{position}/household_id")


def _rows(contributions: Sequence[Contribution], lot: Lot) -> list[LotContribution]:
    return [
        LotContribution(
            id=LotContributionId(new_id()),
            lot_id=lot.id,
            household_id=one.household_id,
            quantity=one.quantity,
            farm_price_fen=Fen(one.farm_price_fen),
        )
        for one in contributions
    ]


def choose_stock(demands: Sequence[StockDemand]) -> dict[UUID, list[Pick]]:
    """Choose lots for order lines, of what was last seen of them (StockShort)."""
    picks: dict[UUID, list[Pick]] = {}
    for demand in demands:
        chosen = rules.choose_lots(
            [quantity for _, quantity in demand.lines],
            demand.lots,
            unit=demand.unit,
            title=demand.title,
        )
        picks.update(zip((line_id for line_id, _ in demand.lines), chosen, strict=True))
    return picks


def _take(
    picks: Mapping[UUID, Sequence[Pick]],
    *,
    expires_at: datetime | None,
    now: datetime,
    today: date,
    again: bool,
) -> set[UUID]:
    wants = [
        Want(pick.lot_id, line_id, pick.lot_quantity)
        for line_id, chosen in picks.items()
        for pick in chosen
    ]
    return STOCK_GATE.take(
        HELD_FOR_LINES,
        wants,
        expires_at=expires_at,
        now=now,
        parameters={"today": today},
        again=again,
    )


def _seen_again(demand: StockDemand, lots: Sequence[Lot]) -> StockDemand:
    left = [remaining(lot) for lot in lots if lot.listing_id == demand.listing_id]
    return StockDemand(demand.listing_id, demand.title, demand.unit, demand.lines, left)


def remaining(lot: Lot) -> Remaining:
    """Say what a lot has left."""
    free = lot.total - lot.held - lot.shipped
    return Remaining(lot.id, lot.unit, free, lot.expires_on, lot.harvested_on)


def _by_source(moves: Sequence[StockMove]) -> list[tuple[str, list[Move]]]:
    return [
        (
            source,
            [Move(one.lot_id, one.held_by, one.quantity) for one in moves if one.moved is moved],
        )
        for source, moved in ((HELD_FOR_LINES, False), (HELD_FOR_SHIPMENTS, True))
    ]
