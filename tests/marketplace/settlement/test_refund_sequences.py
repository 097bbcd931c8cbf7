"""P5: refunds in parts, beyond, before and after payouts: never more than was paid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, text

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.errors.settlement import NothingToRemit, RefundExceedsPaid
from marketplace.settlement.commands.matching import match_lines
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.commands.remittances import confirm_line, draw_up, release
from marketplace.settlement.models.payments import Payment, PaymentId
from marketplace.settlement.models.remittances import SellerFunds
from marketplace.settlement.queries.promises import PROMISES
from tests.builders.remittances import Platform, platform
from tests.builders.settlement import NOW, lot, ordered
from tests.builders.statements import credit, number_of, read
from tests.promises import broken

ACTS = 6
PAID = 3_000
"""Fen: one kilogram."""
STILL_OPEN = 3
"""So many payments a refund may be of: this sequence's, and those of the two before."""
LOOKED_OVER = 200
"""After so many sequences the planner looks at the tables anew."""
KINDS = ("nothing to pay out", "paid out", "refunded", "refunded after the payout", "refused")
Held = tuple[int, int, int, int]


@dataclass
class Sequences:
    """Payments one after the other, what was done with them, and what a model says is left."""

    at: Platform
    chance: Random
    manager: Actor
    drawer: Actor
    second: Actor
    refunded: dict[PaymentId, int] = field(default_factory=dict)
    out: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def go_on(self) -> None:
        """Let an order be paid, then refund and pay out by chance."""
        self.refunded[run(self._paid)] = 0
        for _ in range(ACTS):
            if self.chance.random() < 0.4:
                self._pay_out()
            else:
                payment_id = self.chance.choice(list(self.refunded)[-STILL_OPEN:])
                self._refund(payment_id, self.chance.randrange(1, 2_500))
            assert held(self.at) == self.model()

    def model(self) -> Held:
        """Say what came, went back, went out, and may still go out."""
        received, back = PAID * len(self.refunded), sum(self.refunded.values())
        return received, back, self.out, max(0, received - back - self.out)

    def _paid(self) -> PaymentId:
        order_id = ordered(self.at.there, "1")
        read(self.at.account, [credit(PAID, number_of(order_id))], by=self.drawer)
        assert match_lines(self.at.account.id, now=NOW) == 1
        return db.session.scalars(select(Payment.id).where(Payment.order_id == order_id)).one()

    def _pay_out(self) -> None:
        available = self.model()[-1]
        if not available:
            with pytest.raises(NothingToRemit):
                run(lambda: draw_up([], by=self.drawer, now=NOW))
            self.done["nothing to pay out"] += 1
            return
        listed = run(lambda: draw_up([], by=self.drawer, now=NOW)).remittance.id
        view = run(lambda: release(listed, expected_version=None, by=self.second, now=NOW))
        line_id = view.lines[0].id
        run(lambda: confirm_line(line_id, bank_reference="P1", by=self.drawer, now=NOW))
        self.out += available
        self.done["paid out"] += 1

    def _refund(self, payment_id: PaymentId, amount: int) -> None:
        new = NewRefund(Fen(amount), "渗漏")

        def act() -> object:
            return refund_payment(new, payment_id=payment_id, by=self.manager, now=NOW)

        if self.refunded[payment_id] + amount > PAID:
            with pytest.raises(RefundExceedsPaid):
                run(act)
            self.done["refused"] += 1
            return
        short = held(self.at)[-1] < amount
        run(act)
        self.refunded[payment_id] += amount
        self.done["refunded after the payout" if short else "refunded"] += 1


def held(at: Platform) -> Held:
    """Read what the seller's funds say."""
    funds = db.session.get_one(SellerFunds, at.there.cooperative.id, populate_existing=True)
    return funds.received_fen, funds.refunded_fen, funds.remitted_fen, funds.available_fen


@pytest.mark.parametrize("sequences", [40, pytest.param(10_000, marks=pytest.mark.soak)])
def test_refunds_never_pass_what_was_paid_whatever_the_sequence(
    fresh: Flask, sequences: int
) -> None:
    with fresh.app_context():
        at = run(platform)
        clerk, manager = at.there.by("clerk"), at.there.by("manager")
        run(lambda: lot(at.there.listing_id, {}, own=sequences, by=clerk))
        story = Sequences(at, Random(5), manager, at.by, at.other)
        for number in range(1, sequences + 1):
            story.go_on()
            if number % LOOKED_OVER == 0:
                run(lambda: db.session.execute(text("ANALYZE")))
        found = select(Payment.id, Payment.amount_fen, Payment.refunded_fen)
        rows = db.session.execute(found).all()
        assert {one.id: one.refunded_fen for one in rows} == story.refunded
        assert all(one.refunded_fen <= one.amount_fen == PAID for one in rows)
        assert broken(PROMISES) == []
    print(sequences, sorted(story.done.items()))  # noqa: T201 - what was done is the figure
    assert sorted(story.done) == sorted(KINDS)
    assert min(story.done.values()) >= sequences // 4
