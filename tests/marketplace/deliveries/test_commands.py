"""Goods that leave and arrive: what each gate gives and takes, and that refusals change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from kernel.actor import SYSTEM
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Invalid, NotFound, Refusal, VersionStale, WrongState
from kernel.events import EventRow
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.deliveries.commands.receiving import NewReceipt, receive_goods
from marketplace.deliveries.commands.shipping import NewShipment, ship_goods
from marketplace.deliveries.models.goods import Receipt, ReceiptLine, Shipment, ShipmentLine
from marketplace.deliveries.queries.goods import list_receipts, list_shipments
from marketplace.deliveries.rules.goods import Sending, Taking
from marketplace.errors.deliveries import OverReceived, OverShipped
from marketplace.errors.lots import LotExpired, StockShort
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderId,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    PayMode,
)
from procurement.quotas.commands import holds as quotas
from procurement.quotas.queries.quotas import list_holds
from registry.regions.models import OriginKind
from tests.builders import marketplace
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Figures,
    Scene,
    confirmed,
    counts,
    figures,
    lines_of,
    listing_of,
    lots_of,
    order_of,
    placed,
    receive,
    scene,
    ship,
    wishes,
)

pytestmark = pytest.mark.usefixtures("db_session")
D = Decimal
S, F, P = OrderStatus, FulfilmentStatus, PaymentStatus
WRITTEN = (Shipment, ShipmentLine, Receipt, ReceiptLine)


def refused(there: Scene, act: Callable[[], object]) -> Refusal:
    """Give how an act is refused, after checking that nothing changed."""
    before = (figures(there), counts(*WRITTEN))
    with pytest.raises(Refusal) as refusal, db.session.begin_nested():
        act()
    db.session.expire_all()
    assert (figures(there), counts(*WRITTEN)) == before
    return refusal.value


def states(order_id: OrderId) -> tuple[OrderStatus, FulfilmentStatus, PaymentStatus]:
    order = order_of(order_id)
    return order.order_status, order.fulfilment_status, order.payment_status


def stands(money: int, capacity: tuple[str, str], stock: tuple[str, str]) -> Figures:
    """Say figures in which no money is spent yet."""
    return Figures((money, 0), (D(capacity[0]), D(capacity[1])), (D(stock[0]), D(stock[1])))


def pay(order_id: OrderId) -> None:
    """Let all the money of an order have come, as settlement does."""
    order = order_of(order_id)
    heading = lines_of(order_id)[0].heading
    quotas.post(order_id=order_id, amounts={heading: order.total_fen}, now=NOW)
    order.paid_fen, order.payment_status = order.total_fen, P.PAID
    db.session.flush()


def accepted_fen(order_id: OrderId) -> dict[OriginKind, Fen]:
    """Read what the quota knows as accepted."""
    return {one.origin_kind: one.accepted_fen for one in list_holds(SYSTEM, order_id)}


def test_goods_first_go_from_hold_to_spent_line_by_line(
    written: Callable[[], list[AuditRow]],
) -> None:
    there = scene()
    order_id = confirmed(there, "6", "4").order.id
    ship(there, order_id, "5", "4")
    assert states(order_id) == (S.CONFIRMED, F.PARTLY_SHIPPED, P.UNPAID)
    assert figures(there) == stands(10 * PRICE, ("10", "0"), ("1", "9"))
    ship(there, order_id, "1")
    assert states(order_id) == (S.CONFIRMED, F.SHIPPED, P.UNPAID)
    receive(there, order_id, ("6", "0"), ("3", "1"))
    assert states(order_id) == (S.CONFIRMED, F.ACCEPTED, P.UNPAID)
    assert figures(there) == stands(9 * PRICE, ("0", "9"), ("0", "9"))
    assert order_of(order_id).accepted_fen == 9 * PRICE
    assert accepted_fen(order_id) == {OriginKind.PROVINCIAL_VILLAGE: 9 * PRICE}
    assert listing_of(there.listing_id).available_quantity == 91
    actions = [row.action for row in written()]
    assert (actions.count("goods_shipped"), actions.count("goods_received")) == (2, 1)
    kinds = list(db.session.scalars(select(EventRow.kind).order_by(EventRow.position)))
    assert kinds[-3:] == ["GoodsShipped", "GoodsShipped", "GoodsAccepted"]


def test_pay_first_goods_leave_paid_and_complete_when_taken_in() -> None:
    there = scene()
    order_id = confirmed(there, "10", pay_mode=PayMode.PAY_FIRST).order.id
    assert isinstance(refused(there, lambda: ship(there, order_id, "10")), WrongState)
    pay(order_id)
    ship(there, order_id, "10")
    receive(there, order_id, ("8", "2"))
    assert states(order_id) == (S.COMPLETED, F.ACCEPTED, P.PAID)
    order = order_of(order_id)
    assert (order.accepted_fen, order.completed_at, order.closed_at) == (8 * PRICE, NOW, NOW)
    assert figures(there) == Figures((0, 10 * PRICE), (D(0), D(8)), (D(0), D(8)))


def test_what_a_final_shipment_leaves_unsent_is_free_at_once() -> None:
    there = scene()
    order_id = confirmed(there, "6", "4").order.id
    ship(there, order_id, "5.5", final=True)
    assert states(order_id) == (S.CONFIRMED, F.SHIPPED, P.UNPAID)
    assert figures(there) == stands(16_500, ("5.5", "0"), ("0", "5.5"))
    assert listing_of(there.listing_id).available_quantity == D("94.5")
    assert isinstance(refused(there, lambda: ship(there, order_id, "0.5")), WrongState)
    receive(there, order_id, ("5.5", "0"))
    assert figures(there) == stands(16_500, ("0", "5.5"), ("0", "5.5"))


def test_a_shipment_of_nothing_ends_what_is_already_received() -> None:
    there = scene()
    order_id = confirmed(there, "6").order.id
    ship(there, order_id, "2")
    receive(there, order_id, ("2", "0"))
    assert states(order_id) == (S.CONFIRMED, F.PARTLY_SHIPPED, P.UNPAID)
    assert ship(there, order_id, final=True) == []
    assert states(order_id) == (S.CONFIRMED, F.ACCEPTED, P.UNPAID)
    assert figures(there) == stands(2 * PRICE, ("0", "2"), ("0", "2"))


def test_an_order_turned_away_whole_owes_nothing_and_is_done() -> None:
    there = scene()
    order_id = confirmed(there, "6").order.id
    ship(there, order_id, "6")
    receive(there, order_id, ("0", "6"))
    assert states(order_id) == (S.COMPLETED, F.ACCEPTED, P.UNPAID)
    assert figures(there) == marketplace.held()


def test_the_accepted_whole_is_rounded_once_however_it_comes() -> None:
    there = scene(stock="0", step="0.5")
    by = there.by("clerk")
    jin = marketplace.listing(there.certificate, by=by, unit=Unit.JIN, step="0.5")
    marketplace.lot(jin, "10", by=by)
    order_id = confirmed(there, lines=wishes((jin, "1.5"))).order.id
    db.session.query(OrderLine).filter_by(order_id=order_id).update(
        {"unit_price_fen": 333, "amount_fen": 500}
    )
    order = order_of(order_id)
    order.goods_fen = order.total_fen = Fen(500)
    db.session.flush()
    ship(there, order_id, "1.5")
    for _ in range(3):
        receive(there, order_id, ("0.5", "0"))
    assert [line.accepted_fen for line in lines_of(order_id)] == [500]
    assert accepted_fen(order_id) == {OriginKind.PROVINCIAL_VILLAGE: 500}


def test_lots_are_emptied_in_the_order_they_are_held_and_receipts_follow() -> None:
    there = scene(stock="0")
    by = there.by("clerk")
    late = marketplace.lot(there.listing_id, "5", by=by, expires_on=date(2026, 6, 20))
    soon = marketplace.lot(there.listing_id, "5", by=by, expires_on=date(2026, 6, 9))
    order_id = confirmed(there, "8").order.id
    sent = ship(there, order_id, "7")
    assert [(one.lot_id, one.quantity, one.moved) for one in sent] == [
        (soon, D(5), False),
        (late, D(2), False),
    ]
    receive(there, order_id, ("4", "2"))
    rows = db.session.scalars(select(ReceiptLine).order_by(ReceiptLine.accepted_quantity)).all()
    assert [(one.accepted_quantity, one.rejected_quantity, one.reason) for one in rows] == [
        (D(0), D(1), "烂果"),
        (D(4), D(1), "烂果"),
    ]
    assert {lot.id: (lot.held, lot.shipped) for lot in lots_of(there.listing_id)} == {
        soon: (D(0), D(4)),
        late: (D(1), D(1)),
    }


def test_a_named_lot_takes_the_hold_with_it_and_gets_rejects_back() -> None:
    there = scene(stock="10")
    [held_lot] = lots_of(there.listing_id)
    named = marketplace.lot(there.listing_id, "4000", by=there.by("clerk"), unit=Unit.G)
    order_id = confirmed(there, "10").order.id
    sent = ship(there, order_id, "3", lot_id=named)
    assert [(one.lot_id, one.lot_quantity, one.moved) for one in sent] == [(named, D(3000), True)]
    refusal = refused(there, lambda: ship(there, order_id, "2", lot_id=named))
    assert isinstance(refusal, StockShort)
    assert refusal.figures["available"] == D(1000)
    ship(there, order_id, "1", lot_id=named)
    receive(there, order_id, ("2.5", "1.5"))
    assert {lot.id: (lot.held, lot.shipped) for lot in lots_of(there.listing_id)} == {
        held_lot.id: (D(6), D(0)),
        named: (D(0), D(2500)),
    }


def test_a_lot_past_its_last_day_does_not_leave() -> None:
    there = scene(stock="0")
    by = there.by("clerk")
    marketplace.lot(there.listing_id, "5", by=by, expires_on=date(2026, 6, 2))
    order_id = confirmed(there, "2").order.id
    [line] = lines_of(order_id)
    new = NewShipment(carrier="演示冷链", lines=[Sending(line.id, D(2))])
    at = NOW + timedelta(days=1)

    def late() -> object:
        return ship_goods(new, order_id=order_id, expected_version=None, by=by, now=at)

    assert isinstance(refused(there, late), LotExpired)


def test_what_does_not_fit_is_refused() -> None:
    there, elsewhere = scene(), scene()
    [foreign] = lots_of(elsewhere.listing_id)
    unconfirmed = placed(there, "1").order.id
    assert isinstance(refused(there, lambda: ship(there, unconfirmed, "1")), WrongState)
    order_id = confirmed(there, "10").order.id
    assert isinstance(refused(there, lambda: ship(there, order_id, "10.5")), OverShipped)
    assert isinstance(refused(there, lambda: ship(elsewhere, order_id, "1")), NotFound)
    refusal = refused(there, lambda: ship(there, order_id, "1", lot_id=foreign.id))
    assert (type(refusal), refusal.pointer) == (Invalid, "/lines/0/lot_id")
    assert isinstance(refused(there, lambda: receive(there, order_id, ("1", "0"))), WrongState)
    ship(there, order_id, "4")
    assert isinstance(refused(there, lambda: receive(there, order_id, ("4.5", "0"))), OverReceived)
    assert isinstance(refused(there, lambda: receive(elsewhere, order_id, ("1", "0"))), NotFound)


def test_a_stale_version_is_refused() -> None:
    there = scene()
    order_id = confirmed(there, "1").order.id
    [line] = lines_of(order_id)
    new = NewShipment(carrier="演示冷链", lines=[Sending(line.id, D(1))])
    with pytest.raises(VersionStale):
        ship_goods(new, order_id=order_id, expected_version=1, by=there.by("clerk"), now=NOW)
    ship_goods(new, order_id=order_id, expected_version=2, by=there.by("clerk"), now=NOW)
    receipt = NewReceipt([Taking(line.id, D(1), D(0))])
    with pytest.raises(VersionStale):
        receive_goods(receipt, order_id=order_id, expected_version=2, by=there.by("buyer"), now=NOW)


def test_shipments_and_receipts_are_listed_to_those_who_see_the_order() -> None:
    there = scene()
    order_id = confirmed(there, "10").order.id
    ship(there, order_id, "4")
    ship(there, order_id, "6")
    receive(there, order_id, ("5", "1"))
    sent = list_shipments(there.by("buyer"), order_id, limit=10, cursor=None).items
    assert [[line.quantity for line in one.lines] for one in sent] == [[D(6)], [D(4)]]
    [receipt] = list_receipts(there.by("clerk"), order_id, limit=10, cursor=None).items
    assert {(line.accepted_quantity, line.rejected_quantity) for line in receipt.lines} == {
        (D(4), D(0)),
        (D(1), D(1)),
    }
    for query in (list_shipments, list_receipts):
        with pytest.raises(NotFound):
            query(scene().by("buyer"), order_id, limit=10, cursor=None)
