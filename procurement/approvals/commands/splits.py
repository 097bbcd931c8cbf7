"""Signalling orders that each stay within a band and together pass it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.approvals.models import (
    SplitId,
    SplitOrder,
    SplitSignal,
)
from procurement.approvals.rules import (
    Band,
)
from registry.organisations.models import OrganisationId


@dataclass(frozen=True, slots=True)
class Split:
    """Orders that together pass a band: whose, from whom, on days in [from, until)."""

    unit_id: OrganisationId
    buyer_id: OrganisationId
    supplier_id: OrganisationId
    completed_by: UUID
    from_on: date
    until_on: date


def signal_split(found: Split, band: Band, *, parts: Mapping[UUID, Fen], now: datetime) -> None:
    """Write down that orders together pass a band that none of them does alone."""
    signal = SplitSignal(
        id=SplitId(new_id()),
        **asdict(found),
        threshold_id=band.id,
        fund=band.fund,
        category_code=band.category_code,
        amount_fen=band.amount_fen,
        sum_fen=Fen(sum(parts.values())),
        created_at=now,
    )
    db.session.add(signal)
    db.session.flush()
    for order_id, fen in parts.items():
        part = SplitOrder(id=new_id(), signal_id=signal.id, order_id=order_id, amount_fen=fen)
        part.threshold_id = band.id
        db.session.add(part)
    after = {"orders": len(parts), "sum_fen": signal.sum_fen}
    subject = ("split_signal", signal.id)
    audit.write("signal_split", subject=subject, by=SYSTEM, now=now, after=after)
