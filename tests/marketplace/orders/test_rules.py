"""When an order may be placed, decided on and called off, and when it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from certification.certificates.models import CapacityId, CertificateId, CertificateStatus
from certification.errors import CertificateNotInForce
from kernel.actor import Actor
from kernel.errors import Refusal, SamePerson, WrongState
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models import ListingId, ListingStatus
from marketplace.errors import (
    DedicationMissing,
    DedicationUnexpected,
    KindNotOffered,
    ListingNotListed,
    QuantityOffStep,
    SeveralSuppliers,
    YearNotOpen,
)
from marketplace.orders import rules
from marketplace.orders.models import (
    FulfilmentStatus,
    Offer,
    OrderStatus,
    PaymentStatus,
    PayMode,
    PurchaseOrder,
)
from procurement.policies.models import OrderKind
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.regions.models import OriginKind

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
TODAY = date(2026, 6, 1)
D = Decimal
S, F, P, K = OrderStatus, FulfilmentStatus, PaymentStatus, OrderKind
DRAWN = {
    (S.DRAFT, S.PENDING_APPROVAL),
    (S.DRAFT, S.PLACED),
    (S.PENDING_APPROVAL, S.PLACED),
    (S.PENDING_APPROVAL, S.CANCELLED),
    (S.PENDING_APPROVAL, S.EXPIRED),
    (S.PLACED, S.CONFIRMED),
    (S.PLACED, S.CANCELLED),
    (S.PLACED, S.EXPIRED),
    (S.CONFIRMED, S.COMPLETED),
    (S.CONFIRMED, S.CANCELLED),
    (S.CONFIRMED, S.EXPIRED),
}
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
    origin_region_code="440203",
    capacity_id=CapacityId(UUID(int=4)),
    capacity_open=True,
)


def order(**changes: Any) -> PurchaseOrder:
    facts: dict[str, Any] = {
        "author_id": UUID(int=7),
        "order_status": S.CONFIRMED,
        "fulfilment_status": F.UNSHIPPED,
        "payment_status": P.UNPAID,
        "total_fen": 1_000,
        "freight_fen": 0,
        "accepted_fen": 0,
        "pending_fen": 0,
        "paid_fen": 0,
        "refunded_fen": 0,
        "expires_at": NOW,
    }
    return PurchaseOrder(**(facts | changes))


def actor(lineage: str, kind: OrganisationKind = OrganisationKind.BUDGET_UNIT) -> Actor:
    own = UUID(lineage.strip("/").rsplit("/", 1)[-1]) if lineage else None
    return Actor(user_id=UUID(int=7), organisation_id=own, organisation_kind=kind, lineage=lineage)


def path(*numbers: int) -> str:
    return "/" + "".join(f"{UUID(int=number)}/" for number in numbers)


@pytest.mark.parametrize("kind", [K.RESERVED_SHARE, K.PRIORITY])
def test_an_ordinary_purchase_is_for_nobody_in_particular(kind: OrderKind) -> None:
    rules.check_kind(kind, dedicated=False)
    with pytest.raises(DedicationUnexpected) as refused:
        rules.check_kind(kind, dedicated=True)
    assert refused.value.pointer == "/dedication"


def test_a_purchase_instead_of_a_donation_names_whom_it_is_for() -> None:
    rules.check_kind(K.PURCHASE_INSTEAD_OF_DONATION, dedicated=True)
    with pytest.raises(DedicationMissing):
        rules.check_kind(K.PURCHASE_INSTEAD_OF_DONATION, dedicated=False)


@pytest.mark.parametrize("kind", [K.PURCHASE_INSTEAD_OF_SALE, K.COMMISSIONED_FARMING])
def test_other_kinds_are_not_offered_yet(kind: OrderKind) -> None:
    with pytest.raises(KindNotOffered) as refused:
        rules.check_kind(kind, dedicated=False)
    assert refused.value.pointer == "/kind"


@pytest.mark.parametrize(
    ("at", "open_year"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), 2027),
    ],
)
def test_the_year_turns_at_midnight_in_shanghai(at: datetime, open_year: int) -> None:
    rules.check_year(open_year, now=at)
    for year in (open_year - 1, open_year + 1):
        with pytest.raises(YearNotOpen):
            rules.check_year(year, now=at)


def test_one_buys_for_the_own_unit_and_those_under_it() -> None:
    superior = actor(path(1, 2))
    assert rules.may_bind(superior, unit_id=UUID(int=2), unit_lineage=path(1, 2))
    assert rules.may_bind(superior, unit_id=UUID(int=3), unit_lineage=path(1, 2, 3))
    assert not rules.may_bind(superior, unit_id=UUID(int=1), unit_lineage=path(1))
    assert not rules.may_bind(superior, unit_id=UUID(int=4), unit_lineage=path(1, 4))
    assert not rules.may_bind(actor(""), unit_id=UUID(int=4), unit_lineage=path(4))


@pytest.mark.parametrize(
    "kind", [OrganisationKind.CANTEEN_CONTRACTOR, OrganisationKind.TRADE_UNION]
)
def test_a_contractor_or_union_buys_for_the_unit_right_above_it(kind: OrganisationKind) -> None:
    account = actor(path(1, 2, 3), kind)
    assert rules.may_bind(account, unit_id=UUID(int=2), unit_lineage=path(1, 2))
    assert not rules.may_bind(account, unit_id=UUID(int=1), unit_lineage=path(1))
    school = actor(path(1, 2, 3))
    assert not rules.may_bind(school, unit_id=UUID(int=2), unit_lineage=path(1, 2))


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


@pytest.mark.parametrize("status", set(ListingStatus) - {ListingStatus.LISTED})
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
    [line] = rules.price_lines([(OFFER, D(quantity))], today=TODAY)
    assert (line.unit_price_fen, line.amount_fen) == (price, amount)


def test_two_lines_of_one_listing_reach_a_tier_together_and_stay_two_lines() -> None:
    lines = rules.price_lines([(OFFER, D(5)), (OFFER, D("5.5"))], today=TODAY)
    assert [(one.quantity, one.unit_price_fen, one.amount_fen) for one in lines] == [
        (D(5), 900, 4_500),
        (D("5.5"), 900, 4_950),
    ]


def test_a_quantity_between_steps_is_refused_with_its_line() -> None:
    with pytest.raises(QuantityOffStep) as refused:
        rules.price_lines([(OFFER, D(5)), (OFFER, D("5.25"))], today=TODAY)
    assert refused.value.pointer == "/lines/1/quantity"


def test_an_order_has_one_supplier() -> None:
    other = replace(
        OFFER, listing_id=ListingId(UUID(int=9)), supplier_id=OrganisationId(UUID(int=9))
    )
    with pytest.raises(SeveralSuppliers) as refused:
        rules.price_lines([(OFFER, D(5)), (other, D(5))], today=TODAY)
    assert refused.value.pointer == "/lines/1/listing_id"


def test_only_above_the_threshold_somebody_else_approves() -> None:
    assert rules.first_status(Fen(100), threshold=Fen(100)) is S.PLACED
    assert rules.first_status(Fen(101), threshold=Fen(100)) is S.PENDING_APPROVAL
    assert rules.first_status(Fen(101), threshold=None) is S.PLACED


def test_a_pay_first_order_waits_thirty_days_and_a_goods_first_one_for_ever() -> None:
    assert rules.expiry(PayMode.PAY_FIRST, now=NOW) == NOW + timedelta(days=30)
    assert rules.expiry(PayMode.GOODS_FIRST, now=NOW) is None


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("to", S)
def test_only_the_drawn_ways_are_open(status: OrderStatus, to: OrderStatus) -> None:
    if (status, to) in DRAWN:
        rules.check_move(order(order_status=status), to)
        return
    with pytest.raises(WrongState) as refused:
        rules.check_move(order(order_status=status), to)
    assert refused.value.figures == {"state": status, "wanted": to}


def test_the_author_does_not_decide_and_nothing_is_decided_twice() -> None:
    waiting = order(order_status=S.PENDING_APPROVAL)
    rules.check_decision(waiting, by=Actor(user_id=UUID(int=8)))
    with pytest.raises(SamePerson):
        rules.check_decision(waiting, by=Actor(user_id=UUID(int=7)))
    with pytest.raises(WrongState):
        rules.check_decision(order(order_status=S.PLACED), by=Actor(user_id=UUID(int=8)))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"paid_fen": 1_000, "refunded_fen": 1_000}, None),
        ({"order_status": S.COMPLETED}, WrongState),
        ({"fulfilment_status": F.PARTLY_SHIPPED}, WrongState),
        ({"paid_fen": 1_000, "refunded_fen": 999}, WrongState),
        ({"pending_fen": 1}, WrongState),
    ],
)
def test_what_is_shipped_or_paid_is_not_called_off(
    changes: dict[str, Any], refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        rules.check_cancelling(order(**changes))
        return
    with pytest.raises(refusal):
        rules.check_cancelling(order(**changes))


@pytest.mark.parametrize(
    ("changes", "lapses"),
    [
        ({}, True),
        ({"expires_at": NOW + timedelta(microseconds=1)}, False),
        ({"expires_at": None}, False),
        ({"paid_fen": 1}, False),
        ({"pending_fen": 1}, False),
        ({"order_status": S.CANCELLED}, False),
    ],
)
def test_an_order_lapses_when_its_time_is_over_and_no_money_is_coming(
    changes: dict[str, Any],
    lapses: bool,  # noqa: FBT001 - an expectation
) -> None:
    assert rules.may_expire(order(**changes), now=NOW) is lapses


def test_what_is_due_follows_what_was_taken_in() -> None:
    assert rules.due_fen(order(freight_fen=30)) == 1_000
    received = order(fulfilment_status=F.ACCEPTED, accepted_fen=700, freight_fen=30)
    assert rules.due_fen(received) == 730


@pytest.mark.parametrize(
    ("paid", "refunded", "status"),
    [
        (0, 0, P.UNPAID),
        (1, 0, P.PARTLY_PAID),
        (999, 0, P.PARTLY_PAID),
        (1_000, 0, P.PAID),
        (1_000, 1, P.PARTLY_REFUNDED),
        (1_000, 1_000, P.REFUNDED),
    ],
)
def test_the_state_of_the_money_is_read_off_the_amounts(
    paid: int, refunded: int, status: PaymentStatus
) -> None:
    assert rules.payment_status(order(paid_fen=paid, refunded_fen=refunded)) is status


@pytest.mark.parametrize(
    ("changes", "done"),
    [
        ({}, True),
        ({"paid_fen": 699}, False),
        ({"paid_fen": 0, "accepted_fen": 0}, True),
        ({"fulfilment_status": F.SHIPPED}, False),
        ({"order_status": S.COMPLETED}, False),
    ],
)
def test_an_order_is_done_once_all_is_in_and_paid(
    changes: dict[str, Any],
    done: bool,  # noqa: FBT001 - an expectation
) -> None:
    facts = {"fulfilment_status": F.ACCEPTED, "accepted_fen": 700, "paid_fen": 700}
    assert rules.is_done(order(**(facts | changes))) is done
