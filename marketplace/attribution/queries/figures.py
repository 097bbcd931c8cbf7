"""The three figures of split money: attributed to households, paid out to them, confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.attribution.models.payouts import PayoutItem, PayoutLine, PayoutLineStatus
from marketplace.attribution.models.postings import Attribution, AttributionShare, PartyKind
from marketplace.attribution.queries.payouts import PAID_OUT
from marketplace.orders.models.orders import PurchaseOrder
from registry.households.models.households import Household
from registry.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Figures:
    """What is the households', net of reversals; what of it left for them; what they confirmed."""

    attributed_fen: Fen
    paid_out_fen: Fen
    confirmed_fen: Fen


def paid_with(statement: Select[Any]) -> Select[Any]:
    """Join shares with the live line that pays them, where there is one."""
    live = and_(PayoutItem.attribution_share_id == AttributionShare.id, PayoutItem.is_live)
    return statement.outerjoin(PayoutItem, live).outerjoin(
        PayoutLine, PayoutLine.id == PayoutItem.line_id
    )


def sum_figures(actor: Actor, *wanted: ColumnElement[bool]) -> Figures:
    """Add up the households' shares that are wanted, with what became of them."""
    del actor  # what is wanted says what the actor sees
    signed = func.sum(
        case(
            (Attribution.reverses_id.is_(None), AttributionShare.amount_fen),
            else_=-AttributionShare.amount_fen,
        )
    )
    statement = (
        select(
            signed,
            signed.filter(PayoutLine.status.in_(PAID_OUT)),
            signed.filter(PayoutLine.status == PayoutLineStatus.CONFIRMED),
        )
        .select_from(AttributionShare)
        .join(Attribution, Attribution.id == AttributionShare.attribution_id)
        .join(PurchaseOrder, PurchaseOrder.id == Attribution.order_id)
        .join(Organisation, Organisation.id == PurchaseOrder.supplier_id)
        .join(Household, Household.id == AttributionShare.party_id)
        .where(AttributionShare.party_kind == PartyKind.HOUSEHOLD, *wanted)
    )
    sums = db.session.execute(paid_with(statement)).one()
    return Figures(*(Fen(int(one or 0)) for one in sums))
