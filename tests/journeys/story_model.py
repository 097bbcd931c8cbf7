"""What a market should be, in plain Python: the auditor of the state machine.

It knows the rules of the trade from the documents, not from the code: everything here is said
a second time, with fractions and without a database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tests.journeys.story_split import ZERO, Line, Lot, Sent, share_out, worth

OPEN = {"pending_approval", "placed", "confirmed"}


@dataclass
class Payment:
    """Money sent, come, or called back."""

    id: UUID
    amount: int
    status: str = "pending"
    refunded: int = 0
    by_card: bool = False
    charged: bool = False
    """Its card was charged, whether we heard of it or not."""
    disputed: int = 0
    """What its payer's bank wants back."""
    dispute: str = ""
    """How that stands at the bank: open, lost, won."""
    heard: bool = True
    """We know how that stands."""


@dataclass
class Order:
    """An order with its states, lines and payments."""

    id: UUID
    mode: str
    status: str
    expires_at: datetime | None
    lines: list[Line]
    supplier: int = 0
    unit: int = 0
    fulfilment: str = "unshipped"
    extended: bool = False
    taken_on: bool = False
    number: str = ""
    payments: list[Payment] = field(default_factory=list)

    def paid(self, status: str = "confirmed") -> int:
        """Add payments of one state up."""
        return sum(one.amount for one in self.payments if one.status == status)

    @property
    def refunded(self) -> int:
        """What went back."""
        return sum(one.refunded for one in self.payments)

    @property
    def total(self) -> int:
        """What it costs as ordered."""
        return sum(line.amount for line in self.lines)

    @property
    def all_sent(self) -> bool:
        """Nothing more will be sent."""
        return self.fulfilment in {"shipped", "accepted"}

    def may_ship(self) -> bool:
        """Say whether goods may leave: taken on, not all sent, and paid where that comes first."""
        paid = self.mode == "goods_first" or self.paid() - self.refunded >= self.total
        return self.status == "confirmed" and not self.all_sent and paid

    def may_cancel(self) -> bool:
        """Say whether it may be called off: nothing shipped, nothing paid or on its way."""
        money = self.paid() > self.refunded or self.paid("pending")
        return self.status in OPEN and self.fulfilment == "unshipped" and not money

    def may_swap(self) -> bool:
        """Say whether other goods may be brought: taken on, not all sent, and nothing paid."""
        unpaid = not self.paid() and not self.paid("pending")
        return self.status == "confirmed" and not self.all_sent and unpaid

    def cost(self, line: Line) -> int:
        """Say what a line costs as things stand."""
        waiting = self.status == "confirmed" and self.fulfilment != "accepted"
        if self.mode == "pay_first" and waiting:
            return line.amount
        return line.accepted_fen

    @property
    def owed(self) -> int:
        """What has not come yet."""
        return sum(max(0, self.cost(line) - line.came) for line in self.lines)

    @property
    def due(self) -> int:
        """What may still be paid."""
        return max(0, self.owed - self.paid("pending"))

    @property
    def payment(self) -> str:
        """Where the money stands."""
        paid, back = self.paid(), self.refunded
        if not paid:
            return "unpaid"
        if back:
            return "refunded" if back == paid else "partly_refunded"
        done = self.fulfilment == "accepted"
        whole = sum(line.accepted_fen for line in self.lines) if done else self.total
        return "paid" if paid >= whole else "partly_paid"

    def claim(self) -> int:
        """Say what a line of a statement may pay: what is owed and not on its way by card."""
        by_card = sum(one.amount for one in self.pending(by_card=True))
        return max(0, self.owed - by_card)

    def pending(self, *, by_card: bool) -> list[Payment]:
        """List the payments on their way, the oldest first."""
        return [one for one in self.payments if one.status == "pending" and one.by_card is by_card]

    def comes(self, payment: Payment) -> None:
        """Let money come; it lies on the lines by what they are owed."""
        owed = [max(0, self.cost(line) - line.came) for line in self.lines]
        for line, part in zip(self.lines, share_out(payment.amount, owed), strict=True):
            line.came += part
        payment.status = "confirmed"
        self.settle()

    def goes_back(self, payment: Payment, refund: UUID, taken: Sequence[int]) -> None:
        """Let money of a payment go back, so much from each line."""
        for line, part in zip(self.lines, taken, strict=True):
            if part:
                line.back += part
                line.refunds.append((refund, part))
        payment.refunded += sum(taken)

    def settle(self) -> None:
        """Complete it once everything is in and paid."""
        if self.fulfilment == "shipped" and not any(line.under_way for line in self.lines):
            self.fulfilment = "accepted"
        taken_in = sum(line.accepted_fen for line in self.lines)
        if self.status == "confirmed" and self.fulfilment == "accepted" and self.paid() >= taken_in:
            self.status = "completed"

    def open_quantity(self, line: Line) -> Decimal:
        """Say what of a line was or may still be taken in."""
        return (line.shipped if self.all_sent else line.quantity) - line.rejected

    def held_fen(self) -> int:
        """Add up what it holds of the unit's money, origin kind by origin kind."""
        if self.status not in OPEN:
            return 0
        held: dict[str, int] = defaultdict(int)
        for line in self.lines:
            held[line.kind] += worth(self.open_quantity(line), line.price) - line.came
        return sum(max(0, one) for one in held.values())

    def take_back(self, amount: int) -> list[int]:
        """Take a refund from the lines: first what lies beyond their cost, then from all alike."""
        kept = [line.came - line.back for line in self.lines]
        beyond = [max(0, k - self.cost(line)) for k, line in zip(kept, self.lines, strict=True)]
        first = min(amount, sum(beyond))
        taken = share_out(first, beyond) if first else [0] * len(kept)
        if amount > first:
            left = [k - t for k, t in zip(kept, taken, strict=True)]
            more = share_out(amount - first, left)
            taken = [one + other for one, other in zip(taken, more, strict=True)]
        return taken


@dataclass
class Market:
    """Everything there is, and what the books must say of it."""

    ceilings: list[int]
    declared: Decimal
    factors: tuple[Decimal, ...]
    """Kilograms in one unit of each listing."""
    suppliers: tuple[int, ...]
    """Which of the cooperatives sells each listing."""
    cooperatives: tuple[UUID, ...]
    lots: dict[UUID, Lot] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    paid_in_year: list[int] | None = None
    """What each unit had paid when its year was over."""
    statements: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By account: its lines, what came, and what of that found its place."""

    def figure(self, unit: int) -> tuple[int, int, int]:
        """Say what a unit's year ordered, took in and paid; paid is what was paid inside it."""
        held, spent = self.money(unit)
        bound = [order for order in self.orders if order.unit == unit]
        accepted = sum(line.accepted_fen for order in bound for line in order.lines)
        paid = spent if self.paid_in_year is None else self.paid_in_year[unit]
        return held + spent, accepted, paid

    @property
    def is_over(self) -> bool:
        """Say whether the year is over."""
        return self.paid_in_year is not None

    def end_year(self) -> None:
        """Let the year be over: what is paid from now on is not paid in it."""
        self.paid_in_year = [self.money(unit)[1] for unit in range(len(self.ceilings))]

    def close_year(self) -> None:
        """Let what nobody holds of the year lapse."""
        self.ceilings = [sum(self.money(unit)) for unit in range(len(self.ceilings))]

    def sent(self) -> Iterator[Sent]:
        """Everything that ever left."""
        for order in self.orders:
            for line in order.lines:
                yield from line.sent.values()

    def money(self, unit: int) -> tuple[int, int]:
        """Say what of a unit's year is held and what is spent."""
        bound = [order for order in self.orders if order.unit == unit]
        spent = sum(order.paid() - order.refunded for order in bound)
        return sum(order.held_fen() for order in bound), spent

    def available_fen(self, unit: int) -> int:
        """Say what a unit may still order."""
        return self.ceilings[unit] - sum(self.money(unit))

    def capacity(self, listing: int) -> tuple[Decimal, Decimal]:
        """Say what a certificate's year holds and has sold, in kilograms."""
        held = sold = ZERO
        for order in self.orders:
            for line in order.lines:
                if line.listing == listing:
                    sold += line.accepted * self.factors[listing]
                    if order.status in OPEN:
                        rest = order.open_quantity(line) - line.accepted
                        held += rest * self.factors[listing]
        return held, sold

    def stock_held(self, listing: int) -> Decimal:
        """Say what of a listing's lots is promised and has not left, in kilograms."""
        promised = (
            line.quantity - line.shipped
            for order in self.orders
            for line in order.lines
            if line.listing == listing and order.status in OPEN and not order.all_sent
        )
        return sum(promised, ZERO) * self.factors[listing]

    def lot_shipped(self, lot: Lot) -> Decimal:
        """Say what has left a lot and not come back, in kilograms."""
        return sum(
            (
                one.lot_quantity - one.rejected * one.lot_quantity / one.quantity
                for one in self.sent()
                if one.lot is lot
            ),
            ZERO,
        )

    def free(self, listing: int) -> Decimal:
        """Say what of a listing's lots may still be ordered, in kilograms."""
        lots = [lot for lot in self.lots.values() if lot.listing == listing]
        left = sum((lot.total - self.lot_shipped(lot) for lot in lots), ZERO)
        return left - self.stock_held(listing)
