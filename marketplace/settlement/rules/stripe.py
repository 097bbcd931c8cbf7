"""What follows from what Stripe says: where money belongs, what may be moved, when to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kernel.errors import Invalid, WrongState
from kernel.money import Fen
from marketplace.errors.stripe import AccountMissing, StripeDecides, TransferExceedsKept
from marketplace.orders.models.orders import FulfilmentStatus, PurchaseOrder
from marketplace.settlement.models.payments import Payment, PaymentMethod, PaymentState
from marketplace.settlement.models.stripe import (
    DisputeStatus,
    IntentStatus,
    MovementKind,
    MovementStatus,
    StripeIntent,
    StripeMovement,
    StripeWay,
)

CURRENCY = "cny"
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
LOOK_AGAIN = timedelta(hours=1)
"""While a refund or a dispute is under way, should its events be lost."""
OPEN_FOR = timedelta(hours=24)
"""How long a buyer may take to pay; then the intent is taken back."""
KEYS_LIVE = timedelta(hours=23)
"""Stripe keeps keys for a day: a call whose first try is older is left to people."""
HAS_MONEY = frozenset({IntentStatus.SUCCEEDED, IntentStatus.PARKED, IntentStatus.RETURNED})
ASKED = frozenset({IntentStatus.WANTED, IntentStatus.OPEN, IntentStatus.CLOSING})
"""States in which Stripe is asked by itself, until it has decided."""
COUNTS = frozenset({MovementStatus.WANTED, MovementStatus.SENT, MovementStatus.DONE})
LOST, WON = frozenset({"lost"}), frozenset({"won", "warning_closed", "prevented"})


class ErrandKind(StrEnum):
    """What is asked of Stripe."""

    OPEN = "open"
    CLOSE = "close"
    LOOK = "look"
    REFUND = "refund"
    TRANSFER = "transfer"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Errand:
    """One call to make: `key` makes it once, whatever happens to its answer.

    `about` is the object at Stripe that is moved or looked at: intent, charge or transfer. If its
    row falls due at another instant than `due_at` meanwhile, somebody asked anew.
    """

    kind: ErrandKind
    payment_id: UUID
    movement_id: UUID | None
    key: str
    amount_fen: Fen
    due_at: datetime
    about: str | None = None
    way: StripeWay | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class SeenIntent:
    """A PaymentIntent as Stripe has it; `next_step` is an address to follow or a code to show."""

    id: str
    status: str
    amount_fen: Fen
    received_fen: Fen
    currency: str
    client_secret: str | None
    next_step: str | None
    charge_id: str | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class SeenMovement:
    """A refund, transfer or reversal as Stripe has it; `movement_id` is ours, where it is."""

    id: str
    amount_fen: Fen
    status: str
    movement_id: str | None


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """A dispute as Stripe has it."""

    id: str
    amount_fen: Fen
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All that Stripe says of one payment."""

    intent: SeenIntent
    refunds: Sequence[SeenMovement] = ()
    disputes: Sequence[SeenDispute] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What an event is about; its payment by Stripe's key or by ours."""

    event_id: str
    kind: str
    stripe_id: str
    payment_id: UUID | None
    amount_fen: Fen | None
    currency: str | None


def way_of(method: PaymentMethod, way: StripeWay | None) -> StripeWay | None:
    """Say by what a payment is made at Stripe: by card where nothing was said (Invalid)."""
    if method is PaymentMethod.STRIPE:
        return way or StripeWay.CARD
    if way is not None:
        reason = "仅 Stripe 支付可指定支付渠道 / only stripe payments name a way"
        raise Invalid(reason=reason, pointer="/way")
    return None


def check_hands(method: PaymentMethod) -> None:
    """Refuse that a person says whether money of Stripe came (StripeDecides)."""
    if method is PaymentMethod.STRIPE:
        raise StripeDecides


def wait_after(attempts: int) -> timedelta:
    """Say how long to wait after so many calls without an answer: doubling, up to the longest."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts, 10)))


def is_over(wanted_at: datetime, *, now: datetime) -> bool:
    """Say whether a call that was never answered can no longer be made safely."""
    return now - wanted_at >= KEYS_LIVE


def errand_of_intent(intent: StripeIntent, *, now: datetime) -> ErrandKind:
    """Say what to ask of Stripe about an intent.

    One that Stripe was not heard of is opened, even to be closed afterwards: whether the first
    call reached Stripe nobody knows, and the key gives the same intent.
    """
    if intent.stripe_id is None:
        return ErrandKind.OPEN
    stale = intent.status is IntentStatus.OPEN and now - intent.wanted_at >= OPEN_FOR
    return ErrandKind.CLOSE if stale or intent.status is IntentStatus.CLOSING else ErrandKind.LOOK


def key_of(kind: ErrandKind, subject: UUID, *, again: int = 0) -> str:
    """Give the key under which Stripe does a thing once; it follows from our row alone."""
    return f"bangfu-{kind}-{subject}-{again}"


def misfit(intent: StripeIntent, *, payment: Payment) -> str | None:
    """Say why money that came cannot be the payment's: another currency, another amount."""
    if intent.currency != CURRENCY:
        return "wrong_currency"
    return "wrong_amount" if intent.received_fen != payment.amount_fen else None


def fits_notice(notice: Notice, *, payment: Payment) -> bool:
    """Say whether an event can be about a payment; only a PaymentIntent's names its amount."""
    return notice.amount_fen in {None, payment.amount_fen} and notice.currency in {None, CURRENCY}


def movement_status(kind: MovementKind, told: str) -> MovementStatus:
    """Read Stripe's word for a refund; transfers and reversals are done once they exist."""
    if kind is not MovementKind.REFUND or told == "succeeded":
        return MovementStatus.DONE
    return MovementStatus.FAILED if told in {"failed", "canceled"} else MovementStatus.SENT


def dispute_status(told: str) -> DisputeStatus:
    """Read Stripe's word for a dispute."""
    if told in LOST:
        return DisputeStatus.LOST
    return DisputeStatus.WON if told in WON else DisputeStatus.OPEN


def cover(movements: Sequence[StripeMovement], *, amount: Fen) -> list[tuple[StripeMovement, Fen]]:
    """Say which refunds that Stripe did not make yet were made without us, and how much of each.

    `amount` went back at Stripe beyond what lay in the books, so these had left them already:
    first of what failed, then of what waits, the newest first.
    """
    unmade = [
        one
        for status in (MovementStatus.FAILED, MovementStatus.WANTED)
        for one in reversed(movements)
        if one.kind is MovementKind.REFUND and one.status is status
    ]
    found = []
    for one in unmade:
        part = Fen(min(amount, one.amount_fen))
        if part > 0:
            found.append((one, part))
            amount = Fen(amount - part)
    return found


def transferred(movements: Sequence[StripeMovement]) -> Fen:
    """Add up what was or will be with the seller: transfers less their reversals."""
    signs = {MovementKind.TRANSFER: 1, MovementKind.REVERSAL: -1, MovementKind.REFUND: 0}
    counted = [one for one in movements if one.status in COUNTS]
    return Fen(sum(signs[one.kind] * one.amount_fen for one in counted))


def check_transfer(
    amount: Fen,
    *,
    payment: Payment,
    order: PurchaseOrder,
    movements: Sequence[StripeMovement],
    disputed: bool,
    destination: str | None,
) -> str:
    """Give the account that may be paid, or refuse.

    Goods are taken in first, nothing is disputed (WrongState), the seller has an account
    (AccountMissing), and no more goes out than came and stayed (TransferExceedsKept).
    """
    if payment.status is not PaymentState.CONFIRMED:
        raise WrongState(state=payment.status, wanted=PaymentState.CONFIRMED)
    if order.fulfilment_status is not FulfilmentStatus.ACCEPTED:
        raise WrongState(state=order.fulfilment_status, wanted=FulfilmentStatus.ACCEPTED)
    if disputed:
        raise WrongState(state=DisputeStatus.OPEN, wanted=DisputeStatus.WON)
    if destination is None:
        raise AccountMissing
    _check_left(amount, payment=payment, movements=movements)
    return destination


def check_again(
    movement: StripeMovement, *, payment: Payment, movements: Sequence[StripeMovement]
) -> None:
    """Refuse to send a movement anew that did not fail, or whose money has gone another way.

    A transfer needs what stayed with us (TransferExceedsKept), a reversal what stayed with the
    seller (WrongState).
    """
    if movement.status is not MovementStatus.FAILED:
        raise WrongState(state=movement.status, wanted=MovementStatus.FAILED)
    if movement.kind is MovementKind.TRANSFER:
        _check_left(movement.amount_fen, payment=payment, movements=movements)
    if movement.kind is MovementKind.REVERSAL and movement.amount_fen > transferred(movements):
        raise WrongState(state=MovementStatus.FAILED, wanted=MovementStatus.DONE)


def _check_left(amount: Fen, *, payment: Payment, movements: Sequence[StripeMovement]) -> None:
    left = Fen(payment.amount_fen - payment.refunded_fen - transferred(movements))
    if amount > left:
        raise TransferExceedsKept(left_fen=left, wanted_fen=amount, pointer="/amount_fen")


def take_back(
    payment: Payment, *, movements: Sequence[StripeMovement]
) -> list[tuple[StripeMovement, Fen]]:
    """Say how much to take back from which transfers, the newest first, after a refund.

    The seller keeps no more than stayed of the payment.
    """
    kept = payment.amount_fen - payment.refunded_fen
    too_much = max(0, transferred(movements) - kept)
    counted = [one for one in movements if one.status in COUNTS]
    taken: list[tuple[StripeMovement, Fen]] = []
    for one in sorted(counted, key=lambda one: one.id, reverse=True):
        if one.kind is MovementKind.TRANSFER and too_much:
            back = [other.amount_fen for other in counted if other.reverses_id == one.id]
            amount = min(too_much, one.amount_fen - sum(back))
            too_much -= amount
            taken += [(one, Fen(amount))] if amount else []
    return taken
