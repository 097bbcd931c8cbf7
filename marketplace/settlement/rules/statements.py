"""What a line of a bank statement says, which orders it pays, and what may be done with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from kernel.errors import WrongState
from kernel.money import Fen
from marketplace.errors.settlement import (
    LineReversed,
    MatchExceedsLine,
    RefundMissing,
    ReversalUnfit,
)
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.statements import BankLine, LineState, Outcome

JOINTS = re.compile(r"[\s\-‐‑‒–—―−_.·]+")
"""What people put between, and leave out of, the parts of a number."""
NUMBER = re.compile(r"BF([O0PT])(\d{4})(\d{6})(\d{6,9})")
SHORTEST = 6
REVERSALS = re.compile(r"冲正|冲账|退汇|撤销|REVERSAL")
WAITS = frozenset({LineState.NEW, LineState.OPEN, LineState.PARKED})

TRANSITIONS: Mapping[LineState, frozenset[LineState]] = MappingProxyType(
    {
        LineState.NEW: frozenset(LineState) - {LineState.NEW},
        LineState.OPEN: frozenset(
            {LineState.MATCHED, LineState.PARKED, LineState.RETURNED, LineState.REVERSED}
        ),
        LineState.PARKED: frozenset(
            {LineState.OPEN, LineState.MATCHED, LineState.RETURNED, LineState.REVERSED}
        ),
        LineState.MATCHED: frozenset(),
        LineState.RETURNED: frozenset(),
        LineState.REVERSED: frozenset(),
        LineState.NOTED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A payment that finance said it sent, and that a line may confirm."""

    payment_id: PaymentId
    amount: Fen
    named: bool = False
    """The line gives this payment's own number."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An order that a line may be for: what it may still be paid, and what was announced."""

    order_id: OrderId
    due: Fen
    status: OrderStatus = OrderStatus.CONFIRMED
    announced: tuple[Announced, ...] = ()

    @property
    def wanted(self) -> Fen:
        """Give what the line is for: the payments that it names, else all that is due."""
        named = sum(one.amount for one in self.announced if one.named)
        return Fen(min(named, self.due) if named else self.due)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What matching makes of a line: the outcome, and how much of it pays which order."""

    outcome: Outcome
    parts: tuple[tuple[OrderId, Fen], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a bank says of one line; two lines of one content are told apart by their count."""

    booked_on: date
    amount_fen: Fen
    payer_name: str | None = None
    payer_account: str | None = None
    remark: str | None = None
    bank_reference: str | None = None

    @property
    def fingerprint(self) -> str:
        """Write the content in one way, however spaced and whatever the width of its marks."""
        texts = (self.payer_name, self.payer_account, self.remark, self.bank_reference)
        plain = ("".join(unicodedata.normalize("NFKC", one or "").split()) for one in texts)
        return "\x1f".join((self.booked_on.isoformat(), str(self.amount_fen), *plain))


def numbers_in(text: str | None) -> list[tuple[str, ...]]:
    """Find the numbers of orders, payments and treasury orders that a payer typed, each once.

    Spaces, dashes and full-width marks make no difference. Digits that run on are part of the
    number or not: each place gives the numbers it may mean, the longest first.
    """
    plain = JOINTS.sub("", unicodedata.normalize("NFKC", text or "")).upper()
    found: dict[tuple[str, ...], None] = {}
    for kind, year, region, digits in NUMBER.findall(plain):
        series = f"BF-{'O' if kind == '0' else kind}-{year}-{region}"
        lengths = range(len(digits), SHORTEST - 1, -1)
        found[tuple(f"{series}-{digits[:length]}" for length in lengths)] = None
    return list(found)


def is_reversal(remark: str | None) -> bool:
    """Say whether a line that left the account says that it takes another one back."""
    return bool(REVERSALS.search(unicodedata.normalize("NFKC", remark or "").upper()))


def propose(amount: Fen, claims: Sequence[Claim]) -> Proposal:
    """Decide which of the orders a line names it pays, and how much of each.

    Several orders are paid together only where the line pays all of them in full; what is above
    the sum stays with the line, for people.
    """
    if not claims:
        return Proposal(Outcome.UNKNOWN)
    if any(one.status is not OrderStatus.CONFIRMED for one in claims):
        late = len(claims) == 1 and claims[0].status is OrderStatus.EXPIRED
        return Proposal(Outcome.LATE if late else Outcome.CLOSED)
    if len(claims) == 1:
        return _of_one(amount, claims[0])
    total = sum(one.wanted for one in claims)
    if amount < total or any(not one.wanted for one in claims):
        return Proposal(Outcome.UNCLEAR)
    parts = tuple((one.order_id, one.wanted) for one in claims)
    return Proposal(Outcome.JOINT if amount == total else Outcome.OVER, parts)


def _of_one(amount: Fen, claim: Claim) -> Proposal:
    if not claim.due:
        return Proposal(Outcome.CLOSED)
    if amount > claim.due:
        return Proposal(Outcome.OVER, ((claim.order_id, claim.due),))
    meant = {claim.due, claim.wanted, *(one.amount for one in claim.announced)}
    outcome = Outcome.EXACT if amount in meant else Outcome.PARTIAL
    return Proposal(outcome, ((claim.order_id, amount),))


def take_announced(
    amount: Fen, announced: Sequence[Announced]
) -> tuple[list[tuple[PaymentId, Fen]], Fen]:
    """Say which announcements so much money confirms, and what of it nobody announced.

    The one of just that amount, else those that are named, then the oldest; the last may be
    confirmed in part.
    """
    just = [one for one in announced if one.amount == amount]
    if just:
        first = next((one for one in just if one.named), just[0])
        return [(first.payment_id, amount)], Fen(0)
    taken, left = [], amount
    for one in sorted(announced, key=lambda one: not one.named):
        part = Fen(min(left, one.amount))
        if part:
            taken.append((one.payment_id, part))
            left = Fen(left - part)
    return taken, left


def proven(amount: Fen, drawn: Sequence[Announced]) -> list[PaymentId]:
    """Say which payments that the treasury makes together so much money proves, to the fen.

    All of them, else the only one of just that amount, else none.
    """
    if amount == sum(one.amount for one in drawn):
        return [one.payment_id for one in drawn]
    just = [one.payment_id for one in drawn if one.amount == amount]
    return just if len(just) == 1 else []


def check_parts(line: BankLine, amounts: Iterable[Fen]) -> None:
    """Refuse to place more of a line than is left of it (MatchExceedsLine)."""
    wanted, left = Fen(sum(amounts)), left_of(line)
    if wanted > left:
        raise MatchExceedsLine(left_fen=left, wanted_fen=wanted, pointer="/parts")


def left_of(line: BankLine) -> Fen:
    """Give what of a line has no place yet."""
    return Fen(max(0, line.amount_fen) - line.matched_fen - line.returned_fen)


def check_waits(line: BankLine) -> None:
    """Refuse to decide on a line that waits for nobody (WrongState)."""
    if line.state not in WAITS:
        raise WrongState(state=line.state, wanted=LineState.OPEN)


def check_line_move(line: BankLine, to: LineState) -> None:
    """Refuse a way that is not drawn (WrongState)."""
    if to not in TRANSITIONS[line.state]:
        raise WrongState(state=line.state, wanted=to)


def check_came_in(line: BankLine) -> None:
    """Refuse to place or return what left the account (WrongState)."""
    if line.amount_fen < 0:
        raise WrongState(state=line.outcome, wanted=LineState.OPEN)


def check_reversal(line: BankLine, taken_back: BankLine, *, refunded: Fen) -> None:
    """Refuse to pair lines that do not fit, or one whose payments still stand.

    ReversalUnfit, LineReversed, RefundMissing: what the line confirmed is refunded first.
    """
    if line.account_id != taken_back.account_id or line.amount_fen != -taken_back.amount_fen:
        raise ReversalUnfit
    if line.amount_fen > 0 or taken_back.returned_fen:
        raise ReversalUnfit
    if taken_back.state is LineState.REVERSED:
        raise LineReversed
    if refunded < taken_back.matched_fen:
        raise RefundMissing(refunded_fen=refunded, wanted_fen=taken_back.matched_fen)
