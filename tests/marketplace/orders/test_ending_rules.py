"""Nothing is sold by whom has ended, whatever else is true, and nothing is bought for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from certification.certificates.models.certificates import CertificateStatus
from kernel.actor import Actor
from marketplace.catalogue.models.listings import ListingStatus
from marketplace.errors.catalogue import SupplierEnded
from marketplace.errors.orders import UnitEnded
from marketplace.orders.rules import orders as rules
from registry.organisations.rules import may_bind
from tests.marketplace.orders.test_prices import OFFER, TODAY

ENDED = date(2026, 5, 31)


@pytest.mark.parametrize("status", CertificateStatus)
@pytest.mark.parametrize("listed", ListingStatus)
def test_the_end_of_the_supplier_is_told_before_all_else(
    status: CertificateStatus, listed: ListingStatus
) -> None:
    offer = replace(OFFER, certificate_status=status, status=listed, supplier_ended_on=ENDED)
    with pytest.raises(SupplierEnded) as refused:
        rules.check_offer(offer, today=TODAY)
    assert refused.value.figures == {"title": OFFER.title, "ended_on": ENDED}


def test_a_living_unit_is_bought_for() -> None:
    rules.check_unit_lives(None, heir_id=None, heir=None)


def test_the_successor_of_a_unit_is_named_in_both_languages() -> None:
    with pytest.raises(UnitEnded) as refused:
        rules.check_unit_lives(ENDED, heir_id=UUID(int=1), heir="演示学校")
    assert refused.value.pointer == "/bound_unit_id"
    assert "演示学校" in refused.value.message("zh")
    assert "演示学校" in refused.value.message("en")
    with pytest.raises(UnitEnded) as alone:
        rules.check_unit_lives(ENDED, heir_id=None, heir=None)
    assert alone.value.message("zh").endswith("承接单位：无。")
    assert alone.value.message("en").endswith("Its successor: none.")


def test_one_may_name_the_own_unit_wherever_it_has_come_to_stand() -> None:
    own = UUID(int=2)
    stale = Actor(user_id=UUID(int=7), organisation_id=own, lineage=f"/{own}/")
    moved = f"/{UUID(int=3)}/{own}/"
    assert may_bind(stale, unit_id=own, unit_lineage=moved)
    assert not may_bind(stale, unit_id=UUID(int=3), unit_lineage=f"/{UUID(int=3)}/")
