"""Ordering the week that is due of a standing order, under all gates of an order."""

from __future__ import annotations

from datetime import date, datetime

import structlog
from sqlalchemy.exc import OperationalError

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Busy, Refusal
from kernel.money import Fen
from marketplace.campaigns.commands.standing import Made, record_week
from marketplace.campaigns.models.standing import (
    Dish,
    StandingOrder,
)
from marketplace.campaigns.queries import purchases as queries
from marketplace.campaigns.rules import purchases as rules
from marketplace.errors.campaigns import AuthorGone, MenuListingUnknown, WeekNotOrdered
from marketplace.orders.commands.placing import LineWish, NewOrder, place_checkout
from marketplace.orders.queries.showing import Delivery
from registry.accounts.models import TRADES, Role, UserId
from registry.accounts.queries.acting import find_acting
from registry.notices.queries import list_calendar_overrides
from registry.organisations.models import OrganisationId

log = structlog.get_logger()
BUYS = TRADES | {Role.UNIT_ADMIN}


def order_due_week(*, now: datetime) -> int:
    """Order the week that was due first; give how many there were, 0 or 1.

    A refusal is written down with its reason, and the week after it comes all the same.
    """
    standing = queries.find_due_standing(SYSTEM, now=now)
    if standing is None:
        return 0
    menu = rules.menu_of(standing.menu)
    days = _days(standing, menu, today=shanghai_day(now))
    record_week(standing, _made(standing, menu, days, now=now), now=now)
    return 1


def _days(standing: StandingOrder, menu: list[Dish], *, today: date) -> list[list[date]]:
    """Give the days on which each part of the menu is eaten, of those still to come."""
    overrides = list_calendar_overrides(SYSTEM)
    return [
        rules.served_days(standing.next_week_on, dish.weekdays, after=today, overrides=overrides)
        for dish in menu
    ]


def _made(
    standing: StandingOrder, menu: list[Dish], days: list[list[date]], *, now: datetime
) -> Made:
    """Place the week's orders, one with each supplier, or say why there are none.

    A defect is logged, and the buyer told that the week was not ordered; a busy database is not
    one: the week stays due.
    """
    served = sorted({day for each in days for day in each})
    if not served:
        return Made(days=0)
    try:
        with db.session.begin_nested():
            new = _order(standing, menu, days, on=served[0], now=now)
            views = place_checkout(new, by=_author(standing), now=now)
    except Busy:
        raise
    except Refusal as refused:
        return Made(days=len(served), refusal=refused)
    except OperationalError:
        raise
    except Exception:
        # tried again, it would fail each minute, and keep all that are due behind it waiting
        log.exception("week_not_ordered", standing_id=str(standing.id))
        return Made(days=len(served), refusal=WeekNotOrdered())
    return Made(
        days=len(served),
        checkout_id=views[0].order.checkout_id,
        total_fen=Fen(sum(view.order.total_fen for view in views)),
    )


def _order(
    standing: StandingOrder, menu: list[Dish], days: list[list[date]], *, on: date, now: datetime
) -> NewOrder:
    """Say what the week wants, to be brought by its first day (MenuListingUnknown)."""
    measures = queries.list_measures(SYSTEM, [dish.listing_id for dish in menu])
    lines = []
    for dish, served in zip(menu, days, strict=True):
        measure = measures.get(dish.listing_id)
        if measure is None:
            raise MenuListingUnknown
        quantity = rules.wanted(
            dish.grams_per_head, heads=standing.heads, days=len(served), measure=measure
        )
        if quantity:
            lines.append(LineWish(dish.listing_id, quantity))
    return NewOrder(
        kind=standing.kind,
        bound_unit_id=standing.bound_unit_id,
        year=shanghai_year(now),
        fund=standing.fund,
        pay_mode=standing.pay_mode,
        lines=lines,
        delivery=Delivery(
            address=standing.delivery_address,
            contact=standing.delivery_contact,
            on=on,
            note=standing.delivery_note,
        ),
    )


def _author(standing: StandingOrder) -> Actor:
    """Give who set it up, as they may act today (AuthorGone)."""
    author = find_acting(SYSTEM, UserId(standing.author_id), OrganisationId(standing.buyer_id))
    if author is None or not author.has(*BUYS):
        raise AuthorGone
    return author
