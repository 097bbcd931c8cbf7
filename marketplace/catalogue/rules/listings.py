"""What a listing may say, and which way it may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from certification.certificates.models.certificates import Certificate, CertificateStatus
from certification.certificates.rules.papers import check_papers_last
from certification.errors.certificates import CertificateNotInForce
from kernel.errors import Invalid, UnitMismatch, WrongState
from kernel.money import Fen
from kernel.quantity import Unit, check_quantity, convert
from marketplace.catalogue.models.listings import BlockReason, ListingStatus

TRANSITIONS: Mapping[ListingStatus, frozenset[ListingStatus]] = MappingProxyType(
    {
        ListingStatus.DRAFT: frozenset({ListingStatus.LISTED}),
        ListingStatus.LISTED: frozenset({ListingStatus.DELISTED, ListingStatus.BLOCKED}),
        ListingStatus.DELISTED: frozenset({ListingStatus.LISTED}),
        ListingStatus.BLOCKED: frozenset({ListingStatus.LISTED, ListingStatus.DELISTED}),
    }
)


@dataclass(frozen=True)
class Tier:
    """A lower price per unit from a quantity on."""

    min_quantity: Decimal
    unit_price_fen: Fen


def check_move(status: ListingStatus, to: ListingStatus) -> None:
    """Refuse a way that is not drawn (WrongState)."""
    if to not in TRANSITIONS[status]:
        raise WrongState(state=status, wanted=to)


def block_of(certificate: Certificate, *, today: date) -> BlockReason | None:
    """Say why goods of a certificate may not be on sale on a Shanghai day, or None."""
    if certificate.status_on(today) is not CertificateStatus.IN_FORCE:
        return BlockReason.CERTIFICATE
    return BlockReason.PAPERS if certificate.lacks_papers_on(today) else None


def check_certified(certificate: Certificate, *, today: date) -> None:
    """Refuse a certificate that nothing is sold under on a Shanghai day.

    Refuses CertificateNotInForce, CertificatePapersLapsed.
    """
    status = certificate.status_on(today)
    if status is not CertificateStatus.IN_FORCE:
        raise CertificateNotInForce(number=certificate.number, status=status)
    check_papers_last(certificate, today=today)


def check_measure(step: Decimal, *, unit: Unit, certificate_unit: Unit) -> None:
    """Refuse a step that cannot be counted in the certificate's unit (UnitMismatch, Invalid).

    Every ordered quantity is a multiple of the step, so one conversion proves them all.
    """
    check_quantity(step, unit, pointer="/step")
    try:
        converted = convert(step, from_unit=unit, to_unit=certificate_unit)
        check_quantity(converted, certificate_unit, pointer="/step")
    except UnitMismatch:
        raise UnitMismatch(from_unit=unit, to_unit=certificate_unit, pointer="/unit") from None
    except Invalid as refusal:
        raise Invalid(pointer="/step", **refusal.figures) from None


def check_tiers(tiers: Sequence[Tier], *, unit_price: Fen, step: Decimal) -> None:
    """Refuse tiers that do not rise in whole steps while their price falls (Invalid)."""
    quantity, price = step, unit_price
    for position, tier in enumerate(tiers):
        pointer = f"/tiers/{position}"
        if tier.min_quantity % step or tier.min_quantity <= quantity:
            raise Invalid(
                reason="起始数量须为步长的整数倍并逐级递增 / quantities rise in whole steps",
                pointer=f"{pointer}/min_quantity",
            )
        if tier.unit_price_fen >= price:
            raise Invalid(
                reason="单价须逐级降低 / the price falls from tier to tier",
                pointer=f"{pointer}/unit_price_fen",
            )
        quantity, price = tier.min_quantity, tier.unit_price_fen
