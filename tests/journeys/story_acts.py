"""What people do with goods in the story: the same act on the real market and on the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import ChangeKind
from marketplace.deliveries.commands.receiving import NewReceipt, receive_goods
from marketplace.deliveries.commands.shipping import NewShipment, ship_goods
from marketplace.deliveries.rules.goods import Sending, Taking
from marketplace.lots.models import LotId
from marketplace.orders.commands.deciding import (
    approve_order,
    cancel_order,
    confirm_order,
    reject_order,
)
from marketplace.orders.commands.placing import LineWish, NewOrder, place_checkout, place_order
from marketplace.orders.models.orders import OrderId, OrderLineId, PayMode
from marketplace.orders.queries.showing import Delivery, OrderView
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from tests.journeys.story_model import OPEN, Market, Order
from tests.journeys.story_split import ZERO, Line, Sent, worth
from tests.journeys.story_stage import KINDS, PRICES, SUPPLIERS, THRESHOLD, Stage

TENTH = Decimal("0.1")
WHOLE = 10
DELIVERY = Delivery("演示路1号")
AFTER = {
    ChangeKind.SUSPENDED: "suspended",
    ChangeKind.REINSTATED: "in_force",
    ChangeKind.REVOKED: "revoked",
}
PAY_FIRST_DAYS = timedelta(days=30)


@dataclass
class Goods:
    """Both markets at one instant; every act changes both, or is refused by both."""

    there: Stage
    model: Market
    now: datetime
    fired: Counter[str]
    certificates: list[str] = field(default_factory=lambda: ["in_force"] * len(PRICES))

    def place(
        self, wishes: Mapping[int, Decimal], *, goods_first: bool, together: bool = False
    ) -> None:
        """Order, where certificates, money, capacity and stock allow it; all or nothing."""
        new, by = self.order_for(wishes, goods_first=goods_first), self.there.by["buyer"]
        refusal = self.refuses_order(wishes)

        def act() -> Sequence[OrderView]:
            if together:
                return place_checkout(new, by=by, now=self.now)
            return [place_order(new, by=by, now=self.now)]

        views = self.there.attempt(act, expected=refusal)
        self.fired[f"{'checkout' if together else 'place'} {refusal or 'done'}"] += 1
        if views is not None:
            self.fired["checkout of two"] += len(views) > 1
            self.write(views, wishes, goods_first=goods_first)

    def order_for(self, wishes: Mapping[int, Decimal], *, goods_first: bool) -> NewOrder:
        """Say what is wanted in the words of the real market."""
        return NewOrder(
            kind=OrderKind.RESERVED_SHARE,
            bound_unit_id=self.there.units[0],
            year=2026,
            fund=Fund.CANTEEN,
            pay_mode=PayMode.GOODS_FIRST if goods_first else PayMode.PAY_FIRST,
            lines=[LineWish(self.there.listings[i], q) for i, q in wishes.items()],
            delivery=DELIVERY,
        )

    def write(
        self, views: Sequence[OrderView], wishes: Mapping[int, Decimal], *, goods_first: bool
    ) -> None:
        """Write down in the model what was placed."""
        total = sum(worth(quantity, PRICES[i]) for i, quantity in wishes.items())
        status = "pending_approval" if total > THRESHOLD else "placed"
        mode, expires_at = "goods_first", None
        if not goods_first:
            mode, expires_at = "pay_first", self.now + PAY_FIRST_DAYS
        assert sum(len(view.lines) for view in views) == len(wishes)
        for view in views:
            lines = []
            for line in view.lines:
                i = self.there.listings.index(line.listing_id)
                lines.append(Line(line.id, i, KINDS[i], wishes[i], PRICES[i]))
            supplier = SUPPLIERS[lines[0].listing]
            order = Order(view.order.id, mode, status, expires_at, lines, supplier)
            order.number = view.order.number
            self.model.orders.append(order)

    def refuses_order(self, wishes: Mapping[int, Decimal]) -> str | None:
        """Say why an order would be refused: supplier by supplier, money before goods."""
        if self.model.is_over:
            return "year_not_open"
        if any(self.certificates[i] != "in_force" for i in wishes):
            return "certificate_not_in_force"
        left = self.model.available_fen(0)
        for supplier in sorted(set(SUPPLIERS), key=lambda one: self.there.cooperatives[one]):
            own = {i: quantity for i, quantity in wishes.items() if SUPPLIERS[i] == supplier}
            left -= sum(worth(quantity, PRICES[i]) for i, quantity in own.items())
            if left < 0 and own:
                return "quota_exceeded"
            refusals = [self.refuses_goods(i, quantity) for i, quantity in own.items()]
            for refusal in ("capacity_exceeded", "stock_short"):
                if refusal in refusals:
                    return refusal
        return None

    def refuses_goods(self, listing: int, quantity: Decimal) -> str | None:
        """Say why so much of a listing would be refused by its certificate's year or its lots."""
        wanted = quantity * self.model.factors[listing]
        if sum(self.model.capacity(listing)) + wanted > self.model.declared:
            return "capacity_exceeded"
        return "stock_short" if wanted > self.model.free(listing) else None

    def decide(self, order: Order, *, who: str, reject: bool) -> None:
        """Approve or reject; the author may not, and of another unit's nobody knows."""
        refusal = None
        if order.unit:
            refusal = "not_found"
        elif order.status != "pending_approval":
            refusal = "wrong_state"
        elif who == "buyer":
            refusal = "same_person"
        by, order_id = self.there.by[who], OrderId(order.id)

        def act() -> object:
            if reject:
                return reject_order(
                    order_id, reason="不需要", expected_version=None, by=by, now=self.now
                )
            return approve_order(order_id, expected_version=None, by=by, now=self.now)

        self.there.attempt(act, expected=refusal)
        if refusal is None:
            order.status = "cancelled" if reject else "placed"
            self.fired["reject" if reject else "approve"] += 1

    def confirm(self, order: Order) -> None:
        """Take the order on."""
        refusal = None if order.status == "placed" else "wrong_state"
        by = self.there.by[f"manager{order.supplier}"]
        self.there.attempt(
            lambda: confirm_order(OrderId(order.id), expected_version=None, by=by, now=self.now),
            expected=refusal,
        )
        if refusal is None:
            order.status, order.taken_on = "confirmed", True
            self.fired["confirm"] += 1

    def cancel(self, order: Order, *, who: str) -> None:
        """Call the order off, before anything is shipped or paid."""
        free = order.may_cancel()
        by = self.there.by["buyer" if who == "buyer" else f"manager{order.supplier}"]
        self.there.attempt(
            lambda: cancel_order(
                OrderId(order.id), reason="不要了", expected_version=None, by=by, now=self.now
            ),
            expected=None if free else "wrong_state",
        )
        if free:
            order.status = "cancelled"
            self.fired["cancel"] += 1

    def ship(self, order: Order, shares: tuple[int, int], *, lot: int, final: bool) -> None:
        """Send tenths of what is left of the lines, sometimes from a lot that is named."""
        sendings = []
        for line, share in zip(order.lines, cycle(shares), strict=False):
            quantity = tenths_of(line.quantity - line.shipped, share)
            if quantity:
                named = self._lot_of(line, lot)
                sendings.append(Sending(OrderLineId(line.id), quantity, named))
        empty = not sendings and not (final and order.fulfilment == "partly_shipped")
        new = NewShipment(carrier="演示车队", lines=sendings, final=final)
        by, order_id = self.there.by[f"clerk{order.supplier}"], OrderId(order.id)
        view = self.there.attempt(
            lambda: ship_goods(new, order_id=order_id, expected_version=None, by=by, now=self.now),
            expected="invalid" if order.may_ship() and empty else _unless(order.may_ship()),
            perhaps="stock_short" if any(one.lot_id for one in sendings) else None,
        )
        if view is None:
            return
        lines = {line.id: line for line in order.lines}
        for one in sendings:
            lines[one.order_line_id].shipped += one.quantity
        for row in view.lines:
            lot_there = self.model.lots[row.lot_id]
            lines[row.order_line_id].sent[row.id] = Sent(lot_there, row.quantity, row.lot_quantity)
        for line in order.lines:
            assert sum((one.quantity for one in line.sent.values()), ZERO) == line.shipped
        whole = all(line.shipped == line.quantity for line in order.lines)
        order.fulfilment = "shipped" if final or whole else "partly_shipped"
        order.settle()
        self.fired["ship named" if any(one.lot_id for one in sendings) else "ship"] += 1

    def _lot_of(self, line: Line, lot: int) -> LotId | None:
        """Name one of the line's lots every third time."""
        own = [one for one in self.model.lots.values() if one.listing == line.listing]
        return LotId(own[lot % len(own)].id) if lot % 3 == 0 else None

    def receive(self, order: Order, shares: tuple[int, int], *, good: int) -> None:
        """Take tenths of what is under way, so many tenths of it in and the rest not."""
        takings = []
        for line, share in zip(order.lines, cycle(shares), strict=False):
            taken = tenths_of(line.under_way, share)
            accepted = tenths_of(taken, good)
            rejected = taken - accepted
            if taken:
                reason = "受潮" if rejected else None
                takings.append(Taking(OrderLineId(line.id), accepted, rejected, reason))
        if not takings:
            return
        under_way = order.fulfilment in {"partly_shipped", "shipped"}
        new = NewReceipt(lines=takings)
        by, order_id = self.there.by["buyer"], OrderId(order.id)
        view = self.there.attempt(
            lambda: receive_goods(
                new, order_id=order_id, expected_version=None, by=by, now=self.now
            ),
            expected=None if under_way else "wrong_state",
        )
        if view is None:
            return
        lines = {line.id: line for line in order.lines}
        before = {line.id: (line.accepted, line.rejected) for line in order.lines}
        for row in view.lines:
            sent = lines[row.order_line_id].sent[row.shipment_line_id]
            sent.accepted += row.accepted_quantity
            sent.rejected += row.rejected_quantity
            assert sent.accepted + sent.rejected <= sent.quantity
        for one in takings:
            accepted, rejected = before[one.order_line_id]
            line = lines[one.order_line_id]
            assert line.accepted == accepted + one.accepted_quantity
            assert line.rejected == rejected + one.rejected_quantity
        order.settle()
        self.fired["receive"] += 1

    def lapse(self) -> int:
        """Let orders lapse whose time is over and that no money came or is coming for."""
        over = [
            order
            for order in self.model.orders
            if order.status in OPEN
            and order.expires_at is not None
            and order.expires_at <= self.now
            and not order.paid()
            and not order.paid("pending")
        ]
        for order in over:
            order.status = "expired"
        return len(over)

    def turn_certificate(self, listing: int, change: ChangeKind) -> None:
        """Suspend a certificate, bring a suspended one back, or revoke it for good."""
        by, certificate = self.there.by["reviewer"], self.there.certificates[listing]
        self.there.attempt(
            lambda: change_certificate(certificate, change, reason="抽检", by=by, now=self.now),
            expected=None,
        )
        self.certificates[listing] = AFTER[change]
        self.fired[str(change)] += 1
        self.deliver_news()

    def deliver_news(self) -> None:
        """Let the handlers take the news in: the split of every order is brought up to date."""
        self.there.deliver_news(self.now)
        for order in self.model.orders:
            for line in order.lines:
                line.split(self.model.cooperatives[order.supplier])
        self.fired["news"] += 1


def _unless(fits: bool) -> str | None:  # noqa: FBT001 - a question and its answer
    return None if fits else "wrong_state"


def tenths_of(quantity: Decimal, tenths: int) -> Decimal:
    """Take so many tenths of a quantity, to one place; ten are all of it."""
    return quantity if tenths >= WHOLE else (quantity * tenths / 10).quantize(TENTH)
