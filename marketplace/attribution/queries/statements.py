"""What a household, cooperative, village, county, unit or order was given in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true

from kernel.actor import Actor, Sight
from kernel.calendar import start_of_day
from kernel.database import db
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.paging import Page, page
from marketplace.attribution.models.payouts import PayoutLine, PayoutLineStatus
from marketplace.attribution.models.postings import (
    Attribution,
    AttributionId,
    AttributionShare,
    PartyKind,
)
from marketplace.attribution.queries.figures import Figures, paid_with, sum_figures
from marketplace.attribution.queries.splits import Sums
from marketplace.orders.models.orders import OrderId, OrderLine, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from registry.documents.models import DocumentId
from registry.households.models.households import Household
from registry.households.queries.households import visible as visible_households
from registry.organisations.models import Organisation
from registry.organisations.queries import visible

_PARTY_ID = AttributionShare.party_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One share in a statement; `amount_fen` is negative in a reversal."""

    attribution_id: AttributionId
    order_id: OrderId
    order_number: str
    order_line_id: OrderLineId
    title: str
    party_kind: PartyKind
    party_id: UUID
    party_code: str
    amount_fen: Fen
    reverses_id: AttributionId | None
    rule_version: str
    posted_at: datetime
    payout_number: str | None
    payout_status: PayoutLineStatus | None
    payout_document_id: DocumentId | None


@dataclass(frozen=True, slots=True)
class PartyFilter:
    """Whose shares, posted on which Shanghai days `[from_on, until_on)`.

    `party` is `household:`, `cooperative:`, `unit:` or `order:` with a key, `village:` or
    `county:` with a region code.
    """

    party: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a party was given and lost again in a period: all totals, one page of entries.

    `households` are three figures of what became of the households' part of it; of a
    cooperative, of all that came through its orders.
    """

    party: str
    totals: Sums
    households: Figures
    entries: Sequence[Entry]
    next_cursor: str | None


def get_statement(
    actor: Actor, wanted: PartyFilter, *, limit: int, cursor: str | None
) -> Statement:
    """Get a party's entries in a period with all totals, the newest first.

    A party out of the actor's sight is NotFound; a seller sees of others only what came through
    its own orders.
    """
    kind, _, key = wanted.party.partition(":")
    period = _in_period(wanted)
    seen = _in_sight(actor, kind)
    own = _of_party(actor, kind, key)
    is_reversal = Attribution.reverses_id.is_not(None)
    total = func.sum(AttributionShare.amount_fen)
    gross, back = db.session.execute(
        _entries(total.filter(~is_reversal), total.filter(is_reversal)).where(own, seen, *period)
    ).one()
    through = PurchaseOrder.supplier_id == UUID(key) if kind == "cooperative" else own
    figures = sum_figures(actor, through, seen, *period)
    found = list_entries(actor, wanted, limit=limit, cursor=cursor)
    totals = Sums(Fen(int(gross or 0)), Fen(int(back or 0)))
    return Statement(wanted.party, totals, figures, found.items, found.next_cursor)


def list_entries(
    actor: Actor, wanted: PartyFilter, *, limit: int, cursor: str | None
) -> Page[Entry]:
    """List a party's entries in a period, the newest first, as `get_statement` shows them."""
    kind, _, key = wanted.party.partition(":")
    signed = case(
        (Attribution.reverses_id.is_not(None), -AttributionShare.amount_fen),
        else_=AttributionShare.amount_fen,
    )
    found = page(
        paid_with(
            _entries(
                Attribution.id,
                PurchaseOrder.id,
                PurchaseOrder.number,
                OrderLine.id,
                OrderLine.title,
                AttributionShare.party_kind,
                AttributionShare.party_id,
                func.coalesce(Household.code, Organisation.credit_code),
                signed,
                Attribution.reverses_id,
                Attribution.rule_version,
                Attribution.posted_at,
                PayoutLine.number,
                PayoutLine.status,
                PayoutLine.document_id,
            )
        ).where(_of_party(actor, kind, key), _in_sight(actor, kind), *_in_period(wanted)),
        keys=[(AttributionShare.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"party": wanted.party, "from": wanted.from_on, "to": wanted.until_on},
    )
    return Page([Entry(*row) for row in found.items], found.next_cursor)


def _in_period(wanted: PartyFilter) -> list[ColumnElement[bool]]:
    period = []
    if wanted.from_on is not None:
        period.append(Attribution.posted_at >= start_of_day(wanted.from_on))
    if wanted.until_on is not None:
        period.append(Attribution.posted_at < start_of_day(wanted.until_on))
    return period


def _entries(*columns: Any) -> Select[Any]:
    """Ask for shares with their order, line, and household or cooperative."""
    kind = AttributionShare.party_kind
    household = and_(kind == PartyKind.HOUSEHOLD, Household.id == AttributionShare.party_id)
    seller = and_(kind == PartyKind.COOPERATIVE, Organisation.id == AttributionShare.party_id)
    return (
        select(*columns)
        .select_from(AttributionShare)
        .join(Attribution, Attribution.id == AttributionShare.attribution_id)
        .join(PurchaseOrder, PurchaseOrder.id == Attribution.order_id)
        .join(OrderLine, OrderLine.id == Attribution.order_line_id)
        .outerjoin(Household, household)
        .outerjoin(Organisation, seller)
    )


def _of_party(actor: Actor, kind: str, key: str) -> ColumnElement[bool]:
    """Say, of an entry, that it is the party's; a party out of the actor's sight is NotFound."""
    if kind in {"village", "county"}:
        if actor.sight is Sight.REGION and not key.startswith(actor.region_prefix):
            raise NotFound
        return Household.village_code.startswith(key)
    seen, entry_key = {
        "household": (select(Household.id).where(visible_households(actor)), _PARTY_ID),
        "cooperative": (select(Organisation.id).where(visible(actor)), _PARTY_ID),
        "unit": (select(Organisation.id).where(visible(actor)), PurchaseOrder.bound_unit_id),
        "order": (select(PurchaseOrder.id).where(visible_orders(actor)), PurchaseOrder.id),
    }[kind]
    if db.session.scalar(seen.filter_by(id=UUID(key))) is None:
        raise NotFound
    return entry_key == UUID(key)


def _in_sight(actor: Actor, kind: str) -> ColumnElement[bool]:
    """Say, of an entry, that the actor sees it: by its order, else by its seller or its place."""
    if actor.sight is Sight.ALL:
        return true()
    if kind in {"unit", "order"}:
        return visible_orders(actor)
    if actor.sight is Sight.REGION:
        return or_(Household.village_code.startswith(actor.region_prefix), visible(actor))
    sellers = select(Organisation.id).where(visible(actor))
    return PurchaseOrder.supplier_id.in_(sellers)
