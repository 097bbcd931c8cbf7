"""What may be sold today, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from certification.certificates.models.capacities import CapacityId
from certification.certificates.models.certificates import CertificateId, CertificateStatus
from certification.errors.certificates import CertificateNotInForce
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingId, ListingStatus
from marketplace.errors.catalogue import ListingNotListed
from marketplace.errors.orders import QuantityOffStep, SeveralSuppliers
from marketplace.orders.models.offers import Offer
from marketplace.orders.rules import orders as rules
from marketplace.orders.rules.orders import PricedLine
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

TODAY = date(2026, 6, 1)
D = Decimal
OFFER = Offer(
    listing_id=ListingId(UUID(int=1)),
    title="丝苗米",
    status=ListingStatus.LISTED,
    supplier_id=OrganisationId(UUID(int=2)),
    unit=Unit.KG,
    step=D("0.5"),
    unit_price_fen=Fen(1_001),
    tiers=[
        {"min_quantity": "10", "unit_price_fen": 900},
        {"min_quantity": "50", "unit_price_fen": 800},
    ],
    certificate_id=CertificateId(UUID(int=3)),
    certificate_number="BF-C-1",
    certificate_status=CertificateStatus.IN_FORCE,
    certificate_unit=Unit.KG,
    valid_from_on=TODAY,
    valid_until_on=date(2026, 6, 2),
    origin_kind=OriginKind.NATIONAL_832,
    category_code="grain",
    origin_region_code="440203",
    capacity_id=CapacityId(UUID(int=4)),
    capacity_open=True,
    capacity_free=Decimal(1000),
)


def priced(lines: Sequence[tuple[Offer, Decimal]]) -> list[PricedLine]:
    """Price lines by what they themselves want together."""
    demand = rules.demand_of((offer.listing_id, quantity) for offer, quantity in lines)
    return rules.price_lines(lines, demand=demand, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"certificate_status": CertificateStatus.REVOKED}, CertificateStatus.REVOKED),
        ({"certificate_status": CertificateStatus.SUSPENDED}, CertificateStatus.SUSPENDED),
        ({"valid_from_on": date(2026, 6, 2)}, CertificateStatus.IN_FORCE),
        ({"valid_until_on": TODAY}, CertificateStatus.EXPIRED),
        ({"capacity_open": False}, CertificateStatus.IN_FORCE),
        ({"capacity_id": None, "capacity_open": None}, CertificateStatus.IN_FORCE),
        (
            {
                "certificate_status": CertificateStatus.REVOKED,
                "status": ListingStatus.BLOCKED,
            },
            CertificateStatus.REVOKED,
        ),
    ],
)
def test_nothing_is_sold_under_a_certificate_that_is_not_in_force(
    changes: dict[str, Any], status: CertificateStatus
) -> None:
    rules.check_offer(OFFER, today=TODAY)
    with pytest.raises(CertificateNotInForce) as refused:
        rules.check_offer(replace(OFFER, **changes), today=TODAY)
    assert refused.value.figures == {"number": "BF-C-1", "status": status}


@pytest.mark.parametrize("status", sorted(set(ListingStatus) - {ListingStatus.LISTED}))
def test_nothing_is_sold_that_is_not_listed(status: ListingStatus) -> None:
    with pytest.raises(ListingNotListed):
        rules.check_offer(replace(OFFER, status=status), today=TODAY)


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("9.5", 1_001, 9_510), ("10", 900, 9_000), ("49.5", 900, 44_550), ("50", 800, 40_000)],
)
def test_a_quantity_reaches_its_tier_and_half_a_fen_goes_up(
    quantity: str, price: int, amount: int
) -> None:
    [line] = priced([(OFFER, D(quantity))])
    assert (line.unit_price_fen, line.amount_fen) == (price, amount)


def test_two_lines_of_one_listing_reach_a_tier_together_and_stay_two_lines() -> None:
    lines = priced([(OFFER, D(5)), (OFFER, D("5.5"))])
    assert [(one.quantity, one.unit_price_fen, one.amount_fen) for one in lines] == [
        (D(5), 900, 4_500),
        (D("5.5"), 900, 4_950),
    ]


def test_a_quantity_between_steps_is_refused_with_its_line() -> None:
    with pytest.raises(QuantityOffStep) as refused:
        priced([(OFFER, D(5)), (OFFER, D("5.25"))])
    assert refused.value.pointer == "/lines/1/quantity"


def test_an_order_has_one_supplier() -> None:
    other = replace(
        OFFER, listing_id=ListingId(UUID(int=9)), supplier_id=OrganisationId(UUID(int=9))
    )
    with pytest.raises(SeveralSuppliers) as refused:
        priced([(OFFER, D(5)), (other, D(5))])
    assert refused.value.pointer == "/lines/1/listing_id"
