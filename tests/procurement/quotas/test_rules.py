"""Which quotas a confirmed promise opens, and how the parts of an order are merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.identity import new_id
from kernel.money import Fen
from procurement.filings.models import FilingStatus
from procurement.filings.rules.contents import FilingContents
from procurement.policies.models import OrderKind, Situation
from procurement.quotas.models import Fund
from procurement.quotas.rules import QuotaPart, QuotaTerms, hold_key, merge_parts, terms_of
from registry.regions.models import OriginKind

FILED = FilingContents(
    year=2026,
    situation=Situation.OWN,
    canteen_total_fen=Fen(1_000),
    reserved_fen=Fen(300),
    ceiling_fen=Fen(500),
)
CANTEEN = QuotaTerms(Fund.CANTEEN, Fen(500), Fen(300))


def opened(**union: Fen) -> list[QuotaTerms]:
    return terms_of(FilingStatus.CONFIRMED, replace(FILED, **union))  # type: ignore[arg-type]


def test_a_confirmed_promise_opens_the_canteen_s_quota() -> None:
    assert opened() == [CANTEEN]
    assert opened(union_total_fen=Fen(90)) == [CANTEEN]


def test_a_union_reservation_opens_a_second_quota() -> None:
    assert opened(union_total_fen=Fen(90), union_reserved_fen=Fen(20)) == [
        CANTEEN,
        QuotaTerms(Fund.UNION, Fen(90), Fen(20)),
    ]
    assert opened(
        union_total_fen=Fen(90), union_ceiling_fen=Fen(50), union_reserved_fen=Fen(0)
    ) == [CANTEEN, QuotaTerms(Fund.UNION, Fen(50), Fen(0))]


@pytest.mark.parametrize("status", [one for one in FilingStatus if one != "confirmed"])
def test_before_the_last_confirmation_there_is_no_quota(status: FilingStatus) -> None:
    assert terms_of(status, FILED) == []


def test_an_order_has_one_key_per_origin_kind() -> None:
    orders = [new_id(), new_id()]
    keys = {hold_key(order, kind) for order in orders for kind in OriginKind}
    assert len(keys) == 8
    assert hold_key(orders[0], OriginKind.OTHER) == hold_key(orders[0], OriginKind.OTHER)


def test_parts_of_one_origin_are_added_and_empty_ones_fall_away() -> None:
    def part(kind: OriginKind, amount: int) -> QuotaPart:
        return QuotaPart(kind, OrderKind.PRIORITY, Fen(amount))

    parts = [
        part(OriginKind.OTHER, 3),
        part(OriginKind.NATIONAL_832, 5),
        part(OriginKind.OTHER, 4),
        part(OriginKind.PAIRED_REGION, 0),
    ]
    assert merge_parts(parts) == [part(OriginKind.OTHER, 7), part(OriginKind.NATIONAL_832, 5)]
    assert merge_parts([]) == []
