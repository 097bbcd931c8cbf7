"""Mark contributions as paid to their households, with proof; a wrong mark is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from kernel.money import line_amount
from marketplace.errors.lots import ContributionPaid
from marketplace.lots import rules
from marketplace.lots.models import (
    ContributionPayment,
    LotContributionId,
    LotId,
)
from marketplace.lots.queries import LotView, get_lot_view, lock_contributions
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True)
class NewContributionPayment:
    """When contributions of a lot were paid, and the proof; without names all that are owed."""

    paid_on: date
    document_id: DocumentId
    contribution_ids: Sequence[LotContributionId] | None = None


def pay_contributions(
    lot_id: LotId, new: NewContributionPayment, *, by: Actor, now: datetime
) -> LotView:
    """Mark contributions that were recorded with an own lot as paid, each at its farm price.

    Refuses NotFound, ContributionPaid, Invalid (day). One without a price is left out.
    """
    get_document(by, new.document_id)
    found = lock_contributions(by, lot_id, new.contribution_ids)
    for lot, contribution, step in found:
        today = shanghai_day(now)
        rules.check_paid_on(new.paid_on, harvested_on=lot.harvested_on, today=today)
        if step % 2 and new.contribution_ids is not None:
            raise ContributionPaid(pointer="/contribution_ids")
        amount = line_amount(contribution.quantity, contribution.farm_price_fen)
        if step % 2 or not amount:
            continue
        payment = ContributionPayment(
            id=new_id(),
            contribution_id=contribution.id,
            sequence=step + 1,
            amount_fen=amount,
            paid_on=new.paid_on,
            document_id=new.document_id,
            recorded_by=UserId(by.user_id),
            recorded_at=now,
        )
        _write(payment, "pay_contribution", by=by, now=now)
    return get_lot_view(by, lot_id)


def reverse_payment(
    lot_id: LotId, *, contribution_id: LotContributionId, reason: str, by: Actor, now: datetime
) -> LotView:
    """Take the mark of an own contribution back (NotFound, ContributionPaid, IdentityInText)."""
    check_clear_of_identity(reason, pointer="/reason")
    ((lot, contribution, step),) = lock_contributions(by, lot_id, [contribution_id])
    if step % 2 == 0:
        raise ContributionPaid(pointer="/contribution_id")
    payment = ContributionPayment(
        id=new_id(),
        contribution_id=contribution.id,
        sequence=step + 1,
        amount_fen=line_amount(contribution.quantity, contribution.farm_price_fen),
        paid_on=shanghai_day(now),
        reason=reason,
        recorded_by=UserId(by.user_id),
        recorded_at=now,
    )
    _write(payment, "reverse_contribution_payment", by=by, now=now)
    return get_lot_view(by, lot.id)


def _write(payment: ContributionPayment, action: str, *, by: Actor, now: datetime) -> None:
    db.session.add(payment)
    db.session.flush()
    subject, after = ("lot_contribution", payment.contribution_id), {"fen": payment.amount_fen}
    audit.write(action, subject=subject, by=by, now=now, after=after)
