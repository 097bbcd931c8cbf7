"""Holding what may be sold under certificates, and giving it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from certification.certificates.models.capacities import (
    Capacity,
    CapacityEntry,
    CapacityHold,
    CapacityId,
)
from certification.certificates.models.certificates import CertificateId
from certification.certificates.queries.capacities import find_capacity, list_open_capacities
from certification.certificates.queries.certificates import get_certificate
from certification.certificates.rules.certificates import refusal_of_capacity
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.errors import Refusal
from kernel.gates import Gate, Move, Want

SOURCE = "order_line"

CAPACITY_GATE = Gate(
    counter=Capacity,
    limit=Capacity.declared,
    held=Capacity.held,
    spent=Capacity.sold,
    hold=CapacityHold,
    entry=CapacityEntry,
    when="c.is_open AND c.from_on <= :today AND c.until_on > :today"
    " AND (c.papers_until_on IS NULL OR c.papers_until_on > :today)",
)
"""A capacity takes a hold only while its certificate is in force with its papers, in its year."""


@dataclass(frozen=True)
class CapacityWant:
    """What an order line takes, in the certificate's unit; with `capacity_id` nothing is read."""

    order_line_id: UUID
    certificate_id: CertificateId
    quantity: Decimal
    capacity_id: CapacityId | None = None


@dataclass(frozen=True)
class CapacityMove:
    """So much of what an order line holds (or sold); None is all that is left of it."""

    order_line_id: UUID
    capacity_id: CapacityId
    quantity: Decimal | None = None


def hold_capacity(
    wants: Sequence[CapacityWant],
    *,
    expires_at: datetime | None,
    now: datetime,
    again: bool = False,
) -> dict[UUID, CapacityId]:
    """Hold what order lines take of their certificates' years; give the capacity of each line.

    One statement where the capacities are named; `again` of lines whose holds ended. Refuses all
    when one refuses, with the reason read back: CertificateNotInForce or CapacityExceeded.
    """
    today = shanghai_day(now)
    capacity_ids = _named(wants, today=today)
    asked = [
        Want(capacity_ids[want.order_line_id], want.order_line_id, want.quantity) for want in wants
    ]
    refused = CAPACITY_GATE.take(
        SOURCE, asked, expires_at=expires_at, now=now, parameters={"today": today}, again=again
    )
    if refused:
        first = next(want for want in wants if capacity_ids[want.order_line_id] in refused)
        capacity_id = capacity_ids[first.order_line_id]
        same = [want for want in wants if capacity_ids[want.order_line_id] == capacity_id]
        wanted = sum((want.quantity for want in same), Decimal())
        capacity = find_capacity(SYSTEM, capacity_id)
        raise _refusal(first.certificate_id, capacity, wanted=wanted, today=today)
    return capacity_ids


def post_capacity(moves: Sequence[CapacityMove], *, now: datetime) -> None:
    """Turn what lines hold into sold, at acceptance (HoldSpent)."""
    CAPACITY_GATE.post(SOURCE, _moves(moves), now=now)


def release_capacity(
    moves: Sequence[CapacityMove], *, now: datetime, expired: bool = False
) -> None:
    """Give back what lines hold and will not sell (HoldSpent)."""
    CAPACITY_GATE.release(SOURCE, _moves(moves), now=now, expired=expired)


def extend_capacity(line_ids: Sequence[UUID], *, expires_at: datetime) -> None:
    """Say of what lines hold that it lapses at another instant."""
    CAPACITY_GATE.extend(SOURCE, line_ids, expires_at=expires_at)


def restore_capacity(moves: Sequence[CapacityMove], *, now: datetime) -> None:
    """Give back what lines sold and got returned (HoldSpent)."""
    CAPACITY_GATE.refund(SOURCE, _moves(moves), now=now)


def _moves(moves: Sequence[CapacityMove]) -> list[Move]:
    return [Move(one.capacity_id, one.order_line_id, one.quantity) for one in moves]


def _named(wants: Sequence[CapacityWant], *, today: date) -> dict[UUID, CapacityId]:
    """Name the capacity of each line, looking up those that the caller does not know."""
    unknown = {want.certificate_id for want in wants if want.capacity_id is None}
    open_now = list_open_capacities(SYSTEM, unknown, on=today) if unknown else {}
    found: dict[UUID, CapacityId] = {}
    for want in wants:
        if want.capacity_id is not None:
            found[want.order_line_id] = want.capacity_id
        elif want.certificate_id in open_now:
            found[want.order_line_id] = open_now[want.certificate_id].id
        else:
            raise _refusal(want.certificate_id, None, wanted=want.quantity, today=today)
    return found


def _refusal(
    certificate_id: CertificateId, capacity: Capacity | None, *, wanted: Decimal, today: date
) -> Refusal:
    certificate = get_certificate(SYSTEM, certificate_id)
    return refusal_of_capacity(capacity, certificate=certificate, wanted=wanted, today=today)
