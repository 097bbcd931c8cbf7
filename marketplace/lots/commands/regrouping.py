"""Split a lot in two, or merge several, with what every household put in carried along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Invalid
from kernel.identity import new_id
from kernel.numbers import next_number
from marketplace.errors.lots import LotExpired
from marketplace.lots import rules
from marketplace.lots.commands.adjusting import take_away
from marketplace.lots.commands.stock import refresh_available
from marketplace.lots.models import (
    Lot,
    LotCarriage,
    LotCarriagePart,
    LotContribution,
    LotContributionId,
    LotId,
)
from marketplace.lots.queries import (
    LotView,
    get_lot_view,
    list_held_contributions,
    lock_own_lots,
    sum_carried_own,
)
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity

HELD_FOR_CARRIAGES = "lot_carriage"
NOTHING = Decimal(0)


@dataclass(frozen=True)
class _Leaving:
    """What leaves a lot: its own part, and of which contributions how much."""

    lot: Lot
    quantity: Decimal
    own: Decimal
    parts: Sequence[tuple[LotContribution, Decimal]]


def split_lot(
    lot_id: LotId, *, quantity: Decimal, reason: str, by: Actor, now: datetime
) -> LotView:
    """Take so much of an own lot as a new one; the rest, and what is promised, stays.

    Refuses NotFound, StockShort, LotExpired, Invalid (quantity), IdentityInText.
    """
    check_clear_of_identity(reason, pointer="/reason")
    (lot,) = lock_own_lots(by, [lot_id])
    return _regroup([(lot, quantity)], reason=reason, by=by, now=now)


def merge_lots(lot_ids: Sequence[LotId], *, reason: str, by: Actor, now: datetime) -> LotView:
    """Make one lot of all that several own lots have free; it lapses with the first of them.

    Refuses NotFound, LotExpired, Invalid (lots, nothing free), IdentityInText.
    """
    check_clear_of_identity(reason, pointer="/reason")
    lots = lock_own_lots(by, lot_ids)
    rules.check_mergeable(lots)
    free = [(lot, lot.total - lot.held - lot.shipped) for lot in lots]
    taken = [(lot, quantity) for lot, quantity in free if quantity > 0]
    if len(taken) != len(free):
        reason = "批次没有可合并的余量 / a lot has nothing left to merge"
        raise Invalid(reason=reason, pointer="/lot_ids")
    return _regroup(taken, reason=reason, by=by, now=now)


def _regroup(
    taken: Sequence[tuple[Lot, Decimal]], *, reason: str, by: Actor, now: datetime
) -> LotView:
    today = shanghai_day(now)
    for lot, _ in taken:
        if lot.expires_on is not None and lot.expires_on <= today:
            raise LotExpired(number=lot.number)
    leaving = [_leave(lot, quantity, by=by) for lot, quantity in taken]
    made = _new_lot(leaving, by=by, now=now)
    db.session.add(made)
    db.session.flush()
    for one in leaving:
        _carry(one, made, reason=reason, by=by, now=now)
    _contribute(leaving, made)
    db.session.flush()
    after = {"from": [lot.number for lot, _ in taken], "to": made.number, "total": made.total}
    audit.write("regroup_lots", subject=("lot", made.id), by=by, now=now, after=after)
    refresh_available([made.listing_id], now=now)
    return get_lot_view(by, made.id)


def _leave(lot: Lot, quantity: Decimal, *, by: Actor) -> _Leaving:
    held = list_held_contributions(by, [lot.id])
    own_left = lot.own_quantity - sum_carried_own(by, lot.id)
    own, parts = rules.carry(
        quantity, own=own_left, contributed=[left for _, left in held], unit=lot.unit
    )
    going = [(one, part) for (one, _), part in zip(held, parts, strict=True) if part]
    return _Leaving(lot, quantity, own, going)


def _new_lot(leaving: Sequence[_Leaving], *, by: Actor, now: datetime) -> Lot:
    first = leaving[0].lot
    ends = [one.lot.expires_on for one in leaving if one.lot.expires_on is not None]
    return Lot(
        id=LotId(new_id()),
        number=next_number("BF-L", region_code=by.region_code, year=shanghai_year(now)),
        listing_id=first.listing_id,
        supplier_id=first.supplier_id,
        harvested_on=min(one.lot.harvested_on for one in leaving),
        expires_on=min(ends, default=None),
        unit=first.unit,
        own_quantity=sum((one.own for one in leaving), NOTHING),
        total=sum((one.quantity for one in leaving), NOTHING),
        held=NOTHING,
        shipped=NOTHING,
        created_at=now,
        created_by=UserId(by.user_id),
    )


def _carry(one: _Leaving, made: Lot, *, reason: str, by: Actor, now: datetime) -> None:
    carriage = LotCarriage(
        id=new_id(),
        from_lot_id=one.lot.id,
        to_lot_id=made.id,
        quantity=one.quantity,
        own_quantity=one.own,
        reason=reason,
        recorded_by=UserId(by.user_id),
        recorded_at=now,
    )
    db.session.add(carriage)
    db.session.flush()
    db.session.add_all(
        LotCarriagePart(
            id=new_id(), carriage_id=carriage.id, contribution_id=contribution.id, quantity=part
        )
        for contribution, part in one.parts
    )
    take_away(one.lot, one.quantity, source=HELD_FOR_CARRIAGES, source_id=carriage.id, now=now)


def _contribute(leaving: Sequence[_Leaving], made: Lot) -> None:
    """Give the new lot its contributions: each recorded one once, however it came."""
    roots: dict[LotContributionId, LotContribution] = {}
    for one in leaving:
        for contribution, part in one.parts:
            root_id = contribution.root_id or contribution.id
            if root_id in roots:
                roots[root_id].quantity += part
                continue
            roots[root_id] = LotContribution(
                id=LotContributionId(new_id()),
                lot_id=made.id,
                household_id=contribution.household_id,
                quantity=part,
                farm_price_fen=contribution.farm_price_fen,
                root_id=root_id,
            )
    db.session.add_all(roots.values())
