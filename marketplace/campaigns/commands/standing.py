"""Set a standing order up, change, pause, resume and end it; write down what became of a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotFound, Refusal, check_version
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.campaigns.models.standing import (
    Dish,
    StandingOrder,
    StandingOrderId,
    StandingOutcome,
    StandingStatus,
    StandingWeek,
    StandingWeekId,
)
from marketplace.campaigns.queries import purchases as queries
from marketplace.campaigns.rules import purchases as rules
from marketplace.catalogue.models.listings import PayMode
from marketplace.errors.campaigns import MenuListingUnknown
from marketplace.events import StandingWeekRefused
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.rules import may_bind


@dataclass(frozen=True)
class StandingDelivery:
    """Where the goods go every week; the contact is kept encrypted."""

    address: str
    contact: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class NewStandingOrder:
    """What is to be ordered every week for `bound_unit_id`, for how many, how long before."""

    kind: OrderKind
    bound_unit_id: OrganisationId
    fund: Fund
    pay_mode: PayMode
    heads: int
    menu: Sequence[Dish]
    lead_days: int
    delivery: StandingDelivery


@dataclass(frozen=True)
class StandingChange:
    """What is to be different from the next week on; None leaves it as it is."""

    heads: int | None = None
    menu: Sequence[Dish] | None = None
    lead_days: int | None = None
    delivery: StandingDelivery | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a week: for how many days it was wanted, and its orders or their refusal."""

    days: int
    checkout_id: UUID | None = None
    total_fen: Fen | None = None
    refusal: Refusal | None = None


def start_standing(new: NewStandingOrder, *, by: Actor, now: datetime) -> StandingOrder:
    """Set a standing order up; the week after this one is the first.

    Refuses KindNotStanding, NotFound (unit), MenuListingUnknown, PieceWeightMissing.
    """
    rules.check_kind(new.kind)
    unit = reach_unit(new.bound_unit_id, by=by)
    _check_menu(new.menu)
    week_on = rules.week_after(shanghai_day(now))
    standing = StandingOrder(
        id=StandingOrderId(new_id()),
        buyer_id=by.organisation_id,
        author_id=UserId(by.user_id),
        bound_unit_id=unit.id,
        kind=new.kind,
        fund=new.fund,
        pay_mode=new.pay_mode,
        heads=new.heads,
        menu=rules.kept_menu(new.menu),
        lead_days=new.lead_days,
        **where_of(new.delivery),
        status=StandingStatus.ACTIVE,
        next_week_on=week_on,
        due_at=rules.due(week_on, lead_days=new.lead_days),
        created_at=now,
    )
    db.session.add(standing)
    _note("start_standing_order", standing, by=by, now=now)
    return standing


def change_standing(
    standing_id: StandingOrderId,
    change: StandingChange,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> StandingOrder:
    """Change heads, menu, lead or place from the next week on; what was ordered stays.

    Refuses WrongState (ended), MenuListingUnknown, PieceWeightMissing.
    """
    standing = queries.lock_standing(by, standing_id)
    check_version(standing.version, expected_version)
    rules.check_changing(standing)
    if change.menu is not None:
        _check_menu(change.menu)
        standing.menu = rules.kept_menu(change.menu)
    if change.heads is not None:
        standing.heads = change.heads
    if change.lead_days is not None:
        standing.lead_days = change.lead_days
    if change.delivery is not None:
        for name, value in where_of(change.delivery).items():
            setattr(standing, name, value)
    if standing.status is StandingStatus.ACTIVE:
        standing.due_at = rules.due(standing.next_week_on, lead_days=standing.lead_days)
    _note("change_standing_order", standing, by=by, now=now)
    return standing


def pause_standing(
    standing_id: StandingOrderId, *, expected_version: int | None, by: Actor, now: datetime
) -> StandingOrder:
    """Order nothing until it goes on (WrongState)."""
    return _move(
        standing_id, StandingStatus.PAUSED, expected_version=expected_version, by=by, now=now
    )


def resume_standing(
    standing_id: StandingOrderId, *, expected_version: int | None, by: Actor, now: datetime
) -> StandingOrder:
    """Go on with the week after this one, or with the first that was not ordered (WrongState)."""
    return _move(
        standing_id, StandingStatus.ACTIVE, expected_version=expected_version, by=by, now=now
    )


def end_standing(
    standing_id: StandingOrderId, *, expected_version: int | None, by: Actor, now: datetime
) -> StandingOrder:
    """Order nothing any more; what was ordered stays (WrongState)."""
    return _move(
        standing_id, StandingStatus.ENDED, expected_version=expected_version, by=by, now=now
    )


def reach_unit(unit_id: OrganisationId, *, by: Actor) -> Organisation:
    """Give a unit that lives and that the actor may buy for (NotFound)."""
    unit = queries.find_unit(by, unit_id)
    if unit is None or not may_bind(by, unit_id=unit.id, unit_lineage=unit.lineage):
        raise NotFound
    return unit


def record_week(standing: StandingOrder, made: Made, *, now: datetime) -> StandingWeek:
    """Write down what became of the week that was due; the one after it is next."""
    refusal = made.refusal
    outcome = StandingOutcome.PLACED if made.checkout_id else StandingOutcome.SKIPPED
    week = StandingWeek(
        id=StandingWeekId(new_id()),
        standing_order_id=standing.id,
        week_on=standing.next_week_on,
        outcome=StandingOutcome.REFUSED if refusal else outcome,
        heads=standing.heads,
        days=made.days,
        checkout_id=made.checkout_id,
        total_fen=made.total_fen,
        refusal_code=refusal.code if refusal else None,
        refusal=f"{refusal.message('zh')} / {refusal.message('en')}" if refusal else None,
        at=now,
    )
    db.session.add(week)
    _go_on_with(standing, standing.next_week_on + rules.WEEK)
    if refusal:
        record(StandingWeekRefused(standing_week_id=week.id), now=now)
    _note("order_standing_week", standing, by=SYSTEM, now=now, outcome=week.outcome)
    return week


def _move(
    standing_id: StandingOrderId,
    to: StandingStatus,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> StandingOrder:
    standing = queries.lock_standing(by, standing_id)
    check_version(standing.version, expected_version)
    rules.check_move(standing, to)
    standing.status, standing.due_at = to, None
    if to is StandingStatus.ACTIVE:
        week_on = rules.week_after(shanghai_day(now))
        _go_on_with(standing, max(standing.next_week_on, week_on))
    _note("move_standing_order", standing, by=by, now=now)
    return standing


def _go_on_with(standing: StandingOrder, week_on: date) -> None:
    standing.next_week_on = week_on
    standing.due_at = rules.due(week_on, lead_days=standing.lead_days)


def _check_menu(menu: Sequence[Dish]) -> None:
    """Refuse what does not exist, or cannot be weighed, of the first dish at fault."""
    measures = queries.list_measures(SYSTEM, [dish.listing_id for dish in menu])
    for position, dish in enumerate(menu):
        if dish.listing_id not in measures:
            raise MenuListingUnknown(pointer=f"/menu/{position}/listing_id")
        rules.grams_of(measures[dish.listing_id])


def where_of(delivery: StandingDelivery) -> Mapping[str, Any]:
    """Give where goods go as a row keeps it."""
    return {
        "delivery_address": delivery.address,
        "delivery_contact": delivery.contact,
        "delivery_note": delivery.note,
    }


def _note(action: str, standing: StandingOrder, *, by: Actor, now: datetime, **more: Any) -> None:
    db.session.flush()
    after = {"status": standing.status, "heads": standing.heads, "version": standing.version}
    audit.write(
        action, subject=("standing_order", standing.id), by=by, now=now, after={**after, **more}
    )
