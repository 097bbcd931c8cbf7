"""What households have that is on no payout list, and what kinds of income a line pays."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, exists, func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.attribution.models.payouts import Due, PayoutItem, PayoutLineId
from marketplace.attribution.models.postings import Attribution, AttributionShare, PartyKind
from marketplace.attribution.models.surpluses import (
    SurplusKind,
    SurplusRun,
    SurplusShare,
    SurplusStatus,
)
from marketplace.orders.models.orders import PurchaseOrder
from registry.households.models.households import Household
from registry.households.models.incomes import IncomeKind
from registry.organisations.models import OrganisationId


def list_dues(actor: Actor, cooperative_id: OrganisationId) -> list[Due]:
    """List the households' shares, of splits and approved surpluses, that are on no live line."""
    del actor  # the cooperative is the actor's own
    signed = case(
        (Attribution.reverses_id.is_(None), AttributionShare.amount_fen),
        else_=-AttributionShare.amount_fen,
    )
    split = (
        select(AttributionShare.id, Household.id, Household.code, signed)
        .join(Attribution, Attribution.id == AttributionShare.attribution_id)
        .join(PurchaseOrder, PurchaseOrder.id == Attribution.order_id)
        .join(Household, Household.id == AttributionShare.party_id)
        .where(
            PurchaseOrder.supplier_id == cooperative_id,
            AttributionShare.party_kind == PartyKind.HOUSEHOLD,
            ~_is_listed(PayoutItem.attribution_share_id == AttributionShare.id),
        )
    )
    surplus = (
        select(
            SurplusShare.id, Household.id, Household.code, SurplusShare.amount_fen, SurplusRun.kind
        )
        .join(SurplusRun, SurplusRun.id == SurplusShare.run_id)
        .join(Household, Household.id == SurplusShare.household_id)
        .where(
            SurplusRun.cooperative_id == cooperative_id,
            SurplusRun.status == SurplusStatus.APPROVED,
            ~_is_listed(PayoutItem.surplus_share_id == SurplusShare.id),
        )
    )
    dues = [
        Due(share_id, household_id, code, amount, IncomeKind.BUSINESS)
        for share_id, household_id, code, amount in db.session.execute(split)
    ]
    for share_id, household_id, code, amount, kind in db.session.execute(surplus):
        income = IncomeKind.PROPERTY if kind is SurplusKind.FUND_DIVIDEND else IncomeKind.BUSINESS
        dues.append(Due(share_id, household_id, code, amount, income, is_surplus=True))
    return dues


def list_income_parts(actor: Actor, line_id: PayoutLineId) -> list[tuple[IncomeKind, Fen]]:
    """List what a line pays by the kind of income it is."""
    del actor  # the line was found in the actor's sight
    rows = db.session.execute(
        select(SurplusRun.kind, func.sum(PayoutItem.amount_fen))
        .select_from(PayoutItem)
        .outerjoin(SurplusShare, SurplusShare.id == PayoutItem.surplus_share_id)
        .outerjoin(SurplusRun, SurplusRun.id == SurplusShare.run_id)
        .where(PayoutItem.line_id == line_id)
        .group_by(SurplusRun.kind)
    )
    return [(_income_of(kind), Fen(int(amount))) for kind, amount in rows]


def _income_of(kind: SurplusKind | None) -> IncomeKind:
    """Say what kind of income a share is: a dividend is of property, all else of business."""
    return IncomeKind.PROPERTY if kind is SurplusKind.FUND_DIVIDEND else IncomeKind.BUSINESS


def _is_listed(same: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(PayoutItem.id).where(same, PayoutItem.is_live))
