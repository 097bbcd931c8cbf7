"""Who may pay, how much, on which lines the money lies, and what of it may go back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kernel.actor import Actor
from kernel.errors import Invalid, SamePerson, WrongState
from kernel.money import Fen, split
from marketplace.errors.settlement import (
    AmountExceedsDue,
    PaidTogether,
    PaymentMethodUnavailable,
    RefundExceedsPaid,
)
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLine,
    OrderLineId,
    OrderStatus,
    PayMode,
    PurchaseOrder,
)
from marketplace.settlement.models.payments import Payment, PaymentMethod, PaymentState
from procurement.policies.models import OrderKind
from registry.accounts.models import UserId

NOTHING = Fen(0)
Money = Mapping[OrderLineId | None, tuple[Fen, Fen]]
"""Confirmed money by line (no line: freight): what came, and what of it went back."""

METHODS_OFFERED = frozenset({PaymentMethod.BANK_TRANSFER, PaymentMethod.TREASURY})
"""Everywhere; Stripe where the installation has its keys."""


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an order (or its freight, with no line): its cost as things stand, its money.

    `heading` says where in the quota its money stands.
    """

    line_id: OrderLineId | None
    heading: str
    payable: Fen
    received: Fen = NOTHING
    refunded: Fen = NOTHING

    @property
    def owed(self) -> Fen:
        """Give what is still to come; money that went back does not fall due again."""
        return Fen(max(0, self.payable - self.received))

    @property
    def kept(self) -> Fen:
        """Give the money that lies on it."""
        return Fen(self.received - self.refunded)

    @property
    def excess(self) -> Fen:
        """Give what lies on it beyond its cost: paid first, then turned away at the door."""
        return Fen(max(0, self.kept - self.payable))


def parts_of(
    order: PurchaseOrder,
    *,
    lines: Sequence[OrderLine],
    money: Money,
    failed: bool = False,
) -> list[Part]:
    """Cost an order's lines, and its freight where there is any, in the lines' order.

    Freight stands under the heading of the first line, as at the holding of the quota. Of an
    adopted plot that `failed` nothing is owed, and all that was paid goes back.
    """
    costs = [
        (line.id, line.heading, NOTHING if failed else _payable(line, order=order))
        for line in lines
    ]
    parts = [_part(one, heading, cost, money) for one, heading, cost in costs]
    if order.freight_fen:
        freight = order.freight_fen if _freight_is_due(order) else NOTHING
        parts.append(_part(None, lines[0].heading, freight, money))
    return parts


def due(parts: Sequence[Part], *, pending: Fen) -> Fen:
    """Say how much more may be paid: what is owed less what is on its way."""
    return Fen(max(0, sum(part.owed for part in parts) - pending))


def check_method(method: PaymentMethod, *, stripe: bool = False) -> None:
    """Refuse a way of paying that this installation does not offer."""
    if method not in METHODS_OFFERED and not (stripe and method is PaymentMethod.STRIPE):
        raise PaymentMethodUnavailable(method=method, pointer="/method")


def check_payable(order: PurchaseOrder) -> None:
    """Refuse money for an order that the supplier has not taken on, or that has ended."""
    if order.order_status is not OrderStatus.CONFIRMED:
        raise WrongState(state=order.order_status, wanted=OrderStatus.CONFIRMED)


def check_payer(
    order: PurchaseOrder, *, by: Actor, hands: Collection[UserId] = frozenset()
) -> None:
    """Refuse a payer who ordered or approved; `hands` took part in approving (SamePerson)."""
    if by.user_id in {order.author_id, order.decided_by, *hands}:
        raise SamePerson


def check_amount(amount: Fen, *, due: Fen) -> None:
    """Refuse more than may still be paid (AmountExceedsDue)."""
    if amount > due:
        raise AmountExceedsDue(due_fen=due, wanted_fen=amount, pointer="/amount_fen")


def check_pending(payment: Payment) -> None:
    """Refuse to decide a payment twice (WrongState)."""
    if payment.status is not PaymentState.PENDING:
        raise WrongState(state=payment.status, wanted=PaymentState.PENDING)


def check_alone(payment: Payment) -> None:
    """Refuse to decide alone what one treasury order pays together (PaidTogether)."""
    if payment.treasury_order_id is not None:
        raise PaidTogether


def check_confirmer(
    payment: Payment, *, by: Actor, hands: Collection[UserId] = frozenset()
) -> None:
    """Refuse that who registered a payment, by any of `hands`, sees it come (SamePerson)."""
    if by.user_id in {payment.registered_by, *hands}:
        raise SamePerson


def check_refunder(
    order: PurchaseOrder, *, by: Actor, hands: Collection[UserId] = frozenset()
) -> None:
    """Refuse that who ordered, by any of `hands`, lets the money go back (SamePerson)."""
    if by.user_id in {order.author_id, *hands}:
        raise SamePerson


def check_refund(amount: Fen, *, payment: Payment) -> None:
    """Refuse to give back what did not come, or more of a payment than is left of it."""
    if payment.status is not PaymentState.CONFIRMED:
        raise WrongState(state=payment.status, wanted=PaymentState.CONFIRMED)
    left = Fen(payment.amount_fen - payment.refunded_fen)
    if amount > left:
        raise RefundExceedsPaid(refundable_fen=left, wanted_fen=amount, pointer="/amount_fen")


def spread(amount: Fen, *, parts: Sequence[Part]) -> list[Fen]:
    """Spread a payment over what its parts are still owed (largest remainder, their order).

    A part never gets more than it is owed; refuses more than all are owed (AmountExceedsDue).
    """
    check_amount(amount, due=due(parts, pending=NOTHING))
    return split(amount, [part.owed for part in parts])


def take_back(amount: Fen, *, parts: Sequence[Part]) -> list[Fen]:
    """Take a refund from the parts: first what lies beyond their cost, then from all alike.

    Largest remainder, in the parts' order; a part never loses more than lies on it.
    """
    excess = [part.excess for part in parts]
    from_excess = Fen(min(amount, sum(excess)))
    first = _split(from_excess, excess)
    kept = [part.kept - taken for part, taken in zip(parts, first, strict=True)]
    rest = _split(Fen(amount - from_excess), kept)
    return [Fen(one + other) for one, other in zip(first, rest, strict=True)]


def take_back_named(
    amount: Fen, *, named: Sequence[tuple[OrderLineId, Fen]], parts: Sequence[Part]
) -> list[Fen]:
    """Take a refund from the lines it names; they add up to it and lose only what lies there."""
    wanted: dict[UUID | None, Fen] = {}
    known = {part.line_id: part for part in parts}
    for position, (line_id, taken) in enumerate(named):
        pointer = f"/lines/{position}"
        if line_id not in known or line_id in wanted:
            reason = "订单中没有这一行，或重复 / no such line, or named twice"
            raise Invalid(reason=reason, pointer=f"{pointer}/order_line_id")
        if taken > (left := known[line_id].kept):
            raise RefundExceedsPaid(
                refundable_fen=left, wanted_fen=taken, pointer=f"{pointer}/amount_fen"
            )
        wanted[line_id] = taken
    if sum(wanted.values()) != amount:
        reason = "各行金额之和与退款金额不符 / the lines do not add up to the refund"
        raise Invalid(reason=reason, pointer="/lines")
    return [wanted.get(part.line_id, NOTHING) for part in parts]


def by_heading(amounts: Sequence[Fen], *, parts: Sequence[Part]) -> dict[str, Fen]:
    """Add amounts up under the headings of the quota; headings of nothing are left out."""
    sums: dict[str, Fen] = {}
    for amount, part in zip(amounts, parts, strict=True):
        if amount:
            sums[part.heading] = Fen(sums.get(part.heading, NOTHING) + amount)
    return sums


def _payable(line: OrderLine, *, order: PurchaseOrder) -> Fen:
    """Give a line's cost: what was taken in; paid first, what was ordered until that is known.

    Of an adopted plot, until then, the prepayment and the milestones that were accepted.
    """
    open_order = order.order_status is OrderStatus.CONFIRMED
    decided = order.fulfilment_status is FulfilmentStatus.ACCEPTED
    if order.kind is OrderKind.COMMISSIONED_FARMING and open_order and not decided:
        return Fen(line.prepaid_fen + line.advance_fen)
    if order.pay_mode is PayMode.PAY_FIRST and open_order and not decided:
        return line.amount_fen
    return line.accepted_fen


def _freight_is_due(order: PurchaseOrder) -> bool:
    if order.order_status not in {OrderStatus.CONFIRMED, OrderStatus.COMPLETED}:
        return False
    if order.fulfilment_status is FulfilmentStatus.ACCEPTED:
        return order.accepted_fen > 0
    return order.pay_mode is PayMode.PAY_FIRST and order.kind is not OrderKind.COMMISSIONED_FARMING


def _part(
    line_id: OrderLineId | None,
    heading: str,
    payable: Fen,
    money: Money,
) -> Part:
    received, refunded = money.get(line_id, (NOTHING, NOTHING))
    return Part(line_id, heading, payable, received, refunded)


def _split(amount: Fen, weights: Sequence[int]) -> list[Fen]:
    return split(amount, weights) if amount else [NOTHING for _ in weights]
