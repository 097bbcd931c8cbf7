"""Which payout lists and lines an actor sees, and what waits to be put on one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.masks import mask, mask_name
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.attribution.models.payouts import (
    PayoutLine,
    PayoutLineId,
    PayoutLineStatus,
    PayoutList,
    PayoutListId,
    PayoutListStatus,
)
from registry.households.models.households import Household, HouseholdId
from registry.households.queries.households import inside
from registry.organisations.models import Organisation
from registry.organisations.queries import visible

PAID_OUT = (PayoutLineStatus.PAID, PayoutLineStatus.CONFIRMED, PayoutLineStatus.DENIED)
"""The money left for the household, whatever it says to it."""


@dataclass(frozen=True)
class PayoutListView:
    """A list with its figures: what is on it, what of that was paid out, and confirmed."""

    list: PayoutList
    households: int
    paid_out_fen: Fen
    confirmed_fen: Fen
    denied_fen: Fen
    returned_fen: Fen


@dataclass(frozen=True)
class PayoutLineView:
    """A line with its household by code, the person masked."""

    line: PayoutLine
    list_number: str
    household_code: str
    village_code: str
    head_name: str
    bank_card: str | None


@dataclass(frozen=True)
class LineFilter:
    """Which lines to list; None leaves a side open."""

    list_id: PayoutListId | None = None
    household_id: HouseholdId | None = None
    status: PayoutLineStatus | None = None


def list_payout_lists(
    actor: Actor, *, status: PayoutListStatus | None, limit: int, cursor: str | None
) -> Page[PayoutListView]:
    """List the lists of cooperatives in the actor's sight, the newest first."""
    statement = _with_sums().where(_visible_lists(actor))
    if status is not None:
        statement = statement.where(PayoutList.status == status)
    found = page(
        statement,
        keys=[(PayoutList.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"status": status},
    )
    return Page([_list_view(row) for row in found.items], found.next_cursor)


def get_payout_list(actor: Actor, list_id: PayoutListId) -> PayoutListView:
    """Get a list in the actor's sight with its figures (NotFound)."""
    wanted = _with_sums().where(_visible_lists(actor), PayoutList.id == list_id)
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound
    return _list_view(row)


def lock_payout_list(actor: Actor, list_id: PayoutListId) -> PayoutList:
    """Get a list of the actor's own cooperative, locked (NotFound)."""
    own = PayoutList.cooperative_id == actor.organisation_id
    return locked(select(PayoutList).where(PayoutList.id == list_id, own))


def lock_lines(
    actor: Actor, list_id: PayoutListId, line_ids: Collection[PayoutLineId] | None
) -> list[PayoutLine]:
    """Lock the lines of a locked list, all or those named, by number; NotFound misses one."""
    del actor  # the list was locked for the actor
    statement = select(PayoutLine).where(PayoutLine.list_id == list_id)
    if line_ids is not None:
        statement = statement.where(PayoutLine.id.in_(line_ids))
    statement = statement.order_by(PayoutLine.number).with_for_update()
    lines = list(db.session.scalars(statement.execution_options(populate_existing=True)))
    if line_ids is not None and len(lines) != len(set(line_ids)):
        raise NotFound(pointer="/line_ids")
    return lines


def lock_own_line(actor: Actor, line_id: PayoutLineId) -> PayoutLine:
    """Get a line of the actor's own cooperative, locked (NotFound)."""
    own = select(PayoutList.id).where(PayoutList.cooperative_id == actor.organisation_id)
    return locked(select(PayoutLine).where(PayoutLine.id == line_id, PayoutLine.list_id.in_(own)))


def lock_visible_line(actor: Actor, line_id: PayoutLineId) -> PayoutLine:
    """Get a line in the actor's sight, locked (NotFound)."""
    seen = _lines(PayoutLine.id).where(_visible_lines(actor))
    return locked(select(PayoutLine).where(PayoutLine.id == line_id, PayoutLine.id.in_(seen)))


def lock_line_by_number(actor: Actor, number: str) -> PayoutLine | None:
    """Find a line by the number on the household's slip, locked."""
    del actor  # who has the number and the code is the household
    statement = select(PayoutLine).where(PayoutLine.number == number).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def list_lines(
    actor: Actor, wanted: LineFilter, *, limit: int, cursor: str | None
) -> Page[PayoutLineView]:
    """List the lines in the actor's sight, by number, persons masked."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    matching = [getattr(PayoutLine, name) == value for name, value in asked.items()]
    found = page(
        _lines(PayoutLine, PayoutList.number, Household).where(_visible_lines(actor), *matching),
        keys=[(PayoutLine.number, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters=asked,
    )
    return Page([_line_view(*row) for row in found.items], found.next_cursor)


def get_line(actor: Actor, line_id: PayoutLineId) -> PayoutLineView:
    """Get a line in the actor's sight, the person masked (NotFound)."""
    wanted = _lines(PayoutLine, PayoutList.number, Household)
    row = db.session.execute(
        wanted.where(_visible_lines(actor), PayoutLine.id == line_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _line_view(*row)


def list_accounts(actor: Actor, list_id: PayoutListId) -> list[tuple[PayoutLine, Household]]:
    """List what is still to be paid of a list of the actor's own, with the persons in clear."""
    own = PayoutList.cooperative_id == actor.organisation_id
    one(select(PayoutList.id).where(PayoutList.id == list_id, own))
    rows = db.session.execute(
        _lines(PayoutLine, Household)
        .where(PayoutLine.list_id == list_id, PayoutLine.status == PayoutLineStatus.LISTED)
        .order_by(PayoutLine.number)
    )
    return [(line, household) for line, household in rows]


def _lines(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(PayoutLine)
        .join(PayoutList, PayoutList.id == PayoutLine.list_id)
        .join(Household, Household.id == PayoutLine.household_id)
    )


def _visible_lists(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    return PayoutList.cooperative_id.in_(select(Organisation.id).where(visible(actor)))


def _visible_lines(actor: Actor) -> ColumnElement[bool]:
    """Say, of a line, that the actor sees its list, or its household by its place."""
    seen = _visible_lists(actor)
    if actor.sight is Sight.REGION:
        return or_(seen, inside(Household.village_code, actor.region_prefix))
    return seen


def _with_sums() -> Select[Any]:
    amount = func.sum(PayoutLine.amount_fen)
    sums = (
        select(
            PayoutLine.list_id,
            func.count().label("households"),
            amount.filter(PayoutLine.status.in_(PAID_OUT)).label("paid_out"),
            amount.filter(PayoutLine.status == PayoutLineStatus.CONFIRMED).label("confirmed"),
            amount.filter(PayoutLine.status == PayoutLineStatus.DENIED).label("denied"),
            amount.filter(PayoutLine.status == PayoutLineStatus.RETURNED).label("returned"),
        )
        .where(PayoutLine.list_id == PayoutList.id)
        .group_by(PayoutLine.list_id)
        .lateral()
    )
    columns = (
        sums.c.households,
        sums.c.paid_out,
        sums.c.confirmed,
        sums.c.denied,
        sums.c.returned,
    )
    return select(PayoutList, *columns).join(sums, true())


def _list_view(row: Any) -> PayoutListView:
    payout_list, households, *sums = row
    return PayoutListView(payout_list, households, *(Fen(int(one or 0)) for one in sums))


def _line_view(line: PayoutLine, list_number: str, household: Household) -> PayoutLineView:
    card = household.bank_card
    return PayoutLineView(
        line=line,
        list_number=list_number,
        household_code=household.code,
        village_code=household.village_code,
        head_name=mask_name(household.head_name),
        bank_card=None if card is None else mask(card, first=0, last=4),
    )
