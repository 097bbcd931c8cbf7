"""What people change in orders that stand: another unit, other goods, more time, a new order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from kernel.database import db
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.deliveries.commands.substituting import (
    accept_substitute,
    propose_substitute,
    refuse_substitute,
    withdraw_substitute,
)
from marketplace.deliveries.models.goods import Substitution
from marketplace.deliveries.rules.substituting import NewSubstitute
from marketplace.orders.commands.changing import extend_order, replace_order
from marketplace.orders.commands.rebinding import (
    NewRebinding,
    consent_to_rebinding,
    refuse_rebinding,
    request_rebinding,
    withdraw_rebinding,
)
from marketplace.orders.models.orders import OrderId, OrderLineId
from marketplace.settlement.commands.matching import match_lines
from marketplace.settlement.models.payments import Payment as Booked
from tests.builders.statements import credit, read
from tests.journeys.story_acts import tenths_of
from tests.journeys.story_model import OPEN, Order, Payment
from tests.journeys.story_money import Money
from tests.journeys.story_split import Line, worth
from tests.journeys.story_stage import ALIKE

EXTENSION = timedelta(days=15)
REBINDABLE = {"placed", "confirmed", "completed"}


@dataclass
class Changes(Money):
    """All acts so far, and those that change what was agreed."""

    number: int = 0
    """Of the last line of a statement."""

    def rebind(self, order: Order, *, written: bool, agreed: bool) -> None:
        """Apply for the other unit to take an order; both administrators agree, or one does not."""
        refusal = None
        if order.status not in REBINDABLE:
            refusal = "wrong_state"
        elif self.model.is_over:
            refusal = "year_not_open"
        elif order.fulfilment != "unshipped" and not written:
            refusal = "application_missing"
        other = 1 - order.unit
        new = NewRebinding(
            self.there.units[other], "误选单位", self.there.paper if written else None
        )
        by, order_id = self.there.by["buyer"], OrderId(order.id)
        view = self.there.attempt(
            lambda: request_rebinding(order_id, new, by=by, now=self.now), expected=refusal
        )
        self.fired[f"rebind {refusal or 'asked'}"] += 1
        if view is None:
            return
        asked, giver, taker = (
            view.rebinding.id, self.there.by[f"admin{order.unit}"], self.there.by[f"admin{other}"],
        )  # fmt: skip
        if not agreed:
            self.there.attempt(
                lambda: refuse_rebinding(asked, reason="无额度", by=taker, now=self.now),
                expected=None,
            )
            return
        self.there.attempt(
            lambda: consent_to_rebinding(asked, by=giver, now=self.now), expected=None
        )
        needs = order.held_fen() + order.paid() - order.refunded
        short = "quota_exceeded" if needs > self.model.available_fen(other) else None
        self.there.attempt(
            lambda: consent_to_rebinding(asked, by=taker, now=self.now), expected=short
        )
        self.fired[f"rebind {short or 'done'}"] += 1
        if short:
            self.there.attempt(
                lambda: withdraw_rebinding(asked, reason="无额度", by=by, now=self.now),
                expected=None,
            )
        else:
            order.unit = other

    def substitute(
        self, order: Order, pick: int, *, tenths: int, cheaper: int, agreed: bool
    ) -> None:
        """Offer other goods for part of a line, a little cheaper or not; the buyer answers."""
        lines = [
            one
            for one in order.lines
            if one.listing in ALIKE and tenths_of(one.quantity - one.shipped, tenths)
        ]
        if not lines:
            return
        line = lines[pick % len(lines)]
        quantity = tenths_of(line.quantity - line.shipped, tenths)
        made = self._propose(order, line, quantity, line.price - cheaper)
        if made is None:
            return
        by = self.there.by["buyer"]
        if not agreed:
            self.there.attempt(
                lambda: refuse_substitute(made.id, expected_version=None, by=by, now=self.now),
                expected=None,
            )
            return
        refusal = self.refuses_goods(ALIKE[line.listing], quantity)
        taken = self.there.attempt(
            lambda: accept_substitute(made.id, expected_version=None, by=by, now=self.now),
            expected=refusal,
        )
        self.fired[f"substitute {refusal or 'done'}"] += 1
        if taken is None:
            clerk = self.there.by[f"clerk{order.supplier}"]
            self.there.attempt(
                lambda: withdraw_substitute(made.id, expected_version=None, by=clerk, now=self.now),
                expected=None,
            )
            return
        assert taken.new_line_id is not None
        line.quantity -= quantity
        other = Line(
            taken.new_line_id, ALIKE[line.listing], line.kind, quantity, line.price - cheaper
        )
        order.lines.append(other)

    def _propose(
        self, order: Order, line: Line, quantity: Decimal, price: int
    ) -> Substitution | None:
        other = ALIKE[line.listing]
        still = order.open_quantity(line)
        dearer = [
            worth(whole - quantity, line.price) + worth(quantity, price) > worth(whole, line.price)
            for whole in (line.quantity, still)
        ]
        refusal = None
        if not order.may_swap():
            refusal = "wrong_state"
        elif self.certificates[other] != "in_force":
            refusal = "certificate_not_in_force"
        elif any(dearer):
            refusal = "substitute_dearer"
        new = NewSubstitute(
            OrderLineId(line.id), self.there.listings[other], quantity, Fen(price), "当日断货"
        )
        by, order_id = self.there.by[f"clerk{order.supplier}"], OrderId(order.id)
        made = self.there.attempt(
            lambda: propose_substitute(new, order_id=order_id, by=by, now=self.now),
            expected=refusal,
        )
        self.fired[f"substitute {refusal or 'offered'}"] += 1
        return made

    def pay_late(self, order: Order) -> None:
        """Let money of a lapsed order come by bank: it stands again where every gate lets it."""
        account = self.there.accounts[order.supplier]
        by = self.there.by[f"manager{order.supplier}"]
        amount, fits = order.total, order.taken_on and self._fits_again(order)
        self.number += 1
        row = credit(amount, order.number, reference=f"L{self.number}")
        run(lambda: read(account, [row], by=by))
        run(lambda: match_lines(account.id, now=self.now))
        self.model.statements[order.supplier].append((amount, amount if fits else 0))
        self.fired["late money placed" if fits else "late money parked"] += 1
        if fits:
            newest = select(Booked.id).where(Booked.order_id == order.id).order_by(Booked.id.desc())
            payment_id = db.session.scalars(newest.limit(1)).one()
            order.status = "confirmed"
            for line in order.lines:
                line.came = line.amount
            order.payments.append(Payment(payment_id, amount, "confirmed"))

    def _fits_again(self, order: Order) -> bool:
        wanted: dict[int, Decimal] = defaultdict(Decimal)
        for line in order.lines:
            wanted[line.listing] += line.quantity
        allowed = all(
            self.certificates[i] == "in_force" and self.refuses_goods(i, quantity) is None
            for i, quantity in wanted.items()
            if quantity
        )
        return (
            allowed
            and not self.model.is_over
            and order.total <= self.model.available_fen(order.unit)
        )

    def extend(self, order: Order) -> None:
        """Give an unpaid pay-first order more time, once."""
        refusal = "wrong_state"
        if order.mode == "pay_first" and order.expires_at is not None and order.status in OPEN:
            if order.extended:
                refusal = "extended_before"
            elif not order.paid() and order.expires_at > self.now:
                refusal = ""
        by = self.there.by["buyer"]
        self.there.attempt(
            lambda: extend_order(OrderId(order.id), expected_version=None, by=by, now=self.now),
            expected=refusal or None,
        )
        if not refusal and order.expires_at is not None:
            order.extended, order.expires_at = True, order.expires_at + EXTENSION
            self.fired["extend"] += 1

    def replace(self, order: Order, wishes: Mapping[int, Decimal], *, goods_first: bool) -> None:
        """Order anew in an order's place: what that held is free for it, or nothing changes."""
        status, free = order.status, order.may_cancel()
        if free:
            order.status = "cancelled"
        refusal = self.refuses_order(wishes) if free else "wrong_state"
        by, new = self.there.by["buyer"], self.order_for(wishes, goods_first=goods_first)
        view = self.there.attempt(
            lambda: replace_order(
                OrderId(order.id), new, expected_version=None, by=by, now=self.now
            ),
            expected=refusal,
        )
        self.fired[f"replace {refusal or 'done'}"] += 1
        if view is None:
            order.status = status
        else:
            self.write([view], wishes, goods_first=goods_first)
