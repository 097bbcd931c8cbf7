"""Treasury orders: several payments that one voucher makes, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel import clock
from kernel.actor import Actor
from kernel.database import constraint_of, db
from kernel.errors import Invalid, SamePerson, WrongState
from kernel.money import Fen
from marketplace.errors.settlement import AmountExceedsDue, PaidTogether
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands.payments import cancel_payment, confirm_payment
from marketplace.settlement.commands.treasury import (
    TreasuryPart,
    cancel_treasury_order,
    confirm_treasury_order,
    draw_treasury_order,
)
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.treasury import TreasuryOrder
from marketplace.settlement.queries.treasury import TreasuryView
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.people import second_account
from tests.builders.settlement import NOW, Market, market, order_of, ordered, quota_of
from tests.conftest import Client
from tests.marketplace.settlement.test_transitions import post
from tests.transitions import Token, strangers, walk

pytestmark = pytest.mark.usefixtures("db_session")


def bureau(there: Market) -> AppUser:
    home = registry.organisation(OrganisationKind.FINANCE_BUREAU, there.unit.region_code)
    return registry.user(home, [Role.FINANCE_SUPERVISOR])


def drawn(there: Market, *parts: tuple[OrderId, int]) -> TreasuryView:
    wanted = [TreasuryPart(order_id, Fen(amount)) for order_id, amount in parts]
    return draw_treasury_order(wanted, by=there.by("finance"), now=NOW)


def two(there: Market) -> tuple[TreasuryView, list[OrderId]]:
    orders = [ordered(there, "10"), ordered(there, "5")]
    return drawn(there, (orders[0], 30_000), (orders[1], 15_000)), orders


def confirmed(view: TreasuryView, by: Actor, voucher: str = "国库1") -> TreasuryView:
    return confirm_treasury_order(
        view.treasury_order.id, voucher=voucher, expected_version=None, by=by, now=NOW
    )


def test_one_voucher_pays_all_orders_at_once() -> None:
    there = market()
    view, orders = two(there)
    assert view.treasury_order.total_fen == 45_000
    assert [order_of(one).pending_fen for one in orders] == [30_000, 15_000]
    done = confirmed(view, registry.actor_of(bureau(there)))
    assert [one.status for one in done.payments] == ["confirmed", "confirmed"]
    assert [order_of(one).paid_fen for one in orders] == [30_000, 15_000]
    assert quota_of(there) == (0, 45_000)


def test_one_order_that_cannot_be_paid_refuses_all() -> None:
    there = market()
    first, second = ordered(there, "10"), ordered(there, "5")
    with pytest.raises(AmountExceedsDue), db.session.begin_nested():
        drawn(there, (first, 30_000), (second, 15_001))
    assert [order_of(one).pending_fen for one in (first, second)] == [0, 0]
    with pytest.raises(Invalid):
        drawn(there, (first, 1), (first, 2))


def test_its_payments_are_not_decided_alone() -> None:
    there = market()
    view, _ = two(there)
    payment_id = PaymentId(view.payments[0].id)
    with pytest.raises(PaidTogether):
        confirm_payment(payment_id, by=there.by("manager"), now=NOW)
    with pytest.raises(PaidTogether):
        cancel_payment(payment_id, reason="填错", by=there.by("finance"), now=NOW)


def test_called_off_its_orders_may_be_paid_anew() -> None:
    there = market()
    view, orders = two(there)
    cancel_treasury_order(
        view.treasury_order.id,
        reason="退回",
        expected_version=None,
        by=there.by("finance"),
        now=NOW,
    )
    assert [order_of(one).pending_fen for one in orders] == [0, 0]
    drawn(there, (orders[0], 30_000))


def test_who_drew_it_up_does_not_confirm_it() -> None:
    there = market()
    view, _ = two(there)
    both = registry.user(there.unit, [Role.FINANCE_SUPERVISOR])
    twin = second_account(both)
    db.session.get_one(TreasuryOrder, view.treasury_order.id).drawn_by = twin.id
    db.session.flush()
    with pytest.raises(SamePerson):
        confirmed(view, registry.actor_of(both))


def test_a_voucher_pays_once() -> None:
    there = market()
    by = registry.actor_of(bureau(there))
    view, _ = two(there)
    confirmed(view, by)
    with pytest.raises(WrongState):
        confirmed(view, by)
    other = drawn(there, (ordered(there, "1"), 3_000))
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        confirmed(other, by)
    assert constraint_of(refused.value) == "uq_treasury_order_voucher"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE treasury_order SET total_fen = 0", "ck_treasury_order_total"),
        ("UPDATE treasury_order SET decided_by = drawn_by", "ck_treasury_order_hands"),
        ("UPDATE treasury_order SET voucher = NULL", "ck_treasury_order_decision"),
        ("UPDATE payment SET method = 'bank_transfer'", "ck_payment_treasury"),
    ],
)
def test_a_treasury_order_that_breaks_it_is_refused_by_name(statement: str, name: str) -> None:
    there = market()
    confirmed(two(there)[0], registry.actor_of(bureau(there)))
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(text(statement))
    assert constraint_of(refused.value) == name


@pytest.mark.parametrize("state", ["drawn", "paid", "cancelled"])
def test_a_treasury_order_moves_only_as_its_table_says(client: Client, state: str) -> None:
    with clock.stopped(NOW):
        there = market()
        officer = bureau(there)
        own = {"drawer": there.finance, "bureau": officer}
        people: Mapping[str, Token] = strangers() | {
            name: registry.token_of(user) for name, user in own.items()
        }
        view = drawn(there, (ordered(there, "1"), 3_000))
        drawn_id = view.treasury_order.id
        if state == "paid":
            confirmed(view, registry.actor_of(officer))
        if state == "cancelled":
            by = there.by("finance")
            cancel_treasury_order(drawn_id, reason="退回", expected_version=None, by=by, now=NOW)
        door = f"/treasury-orders/{drawn_id}"

        def state_now() -> str:
            found = db.session.get_one(TreasuryOrder, drawn_id, populate_existing=True)
            return found.status.value

        walk(
            client,
            "treasury_order",
            state,
            people=people,
            acts={
                "confirm": post(f"{door}/confirm", {"voucher": "GK1"}),
                "cancel": post(f"{door}/cancel", {"reason": "退回"}),
            },
            state_now=state_now,
            shown_in=("treasury_order", "payment", "purchase_order"),
        )
