"""Which flags an actor may know of, and what stands behind one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from certification.certificates.models.certificates import Certificate
from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.catalogue.models.listings import Listing
from marketplace.lots.models import Lot
from marketplace.orders.models.orders import OrderLine, PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from marketplace.oversight.models import (
    FlagRule,
    FlagSearch,
    FlagStatus,
    FlagTerm,
    FlagTermCode,
    RedFlag,
    RedFlagId,
    RedFlagParty,
    RowKind,
    Side,
)
from marketplace.oversight.queries.searches import list_terms_in_force
from marketplace.settlement.models.invoices import Invoice
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with its numbers in force, when it was last looked through, and what stands."""

    rule: FlagRule
    terms: Mapping[FlagTermCode, FlagTerm]
    looked_at: datetime | None
    counts: Mapping[FlagStatus, int]
    """How many flags are in which state, of every state."""


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One of the rows behind a flag; of one out of the actor's sight neither name nor amount."""

    kind: RowKind
    id: UUID
    amount_fen: Fen | None
    label: str | None


@dataclass(frozen=True, slots=True)
class FlagItem:
    """A flag with the organisations that it concerns."""

    flag: RedFlag
    buyer_ids: Sequence[OrganisationId]
    supplier_ids: Sequence[OrganisationId]


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag with the rows behind it, the first of many, and the certificates of the goods."""

    item: FlagItem
    rows: Sequence[FlagRow]
    certificates: Sequence[Certificate]


def list_rules(actor: Actor, *, today: date) -> list[RuleView]:
    """List every rule, with how many flags in the actor's sight are in which state."""
    counted = select(RedFlag.rule, RedFlag.status, func.count()).where(_in_sight(actor))
    counts = {rule: dict.fromkeys(FlagStatus, 0) for rule in FlagRule}
    for rule, status, number in db.session.execute(counted.group_by(RedFlag.rule, RedFlag.status)):
        counts[rule][status] = number
    searched = select(FlagSearch.rule, FlagSearch.looked_at)
    looked = dict(db.session.execute(searched).all())
    terms = list_terms_in_force(actor, on=today)
    return [RuleView(rule, terms, looked.get(rule), counts[rule]) for rule in FlagRule]


def list_flags(
    actor: Actor,
    *,
    rule: FlagRule | None,
    status: FlagStatus | None,
    organisation_id: OrganisationId | None,
    limit: int,
    cursor: str | None,
) -> Page[FlagItem]:
    """List the flags in the actor's sight, the newest first."""
    statement = select(RedFlag).where(_in_sight(actor))
    if rule is not None:
        statement = statement.where(RedFlag.rule == rule)
    if status is not None:
        statement = statement.where(RedFlag.status == status)
    if organisation_id is not None:
        of_it = RedFlagParty.organisation_id == organisation_id
        statement = statement.where(_concerns(select(RedFlagParty.flag_id).where(of_it)))
    filters = {"rule": rule, "status": status, "organisation": organisation_id}
    found = page(statement, keys=[(RedFlag.id, True)], limit=limit, cursor=cursor, filters=filters)
    return Page(list_items(actor, found.items), found.next_cursor)


def list_items(actor: Actor, flags: Sequence[RedFlag]) -> list[FlagItem]:
    """Put beside flags of the actor's sight whom they concern, by identifier."""
    del actor  # the flags were found in their sight
    parties = select(RedFlagParty).where(RedFlagParty.flag_id.in_([flag.id for flag in flags]))
    of: dict[tuple[RedFlagId, Side], list[OrganisationId]] = defaultdict(list)
    for party in db.session.scalars(parties.order_by(RedFlagParty.organisation_id)):
        of[party.flag_id, party.side].append(party.organisation_id)
    return [FlagItem(flag, of[flag.id, Side.BUYER], of[flag.id, Side.SUPPLIER]) for flag in flags]


def get_flag_view(actor: Actor, flag_id: RedFlagId) -> FlagView:
    """Get a flag in the actor's sight with what stands behind it (NotFound)."""
    return find_view(actor, one(select(RedFlag).where(RedFlag.id == flag_id, _in_sight(actor))))


def find_view(actor: Actor, flag: RedFlag) -> FlagView:
    """Find what stands behind a flag of the actor's sight, each row by the name it goes by."""
    labels = _labels(actor, _keys_of(flag))
    rows = []
    for kind, key, fen in flag.rows:
        label = labels.get(UUID(key))
        rows.append(FlagRow(RowKind(kind), UUID(key), None if label is None else fen, label))
    [item] = list_items(actor, [flag])
    return FlagView(item, rows, list_certificates_of(actor, flag))


def lock_flag(actor: Actor, flag_id: RedFlagId) -> RedFlag:
    """Lock a flag in the actor's sight (NotFound)."""
    return locked(select(RedFlag).where(RedFlag.id == flag_id, _in_sight(actor)))


def lock_search(actor: Actor, rule: FlagRule) -> FlagSearch:
    """Lock a rule, so that nobody else looks it through meanwhile."""
    del actor  # only the timer asks
    return locked(select(FlagSearch).where(FlagSearch.rule == rule))


def find_due_search(actor: Actor, *, before: datetime) -> FlagSearch | None:
    """Find and lock the rule that rested longest since `before`; those being looked through not."""
    del actor  # only the timer asks
    due = or_(FlagSearch.looked_at.is_(None), FlagSearch.looked_at <= before)
    order = FlagSearch.looked_at.asc().nulls_first()
    statement = select(FlagSearch).where(due).order_by(order, FlagSearch.rule).limit(1)
    return db.session.scalar(statement.with_for_update(skip_locked=True))


def list_certificates_of(actor: Actor, flag: RedFlag) -> list[Certificate]:
    """List the certificates of the goods behind a flag, by their number."""
    del actor  # the flag was found in their sight
    keys = _keys_of(flag)
    sold = select(OrderLine.certificate_id).where(OrderLine.order_id.in_(keys[RowKind.ORDER]))
    offered = select(Listing.certificate_id).where(Listing.id.in_(keys[RowKind.LISTING]))
    grown = (
        select(Listing.certificate_id)
        .join(Lot, Lot.listing_id == Listing.id)
        .where(Lot.id.in_(keys[RowKind.LOT]))
    )
    named = Certificate.id.in_(keys[RowKind.CERTIFICATE])
    meant = or_(named, *(Certificate.id.in_(each) for each in (sold, offered, grown)))
    return list(db.session.scalars(select(Certificate).where(meant).order_by(Certificate.number)))


def _keys_of(flag: RedFlag) -> dict[RowKind, list[UUID]]:
    keys: dict[RowKind, list[UUID]] = {kind: [] for kind in RowKind}
    for kind, key, _ in flag.rows:
        keys[RowKind(kind)].append(UUID(key))
    return keys


def _labels(actor: Actor, keys: Mapping[RowKind, Collection[UUID]]) -> dict[UUID, str]:
    """Name the rows that the actor may know of: numbers, titles, organisations by their name."""
    orders = select(PurchaseOrder.id, PurchaseOrder.number).where(visible_orders(actor))
    bills = select(Invoice.id, Invoice.number).join(
        PurchaseOrder, PurchaseOrder.id == Invoice.order_id
    )
    lots = (
        select(Lot.id, Lot.number)
        .join(Organisation, Organisation.id == Lot.supplier_id)
        .where(visible(actor))
    )
    named: Mapping[RowKind, tuple[Any, Any]] = {
        RowKind.ORDER: (orders, PurchaseOrder.id),
        RowKind.INVOICE: (bills.where(visible_orders(actor)), Invoice.id),
        RowKind.LISTING: (select(Listing.id, Listing.title), Listing.id),
        RowKind.LOT: (lots, Lot.id),
        RowKind.CERTIFICATE: (select(Certificate.id, Certificate.number), Certificate.id),
        RowKind.ORGANISATION: (select(Organisation.id, Organisation.name), Organisation.id),
    }
    return {
        key: label
        for kind, (statement, column) in named.items()
        if keys[kind]
        for key, label in db.session.execute(statement.where(column.in_(keys[kind])))
    }


def _in_sight(actor: Actor) -> ColumnElement[bool]:
    """Say of flags that one of whom they concern is in the actor's sight."""
    if actor.sight is Sight.ALL:
        return true()
    concerned = select(RedFlagParty.flag_id).join(
        Organisation, Organisation.id == RedFlagParty.organisation_id
    )
    return _concerns(concerned.where(visible(actor)))


def _concerns(flags: Select[Any]) -> ColumnElement[bool]:
    return flags.where(RedFlagParty.flag_id == RedFlag.id).correlate(RedFlag).exists()
