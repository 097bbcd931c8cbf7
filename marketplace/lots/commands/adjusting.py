"""Write down what of a lot was lost or found, and take a loss back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.gates import Move, Want
from kernel.identity import new_id
from kernel.quantity import check_quantity
from marketplace.errors.lots import StockShort
from marketplace.lots import rules
from marketplace.lots.commands.stock import STOCK_GATE, refresh_available
from marketplace.lots.models import AdjustmentKind, Lot, LotAdjustment, LotAdjustmentId, LotId
from marketplace.lots.queries import lock_adjustment, lock_own_lots
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity

HELD_FOR_ADJUSTMENTS = "lot_adjustment"


@dataclass(frozen=True)
class NewAdjustment:
    """What was lost of a lot, or found, in its unit, and why."""

    kind: AdjustmentKind
    quantity: Decimal
    reason: str
    document_id: DocumentId | None = None


def adjust_lot(lot_id: LotId, new: NewAdjustment, *, by: Actor, now: datetime) -> LotAdjustment:
    """Write a loss or a find of an own lot down; never below what is promised (StockShort).

    Refuses NotFound, Invalid (quantity), IdentityInText.
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    (lot,) = lock_own_lots(by, [lot_id])
    check_quantity(new.quantity, lot.unit, pointer="/quantity")
    if new.document_id is not None:
        get_document(by, new.document_id)
    adjustment = _write(lot, new.kind, new.quantity, new.reason, by=by, now=now)
    adjustment.document_id = new.document_id
    db.session.add(adjustment)
    db.session.flush()
    if new.kind is AdjustmentKind.FOUND:
        _grow(lot, new.quantity)
    else:
        take_away(lot, new.quantity, source=HELD_FOR_ADJUSTMENTS, source_id=adjustment.id, now=now)
    _note(adjustment, lot, by=by, now=now)
    return adjustment


def correct_adjustment(
    adjustment_id: LotAdjustmentId, *, reason: str, by: Actor, now: datetime
) -> LotAdjustment:
    """Take a loss of an own lot back whole (NotFound, Invalid, AdjustmentCorrected)."""
    check_clear_of_identity(reason, pointer="/reason")
    loss = lock_adjustment(by, adjustment_id)
    (lot,) = lock_own_lots(by, [loss.lot_id])
    rules.check_correctable(loss.kind)
    found = _write(lot, AdjustmentKind.CORRECTED, loss.quantity, reason, by=by, now=now)
    found.reverses_id = loss.id
    db.session.add(found)
    db.session.flush()
    STOCK_GATE.refund(HELD_FOR_ADJUSTMENTS, [Move(lot.id, loss.id, loss.quantity)], now=now)
    _note(found, lot, by=by, now=now)
    return found


def take_away(lot: Lot, quantity: Decimal, *, source: str, source_id: UUID, now: datetime) -> None:
    """Take what is free out of a locked lot for good, also past its last day (StockShort)."""
    want = Want(lot.id, source_id, quantity)
    # a lot lives beyond its harvest, so on that day no lot has expired
    parameters = {"today": lot.harvested_on}
    if STOCK_GATE.take(source, [want], expires_at=None, now=now, parameters=parameters):
        free = lot.total - lot.held - lot.shipped
        raise StockShort(title=lot.number, available=free, wanted=quantity, unit=lot.unit)
    STOCK_GATE.post(source, [Move(lot.id, source_id, quantity)], now=now)


def _grow(lot: Lot, quantity: Decimal) -> None:
    more = {"total": Lot.total + quantity, "own_quantity": Lot.own_quantity + quantity}
    db.session.execute(update(Lot).where(Lot.id == lot.id).values(more))


def _write(
    lot: Lot,
    kind: AdjustmentKind,
    quantity: Decimal,
    reason: str,
    *,
    by: Actor,
    now: datetime,
) -> LotAdjustment:
    return LotAdjustment(
        id=LotAdjustmentId(new_id()),
        lot_id=lot.id,
        kind=kind,
        quantity=quantity,
        reason=reason,
        recorded_by=UserId(by.user_id),
        recorded_at=now,
    )


def _note(adjustment: LotAdjustment, lot: Lot, *, by: Actor, now: datetime) -> None:
    refresh_available([lot.listing_id], now=now)
    after = {"lot": lot.number, "kind": adjustment.kind, "quantity": adjustment.quantity}
    subject = ("lot_adjustment", adjustment.id)
    audit.write("adjust_lot", subject=subject, by=by, now=now, after=after)
