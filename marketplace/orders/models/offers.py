"""The goods an order may be placed for, as they stand when it is placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from certification.certificates.models.capacities import CapacityId
from certification.certificates.models.certificates import CertificateId, CertificateStatus
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingId, ListingStatus
from marketplace.catalogue.rules.terms import Terms
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing as it stands, with its certificate and the capacity of today's year."""

    listing_id: ListingId
    title: str
    status: ListingStatus
    supplier_id: OrganisationId
    unit: Unit
    step: Decimal
    unit_price_fen: Fen
    tiers: Sequence[Mapping[str, Any]]
    certificate_id: CertificateId
    certificate_number: str
    certificate_status: CertificateStatus
    certificate_unit: Unit
    valid_from_on: date
    valid_until_on: date
    origin_kind: OriginKind
    origin_region_code: str
    capacity_id: CapacityId | None
    capacity_open: bool | None
    capacity_free: Decimal | None
    supplier_ended_on: date | None = None
    category_code: str | None = None
    papers_until_on: date | None = None
    terms: Terms = field(default_factory=Terms)
    freight_zones: Sequence[Mapping[str, Any]] | None = None
