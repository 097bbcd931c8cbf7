"""Holding approved money for orders, accepting, posting, and giving back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import HoldSpent
from kernel.gates import Gate, Move, Want
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.quotas import AcceptedTwice, QuotaExceeded, QuotaMissing
from procurement.quotas import rules
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaHold, QuotaId
from procurement.quotas.queries import quotas as queries
from procurement.quotas.rules import QuotaPart, hold_key
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

__all__ = ["QuotaPart", "accept", "hold", "hold_again", "post", "refund", "release"]

Amounts = Mapping[str, Fen] | Mapping[OriginKind, Fen]
"""Fen by heading; an origin kind alone is the heading of goods without a category."""
ORDER = "order"
GATE = Gate(
    counter=Quota,
    limit=Quota.ceiling_fen,
    held=Quota.held_fen,
    spent=Quota.spent_fen,
    hold=QuotaHold,
    entry=QuotaEntry,
    extras=(
        "order_id",
        "origin_kind",
        "order_kind",
        "category_code",
        "buyer_kind",
        "payment_term_days",
    ),
)

_ACCEPT = text(
    """
WITH move AS (
  SELECT * FROM unnest(
    CAST(:source_ids AS uuid[]), CAST(:amounts AS bigint[]), CAST(:entry_ids AS uuid[])
  ) AS m(source_id, amount, entry_id)
), locked AS (
  SELECT c.id FROM quota c WHERE c.id IN (
    SELECT h.counter_id FROM quota_hold h JOIN move ON move.source_id = h.source_id
    WHERE h.source = :source)
  ORDER BY c.id FOR NO KEY UPDATE
), accepted AS (
  UPDATE quota_hold h SET accepted_fen = h.accepted_fen + move.amount
  FROM move, locked
  WHERE h.source_id = move.source_id AND h.source = :source AND h.counter_id = locked.id
    AND h.accepted_fen + move.amount <= h.amount
  RETURNING h.id, h.counter_id, move.amount, move.entry_id
), entries AS (
  INSERT INTO quota_entry (id, counter_id, hold_id, kind, held, spent, accepted_fen, at)
  SELECT entry_id, counter_id, id, 'accept', 0, 0, amount, :now FROM accepted
)
SELECT count(*) FROM accepted
"""
)


def hold(
    *,
    order_id: UUID,
    parts: Sequence[QuotaPart],
    expires_at: datetime | None,
    now: datetime,
    quota_id: QuotaId | None = None,
    unit_id: OrganisationId | None = None,
    year: int | None = None,
    fund: Fund = Fund.CANTEEN,
    buyer_kind: str | None = None,
    payment_term_days: int | None = None,
) -> QuotaId:
    """Keep approved money for an order, all of it or none; give the quota it is kept in.

    The quota is named by its id (then this is one statement) or by unit, year and fund.
    Refuses QuotaExceeded with both figures, and QuotaMissing.
    """
    if quota_id is None:
        quota_id = _find_quota_id(unit_id, year=year, fund=fund)
    wanted = rules.merge_parts(parts)
    if not wanted:
        return quota_id
    wants = [
        Want(
            counter_id=quota_id,
            source_id=hold_key(order_id, part.heading),
            amount=part.amount_fen,
            extras=_extras(order_id, part, buyer_kind=buyer_kind, term_days=payment_term_days),
        )
        for part in wanted
    ]
    if GATE.take(ORDER, wants, expires_at=expires_at, now=now):
        _refuse(quota_id, sum(part.amount_fen for part in wanted))
    return quota_id


def hold_again(*, order_id: UUID, amounts: Amounts, now: datetime) -> None:
    """Keep approved money once more for an order whose holds lapsed: all of it or none.

    It does not lapse again. Refuses QuotaExceeded, and HoldSpent where it never held any.
    """
    held = {one.heading: one for one in _settled(order_id)}
    due = {heading: amount for heading, amount in amounts.items() if amount > 0}
    if due.keys() - held.keys():
        raise HoldSpent
    wants = [
        Want(
            counter_id=held[heading].counter_id,
            source_id=held[heading].source_id,
            amount=amount,
            extras=_extras_again(held[heading]),
        )
        for heading, amount in due.items()
    ]
    for quota_id in GATE.take(ORDER, wants, expires_at=None, now=now, again=True):
        _refuse(QuotaId(quota_id), sum(due.values()))


def accept(*, order_id: UUID, amounts: Amounts, now: datetime) -> None:
    """Write down what of an order's goods was taken in just now, in fen by heading.

    Counters stay; the completion report reads it. Refuses AcceptedTwice beyond what was ordered.
    """
    due = {kind: amount for kind, amount in amounts.items() if amount > 0}
    if not due:
        return
    _settled(order_id)
    accepted = db.session.execute(
        _ACCEPT,
        {
            "source_ids": [hold_key(order_id, kind) for kind in due],
            "amounts": list(due.values()),
            "entry_ids": [new_id() for _ in due],
            "source": ORDER,
            "now": now,
        },
    ).scalar_one()
    if accepted != len(due):
        raise AcceptedTwice


def post(*, order_id: UUID, amounts: Amounts, now: datetime) -> None:
    """Turn held money into spent, as confirmed payments come in (HoldSpent beyond the hold)."""
    GATE.post(ORDER, _moves(order_id, amounts), now=now)


def release(
    *,
    order_id: UUID,
    amounts: Amounts | None,
    now: datetime,
    expired: bool = False,
) -> None:
    """Give held money back: these amounts, or with None whatever the order still holds."""
    GATE.release(ORDER, _moves(order_id, amounts), now=now, expired=expired)


def refund(*, order_id: UUID, amounts: Amounts, now: datetime) -> None:
    """Give spent money back, as refunds are confirmed (HoldSpent beyond what was posted)."""
    GATE.refund(ORDER, _moves(order_id, amounts), now=now)


def extend(*, order_id: UUID, expires_at: datetime) -> None:
    """Say of an order's holds that they lapse at another instant."""
    GATE.extend(ORDER, [one.source_id for one in _settled(order_id)], expires_at=expires_at)


def _extras_again(of: QuotaHold) -> dict[str, UUID | str | int | None]:
    days = of.payment_term_days
    return _extras(of.order_id, of, buyer_kind=of.buyer_kind, term_days=days)


def _extras(
    order_id: UUID, of: QuotaPart | QuotaHold, *, buyer_kind: str | None, term_days: int | None
) -> dict[str, UUID | str | int | None]:
    return {
        "order_id": order_id,
        "origin_kind": of.origin_kind.value,
        "order_kind": of.order_kind.value,
        "category_code": of.category_code,
        "buyer_kind": buyer_kind,
        "payment_term_days": term_days,
    }


def _moves(order_id: UUID, amounts: Amounts | None) -> list[Move]:
    """Find an order's holds and name the amounts; None names every hold, with all that is left."""
    held = {one.heading: one for one in _settled(order_id)}
    if amounts is None:
        return [Move(one.counter_id, one.source_id) for one in held.values()]
    due = {kind: amount for kind, amount in amounts.items() if amount > 0}
    if due.keys() - held.keys():
        raise HoldSpent
    return [Move(held[kind].counter_id, held[kind].source_id, due[kind]) for kind in due]


def _settled(order_id: UUID) -> Sequence[QuotaHold]:
    """Give an order's holds, their quotas locked: no move takes them elsewhere meanwhile."""
    while True:
        locked = queries.lock_order_quotas(SYSTEM, order_id)
        holds = queries.list_holds(SYSTEM, order_id)
        if locked.issuperset(one.counter_id for one in holds):
            return holds


def _find_quota_id(unit_id: OrganisationId | None, *, year: int | None, fund: Fund) -> QuotaId:
    if unit_id is None or year is None:
        raise TypeError("a quota is named by its id, or by unit, year and fund")
    quota = queries.find_quota(SYSTEM, unit_id=unit_id, year=year, fund=fund)
    if quota is None:
        raise QuotaMissing
    return quota.id


def _refuse(quota_id: QuotaId, wanted: int) -> None:
    available = queries.find_available(SYSTEM, quota_id)
    if available is None:
        raise QuotaMissing
    raise QuotaExceeded(
        available_fen=available,
        wanted_fen=Fen(wanted),
    )
