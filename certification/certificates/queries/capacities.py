"""What may still be sold under certificates, and which years near their end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from certification.certificates.models.capacities import Capacity, CapacityId, CapacitySignal
from certification.certificates.models.certificates import Certificate, CertificateId
from certification.certificates.queries.certificates import find_certificate_by_number
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.quantity import Unit

WHOLE_BP = 10_000


@dataclass(frozen=True)
class CapacityView:
    """A year of a certificate: declared, held by orders, sold, and left, in its unit.

    `used_bp` is the used share in basis points, rounded down.
    """

    from_on: date
    until_on: date
    is_open: bool
    unit: Unit
    declared: Decimal
    held: Decimal
    sold: Decimal

    @property
    def available(self) -> Decimal:
        """What new orders may still take."""
        return self.declared - self.held - self.sold

    @property
    def used_bp(self) -> int:
        """The share that is held or sold."""
        return int((self.held + self.sold) * WHOLE_BP / self.declared)


def list_open_capacities(
    actor: Actor, certificate_ids: Collection[CertificateId], *, on: date
) -> dict[CertificateId, Capacity]:
    """List, by certificate, the capacity that takes new orders on a Shanghai day, if any."""
    del actor  # what is left is public
    query = select(Capacity).where(
        Capacity.certificate_id.in_(certificate_ids),
        Capacity.is_open,
        Capacity.from_on <= on,
        Capacity.until_on > on,
    )
    return {capacity.certificate_id: capacity for capacity in db.session.scalars(query)}


def find_capacity(actor: Actor, capacity_id: CapacityId) -> Capacity | None:
    """Read a capacity as it stands now, whatever the session remembers of it."""
    del actor  # what is left is public
    return db.session.get(Capacity, capacity_id, populate_existing=True)


def lock_capacities(actor: Actor, certificate_ids: Collection[CertificateId]) -> list[CapacityId]:
    """Lock all years of certificates, in key order, and give their keys."""
    del actor  # what is left is public
    query = select(Capacity.id).where(Capacity.certificate_id.in_(certificate_ids))
    return list(db.session.scalars(query.order_by(Capacity.id).with_for_update(key_share=True)))


def list_capacities(actor: Actor, number: str) -> list[CapacityView]:
    """List the years of a certificate, the first first (NotFound)."""
    certificate = find_certificate_by_number(actor, number)
    if certificate is None:
        raise NotFound
    query = select(Capacity).where(Capacity.certificate_id == certificate.id)
    query = query.order_by(Capacity.from_on).execution_options(populate_existing=True)
    return [
        CapacityView(
            from_on=row.from_on,
            until_on=row.until_on,
            is_open=row.is_open,
            unit=certificate.unit,
            declared=row.declared,
            held=row.held,
            sold=row.sold,
        )
        for row in db.session.scalars(query)
    ]


def lock_years(actor: Actor, certificate_id: CertificateId, *, today: date) -> list[Capacity]:
    """Lock the years of a certificate that are not over, in key order."""
    del actor  # what is left is public
    query = select(Capacity).where(
        Capacity.certificate_id == certificate_id, Capacity.until_on > today
    )
    query = query.order_by(Capacity.id).with_for_update(key_share=True)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def list_due_signals(actor: Actor, *, limit: int) -> list[tuple[CapacitySignal, CertificateId]]:
    """List and lock crossings that were not told yet, with their certificates, oldest first."""
    del actor  # only the timer asks
    query = (
        select(CapacitySignal, Certificate.id)
        .join(Capacity, Capacity.id == CapacitySignal.capacity_id)
        .join(Certificate, Certificate.id == Capacity.certificate_id)
        .where(CapacitySignal.signalled_at.is_(None))
        .order_by(CapacitySignal.id)
        .limit(limit)
        .with_for_update(of=CapacitySignal, skip_locked=True)
    )
    return [(signal, certificate_id) for signal, certificate_id in db.session.execute(query)]
