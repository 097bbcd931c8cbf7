"""Pages of who buys, receives, approves and pays: they show what the API gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest

from console.widgets.formats import yuan
from marketplace.orders.models.orders import PayMode
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import marketplace as market
from tests.builders import registry
from tests.builders import settlement as money
from tests.builders.offers import picture
from tests.conftest import Client
from tests.console.visitor import Visitor


@pytest.fixture(autouse=True)
def _noon(clock_at: Callable[[Any], Any]) -> Iterator[None]:
    with clock_at(market.NOW):
        yield


def test_the_first_page_says_what_the_api_says_is_owed(client: Client) -> None:
    there = money.market()
    order_id = money.ordered(there, "20", also=None)
    money.paid(there, order_id, 60_000)
    buyer = Visitor.of(client, there.buyer)
    report = buyer.ask("/procurement/completion?year=2026")
    page = buyer.open("/canteen")
    for figure in ("owed_fen", "reserved_fen", "counted_fen", "paid_fen", "ordered_fen"):
        assert yuan(report[figure]) in page
    assert report["policy"]["source"].split(" / ")[0] in page
    entries = buyer.ask("/procurement/completion/entries?year=2026&figure=paid")
    assert yuan(entries["total_fen"]) in buyer.open("/canteen/figures?year=2026&figure=paid")
    (address,) = set(re.findall(r'href="(/canteen/shortfall[^"]*)"', page))
    assert f"as_of={market.NOW:%Y-%m-%dT%H}" in address
    assert yuan(report["owed_fen"]) in buyer.open(address)


def test_a_basket_becomes_orders_and_comes_back_with_one_press(client: Client) -> None:
    there = market.scene()
    buyer = Visitor.of(client, there.buyer)
    shown = buyer.open(f"/canteen/shop/{there.listing_id}")
    fields = dict(re.findall(r'name="(_mark)" value="([^"]*)"', shown))
    buyer.post(f"/canteen/basket/{there.listing_id}", {**fields, "quantity": "5"})
    assert yuan(5 * market.PRICE) in buyer.open("/canteen/basket")
    wanted = {"fund": "canteen", "pay_mode": "goods_first", "delivery__address": "演示路 1 号"}
    refused = buyer.send("/canteen/basket", "orders.check_out", 422, **{**wanted, "year": "这"})
    assert 'value="这"' in refused
    assert "演示路 1 号" in refused
    assert buyer.ask("/orders")["items"] == []
    buyer.send("/canteen/basket", "orders.check_out", **wanted)
    (order,) = buyer.ask("/orders")["items"]
    assert order["number"] in buyer.open("/canteen/orders")
    again = f"/canteen/orders/{order['id']}/again"
    assert buyer.post(again, fields).endswith("/canteen/basket")
    assert "演示丝苗米" in buyer.open("/canteen/basket")


def test_goods_are_taken_in_at_the_door_with_reason_and_photo(client: Client) -> None:
    there = market.scene()
    view = market.confirmed(there, "10")
    market.ship(there, view.order.id, "10")
    path = f"/canteen/orders/{view.order.id}/receive"
    buyer = Visitor.of(client, there.buyer)
    assert view.order.number in buyer.open("/canteen/receiving")
    some = {"lines.0.accepted_quantity": "8", "lines.0.rejected_quantity": "2"}
    refused = buyer.send(path, "deliveries.receive:" + str(view.order.id), 422, **some)
    assert 'href="#f-lines-0-reason"' in refused
    assert 'value="8"' in refused
    assert buyer.ask(f"/orders/{view.order.id}/receipts")["items"] == []
    told: dict[str, Any] = {**some, "lines.0.reason_code": "damaged"}
    told["lines.0.photo"] = (BytesIO(picture()), "box.jpg")
    buyer.send(path, "deliveries.receive:" + str(view.order.id), **told)
    (receipt,) = buyer.ask(f"/orders/{view.order.id}/receipts")["items"]
    assert receipt["lines"][0]["reason_code"] == "damaged"
    assert len(receipt["photos"]) == 1
    page = buyer.open(f"/canteen/orders/{view.order.id}")
    assert yuan(receipt["accepted_fen"]) in page
    paper = client.get(f"/canteen/receipts/{receipt['id']}/acceptance.pdf")
    assert paper.data.startswith(b"%PDF")


def test_a_row_that_is_left_empty_does_not_move_the_errors_of_the_next(client: Client) -> None:
    there = market.scene()
    listing_id = market.listing(there.certificate, by=there.by("clerk"))
    market.lot(listing_id, "50", by=there.by("clerk"))
    lines = market.wishes((there.listing_id, "5"), (listing_id, "5"))
    view = market.confirmed(there, lines=lines)
    market.ship(there, view.order.id, "5", "5")
    form = f"deliveries.receive:{view.order.id}"
    some = {"lines.0.accepted_quantity": "", "lines.1.accepted_quantity": "9"}
    path = f"/canteen/orders/{view.order.id}/receive"
    refused = Visitor.of(client, there.buyer).send(path, form, 422, **some)
    assert 'href="#f-lines-1-accepted_quantity"' in refused
    assert 'href="#f-lines-0-accepted_quantity"' not in refused


def test_who_approves_sees_the_quota_and_decides(client: Client) -> None:
    there = market.scene(stock="2000", capacity="5000")
    first = market.placed(there, "900").order
    second = market.placed(there, "800").order
    approver = Visitor.of(client, there.approver)
    assert first.number in approver.open("/canteen/approvals")
    path = f"/canteen/approvals/{first.id}"
    quota = approver.ask("/procurement/quotas?year=2026&fund=canteen")
    assert yuan(quota["available_fen"]) in approver.open(path)
    approver.send(path, f"orders.approve:{first.id}:approve")
    assert approver.ask(f"/orders/{first.id}")["order_status"] == "placed"
    back = f"/canteen/approvals/{second.id}"
    refused = approver.send(back, f"orders.send_back:{second.id}:send-back", 422, reason="")
    assert 'href="#f-send-back-reason"' in refused
    assert approver.ask(f"/orders/{second.id}")["order_status"] == "pending_approval"
    approver.send(back, f"orders.send_back:{second.id}:send-back", reason="数量过多")
    assert "数量过多" in Visitor.of(client, there.buyer).open(f"/canteen/orders/{second.id}")
    Visitor.of(client, there.buyer).open("/canteen/approvals", 403)


def test_what_binds_has_a_page_of_its_own(client: Client) -> None:
    there = market.scene()
    order = market.placed(there, "5").order
    buyer = Visitor.of(client, there.buyer)
    page = buyer.open(f"/canteen/orders/{order.id}/do/cancel")
    assert yuan(5 * market.PRICE) in page
    buyer.send(f"/canteen/orders/{order.id}/do/cancel", f"orders.cancel:{order.id}", reason="错单")
    assert buyer.ask(f"/orders/{order.id}")["order_status"] == "cancelled"
    buyer.open(f"/canteen/orders/{order.id}/do/dance", 404)
    stranger = registry.user(registry.organisation(), [Role.COOP_CLERK])
    Visitor.of(client, stranger).open(f"/canteen/orders/{order.id}", 404)
    client.delete_cookie("bangfu_session")
    assert client.get("/canteen/orders").status_code == 303


def test_an_order_is_replaced_by_another_in_one_step(client: Client) -> None:
    there = market.scene()
    order = market.placed(there, "5").order
    buyer = Visitor.of(client, there.buyer)
    path, form = f"/canteen/orders/{order.id}/replace", f"orders.replace:{order.id}"
    led = buyer.send(path, form, lines__0__quantity="7")
    new = led.rpartition("/")[2]
    assert buyer.ask(f"/orders/{order.id}")["order_status"] == "cancelled"
    assert buyer.ask(f"/orders/{new}")["lines"][0]["quantity"] == "7.000"


def test_finance_registers_a_payment_and_a_refund_in_yuan(client: Client) -> None:
    there = money.market()
    order_id = money.ordered(there, "20", mode=PayMode.GOODS_FIRST)
    money.shipped(there, order_id, (20, None), final=True)
    money.received(there, order_id, "20")
    finance = Visitor.of(client, there.finance)
    number = money.order_of(order_id).number
    due = finance.ask(f"/orders/{order_id}/payment-clock")["due_on"]
    calendar = finance.open("/canteen/payments")
    assert number in calendar
    assert f"{int(due[5:7])}月{int(due[8:])}日" in calendar
    path, form = f"/canteen/orders/{order_id}/pay", f"settlement.register:{order_id}"
    refused = finance.send(path, form, 422, method="bank_transfer", amount_fen="三百")
    assert 'href="#f-amount_fen"' in refused
    assert 'value="三百"' in refused
    led = finance.send(path, form, method="bank_transfer", amount_fen="600.00", reference="R1")
    payment = finance.ask(f"/payments/{led.rpartition('/')[2]}")
    assert (payment["amount_fen"], payment["status"]) == (60_000, "pending")
    assert "登记付款" not in Visitor.of(client, there.buyer).open(f"/canteen/orders/{order_id}")
    cancel = f"/canteen/payments/{payment['id']}/cancel"
    finance.send(cancel, f"settlement.cancel:{payment['id']}", reason="登记有误")
    confirmed = money.paid(there, order_id, 60_000)
    refund = f"/canteen/payments/{confirmed.id}/refund"
    form = f"settlement.refund:{confirmed.id}"
    finance.send(refund, form, amount_fen="12.50", reason="短少")
    assert finance.ask(f"/payments/{confirmed.id}")["refunded_fen"] == 1_250
    assert yuan(1_250) in finance.open(f"/canteen/orders/{order_id}/statement")


def test_several_orders_go_under_one_treasury_voucher(client: Client) -> None:
    there = money.market()
    first = money.ordered(there, "10", mode=PayMode.GOODS_FIRST)
    second = money.ordered(there, "12", mode=PayMode.GOODS_FIRST)
    for order_id, count in ((first, 10), (second, 12)):
        money.shipped(there, order_id, (count, None), final=True)
        money.received(there, order_id, str(count))
    finance = Visitor.of(client, there.finance)
    page = finance.open("/canteen/treasury/new")
    boxes = dict(re.findall(r'name="(parts\.\d\.order_id)" value="([^"]*)"', page))
    finance.send("/canteen/treasury/new", "treasury.draw", **boxes)
    (drawn,) = finance.ask("/treasury-orders")["items"]
    assert drawn["total_fen"] == 22 * money.PRICE
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU)
    supervisor = Visitor.of(client, registry.user(bureau, [Role.FINANCE_SUPERVISOR]))
    path, form = f"/canteen/treasury/{drawn['id']}", f"treasury.confirm:{drawn['id']}"
    supervisor.send(path, form, voucher="V-1")
    assert finance.ask(f"/treasury-orders/{drawn['id']}")["status"] == "paid"
