"""Chapter three: orders, an approval, deliveries, a rejected kilogram, payments, refunds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from demo.api import Answer, Person, StoryStopped
from demo.goods import PRODUCTS
from demo.stage import Stage, wait_until

ADDRESS = "东莞市高埗镇示范路1号 学校食堂收货口"
NOTE = "送到前一小时请打电话"
SIDES = {product.key: product.side for product in PRODUCTS}


@dataclass(frozen=True)
class Purchase:
    """An order of the story: who buys how much of what, and what goes wrong with it."""

    key: str
    unit: str
    kind: str
    pay_mode: str
    quantities: Mapping[str, int]
    fund: str = "canteen"
    buyer: str = "buyer"
    rejected: Mapping[str, int] = field(default_factory=dict)
    refunded: Mapping[str, int] = field(default_factory=dict)
    """Fen that went back after the payment, by product."""
    refund_reason: str = ""
    dedicated: bool = False
    by_alipay: bool = False
    """Paid at Stripe, where there is one; else by bank transfer as the others."""
    needs_approval: bool = False


PURCHASES = (
    Purchase(
        key="rice_and_oil",
        unit="primary",
        kind="reserved_share",
        pay_mode="goods_first",
        quantities={"rice": 900, "oil": 30},
        rejected={"rice": 1},
        refunded={"oil": 2 * 9_800},
        refund_reason="开箱后发现两瓶渗漏",
    ),
    Purchase(
        key="large",
        unit="middle",
        kind="reserved_share",
        pay_mode="pay_first",
        quantities={"rice": 6_500, "oil": 180},
        needs_approval=True,
    ),
    Purchase(
        key="village",
        unit="primary",
        kind="reserved_share",
        pay_mode="goods_first",
        quantities={"taro": 400},
        by_alipay=True,
    ),
    Purchase(
        key="gift",
        unit="primary",
        kind="purchase_instead_of_donation",
        pay_mode="goods_first",
        quantities={"taro": 300},
        fund="union",
        buyer="union",
        dedicated=True,
    ),
)


def buy(stage: Stage) -> None:
    """Carry every purchase from the order to the posted attribution."""
    for purchase in PURCHASES:
        order = _place(stage, purchase)
        path = f"/orders/{order['id']}"
        seller = stage.person(f"{_side(purchase)}.manager")
        seller.post(f"{path}/confirm")
        if purchase.pay_mode == "pay_first":
            _pay(stage, purchase, order_id=order["id"])
            _deliver(stage, purchase, order=order)
        else:
            _deliver(stage, purchase, order=order)
            _pay(stage, purchase, order_id=order["id"])
        _wait_for_attribution(stage, purchase, order_id=order["id"])
    for purchase in PURCHASES:
        if purchase.refunded:
            _refund(stage, purchase)


def _side(purchase: Purchase) -> str:
    (side,) = {SIDES[key] for key in purchase.quantities}
    return side


def _place(stage: Stage, purchase: Purchase) -> Answer:
    body = {
        "kind": purchase.kind,
        "bound_unit_id": stage.organisation(purchase.unit),
        "year": stage.year,
        "fund": purchase.fund,
        "pay_mode": purchase.pay_mode,
        "lines": [
            {"listing_id": stage.listings[key]["id"], "quantity": str(quantity)}
            for key, quantity in purchase.quantities.items()
        ],
        "delivery": {"address": ADDRESS, "contact": "食堂值班", "note": NOTE},
    }
    if purchase.dedicated:
        body["dedication"] = {"household_codes": stage.household_codes[_side(purchase)]}
    order = stage.person(f"{purchase.unit}.{purchase.buyer}").post("/orders", body)
    stage.tell(f"下单 {order['number']} {order['total_fen'] / 100:,.2f} 元 / order placed")
    waits = order["order_status"] == "pending_approval"
    if waits != purchase.needs_approval:
        raise StoryStopped(f"{purchase.key}: approval {waits}, expected {purchase.needs_approval}")
    if waits:
        stage.person(f"{purchase.unit}.approver").post(f"/orders/{order['id']}/approve")
        stage.tell(f"超过审批额度，已由另一人批准 {order['number']} / approved by somebody else")
    return order


def _deliver(stage: Stage, purchase: Purchase, *, order: Answer) -> None:
    clerk = stage.person(f"{_side(purchase)}.clerk")
    path = f"/orders/{order['id']}"
    lines = list(zip(purchase.quantities.items(), order["lines"], strict=True))
    shipped = [
        {"order_line_id": line["id"], "quantity": str(quantity)} for (_, quantity), line in lines
    ]
    clerk.post(f"{path}/shipments", {"lines": shipped, "carrier": "合作社自送（演示）"})
    received = []
    for (key, quantity), line in lines:
        rejected = purchase.rejected.get(key, 0)
        row = {
            "order_line_id": line["id"],
            "accepted_quantity": str(quantity - rejected),
            "rejected_quantity": str(rejected),
        }
        if rejected:
            row["reason"] = "袋口受潮结块"
        received.append(row)
    stage.person(f"{purchase.unit}.buyer").post(f"{path}/receipts", {"lines": received})
    stage.tell(f"到货验收 {order['number']} / shipped and received")


def _pay(stage: Stage, purchase: Purchase, *, order_id: str) -> None:
    order = _asked(stage, purchase, order_id=order_id)
    goods_fen = order["accepted_fen" if order["fulfilment_status"] == "accepted" else "goods_fen"]
    due_fen = goods_fen + order["freight_fen"]
    finance = stage.person(f"{purchase.unit}.finance")
    path, due = (
        f"/orders/{order_id}/payments",
        {"amount_fen": due_fen, "reference": order["number"]},
    )
    if purchase.by_alipay and stage.stripe:
        payment = finance.post(path, {**due, "method": "stripe", "way": "alipay"})
        _follow_to_alipay(finance, payment["id"])
    else:
        payment = finance.post(path, {**due, "method": "bank_transfer"})
        stage.person(f"{_side(purchase)}.manager").post(f"/payments/{payment['id']}/confirm")
    stage.payments[purchase.key] = payment
    stage.tell(f"付款到账 {order['number']} {due_fen / 100:,.2f} 元 / paid")


def _follow_to_alipay(finance: Person, payment_id: str) -> None:
    """Pay where Stripe leads to, and wait until it has told the server."""
    page = wait_until(
        lambda: finance.get(f"/payments/{payment_id}/stripe"),
        holds=lambda page: page["next_step"] is not None,
    )
    httpx.post(page["next_step"]).raise_for_status()
    wait_until(
        lambda: finance.get(f"/payments/{payment_id}"),
        holds=lambda payment: payment["status"] == "confirmed",
    )


def _refund(stage: Stage, purchase: Purchase) -> None:
    order = stage.orders[purchase.key]
    amounts = dict(zip(purchase.quantities, order["lines"], strict=True))
    refunded_fen = sum(purchase.refunded.values())
    refund = {
        "amount_fen": refunded_fen,
        "reason": purchase.refund_reason,
        "lines": [
            {"order_line_id": amounts[key]["id"], "amount_fen": amount}
            for key, amount in purchase.refunded.items()
        ],
    }
    payment = stage.payments[purchase.key]
    seller = stage.person(f"{_side(purchase)}.manager")
    seller.post(f"/payments/{payment['id']}/refunds", refund)
    _wait_for_attribution(stage, purchase, order_id=order["id"])
    stage.tell(f"退款 {order['number']} {refunded_fen / 100:,.2f} 元 / refunded")


def _asked(stage: Stage, purchase: Purchase, *, order_id: str) -> Answer:
    return stage.person(f"{purchase.unit}.{purchase.buyer}").get(f"/orders/{order_id}")


def _wait_for_attribution(stage: Stage, purchase: Purchase, *, order_id: str) -> None:
    """Wait until what the order's money was split into is what was paid and not given back."""
    order = stage.orders[purchase.key] = _asked(stage, purchase, order_id=order_id)
    buyer = stage.person(f"{purchase.unit}.{purchase.buyer}")
    wait_until(
        lambda: buyer.get(f"/orders/{order_id}/attribution"),
        holds=lambda split: (
            split["status"] == "posted"
            and split["amount_fen"] == order["paid_fen"] - order["refunded_fen"]
        ),
    )
