"""When an order may be placed, decided on and called off, and when it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kernel.actor import Actor
from kernel.errors import Refusal, SamePerson, WrongState
from kernel.money import Fen
from marketplace.errors.orders import (
    DedicationMissing,
    DedicationUnexpected,
    DedicationUnfit,
    PlotNotAdopted,
    StockUnpaid,
    YearNotOpen,
)
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
    PayMode,
    PurchaseOrder,
)
from marketplace.orders.rules import orders as rules
from procurement.approvals.models import ThresholdId
from procurement.approvals.rules import Band, strictest
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.organisations.models import OrganisationKind
from registry.organisations.rules import may_bind

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
TODAY = date(2026, 6, 1)
D = Decimal
S, F, P, K = OrderStatus, FulfilmentStatus, PaymentStatus, OrderKind
DRAWN = {
    (S.DRAFT, S.CANCELLED),
    (S.PENDING_APPROVAL, S.DRAFT),
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


@pytest.mark.parametrize("kind", [K.RESERVED_SHARE, K.PRIORITY, K.PURCHASE_INSTEAD_OF_SALE])
def test_an_ordinary_purchase_is_for_nobody_in_particular(kind: OrderKind) -> None:
    rules.check_kind(kind, dedicated=False)
    with pytest.raises(DedicationUnexpected) as refused:
        rules.check_kind(kind, dedicated=True)
    assert refused.value.pointer == "/dedication"


def test_a_purchase_instead_of_a_donation_names_whom_it_is_for() -> None:
    rules.check_kind(K.PURCHASE_INSTEAD_OF_DONATION, dedicated=True)
    with pytest.raises(DedicationMissing):
        rules.check_kind(K.PURCHASE_INSTEAD_OF_DONATION, dedicated=False)


def test_farming_is_ordered_by_adopting_a_plot() -> None:
    rules.check_kind(K.COMMISSIONED_FARMING, dedicated=False, adopted=True)
    with pytest.raises(PlotNotAdopted) as refused:
        rules.check_kind(K.COMMISSIONED_FARMING, dedicated=False)
    assert refused.value.pointer == "/kind"


def test_stock_for_resale_is_bought_and_not_consigned() -> None:
    rules.check_kind(K.PURCHASE_INSTEAD_OF_SALE, dedicated=False)
    rules.check_pay_mode(K.PURCHASE_INSTEAD_OF_SALE, PayMode.PAY_FIRST)
    rules.check_pay_mode(K.RESERVED_SHARE, PayMode.GOODS_FIRST)
    with pytest.raises(StockUnpaid) as refused:
        rules.check_pay_mode(K.PURCHASE_INSTEAD_OF_SALE, PayMode.GOODS_FIRST)
    assert refused.value.pointer == "/pay_mode"


def test_only_whom_the_goods_are_of_is_helped_by_buying_them() -> None:
    rules.check_dedication(["a", "b"], linked={"a", "b", "c"})
    with pytest.raises(DedicationUnfit) as refused:
        rules.check_dedication(["a", "d"], linked={"a"})
    assert refused.value.figures == {"named": "d"}


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
    assert may_bind(superior, unit_id=UUID(int=2), unit_lineage=path(1, 2))
    assert may_bind(superior, unit_id=UUID(int=3), unit_lineage=path(1, 2, 3))
    assert not may_bind(superior, unit_id=UUID(int=1), unit_lineage=path(1))
    assert not may_bind(superior, unit_id=UUID(int=4), unit_lineage=path(1, 4))
    assert not may_bind(actor(""), unit_id=UUID(int=4), unit_lineage=path(4))


@pytest.mark.parametrize(
    "kind", [OrganisationKind.CANTEEN_CONTRACTOR, OrganisationKind.TRADE_UNION]
)
def test_a_contractor_or_union_buys_for_the_unit_right_above_it(kind: OrganisationKind) -> None:
    account = actor(path(1, 2, 3), kind)
    assert may_bind(account, unit_id=UUID(int=2), unit_lineage=path(1, 2))
    assert not may_bind(account, unit_id=UUID(int=1), unit_lineage=path(1))
    school = actor(path(1, 2, 3))
    assert not may_bind(school, unit_id=UUID(int=2), unit_lineage=path(1, 2))


def test_only_above_the_threshold_somebody_else_approves() -> None:
    band = Band(ThresholdId(UUID(int=1)), None, None, 1, Fen(100))

    def first(fen: int, *bands: Band) -> OrderStatus:
        met = strictest(bands, amounts={None: Fen(fen)}, fund=Fund.CANTEEN)
        return rules.first_status(met)

    assert first(100, band) is S.PLACED
    assert first(101, band) is S.PENDING_APPROVAL
    assert first(101) is S.PLACED


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
    turned_away = order(fulfilment_status=F.ACCEPTED, accepted_fen=0, freight_fen=30)
    assert rules.due_fen(turned_away) == 0


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
