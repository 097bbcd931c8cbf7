"""Let a household say by a code whether its money came."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from kernel import audit
from kernel.actor import ANYONE, SYSTEM, Actor
from kernel.crypto import blind_index
from kernel.database import db
from marketplace.attribution.models.payouts import (
    MOST_FAILURES,
    PayoutLine,
    PayoutLineId,
    PayoutLineStatus,
)
from marketplace.attribution.queries import payouts as queries
from marketplace.attribution.queries.payouts import PayoutLineView
from marketplace.attribution.rules import payouts as rules
from registry.households.queries.households import get_household
from registry.regions.rules import check_reach

CODE_DIGITS = 8
CODE_INDEX = "payout_line.code"
NOBODYS = b"\0" * 16


@dataclass(frozen=True)
class HandedCode:
    """A code in clear, shown once, to be handed to the household with its slip's number."""

    number: str
    code: str = field(repr=False)
    until_at: datetime


def hand_out_code(line_id: PayoutLineId, *, by: Actor, now: datetime) -> HandedCode:
    """Make a code for a household of the own village whose money was paid; older ones end.

    Refuses NotFound, NotAllowed (another region), WrongState.
    """
    line = queries.lock_visible_line(by, line_id)
    check_reach(get_household(by, line.household_id).village_code, by=by)
    rules.check_line(line.status, PayoutLineStatus.CONFIRMED)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    line.code_index = _index_of(line.number, code)
    line.code_until_at = now + rules.CODE_LIVES
    line.failed_attempts = 0
    db.session.flush()
    audit.write("hand_out_payout_code", subject=("payout_line", line.id), by=by, now=now)
    return HandedCode(line.number, code, line.code_until_at)


def answer_payout(
    number: str, *, code: str, received: bool, now: datetime
) -> PayoutLineView | None:
    """Take a household's word on its money, or None; a wrong code is counted either way.

    None, not a refusal, so that the count is kept when the door says no. An unknown number, a
    wrong code and one that is used up look the same.
    """
    line = queries.lock_line_by_number(ANYONE, number)
    alive = line is not None and rules.is_answerable(line, now=now)
    known = line.code_index if line is not None and alive else None
    is_right = hmac.compare_digest(_index_of(number, code), bytes(known or NOBODYS))
    if line is None or not alive or not is_right:
        _count_failure(line if alive else None, now=now)
        return None
    line.status = PayoutLineStatus.CONFIRMED if received else PayoutLineStatus.DENIED
    line.answered_at = now
    line.code_index = line.code_until_at = None
    db.session.flush()
    subject, after = ("payout_line", line.id), {"status": line.status}
    audit.write("answer_payout", subject=subject, by=ANYONE, now=now, after=after)
    return queries.get_line(SYSTEM, line.id)


def _count_failure(line: PayoutLine | None, *, now: datetime) -> None:
    """Count a wrong code against its line; the fifth ends the code."""
    if line is not None:
        line.failed_attempts += 1
        if line.failed_attempts >= MOST_FAILURES:
            line.code_index = line.code_until_at = None
        db.session.flush()
    subject = ("payout_line", "unknown" if line is None else line.id)
    audit.write("answer_payout", subject=subject, by=ANYONE, now=now, outcome="code_wrong")


def _index_of(number: str, code: str) -> bytes:
    return blind_index(f"{number}:{code}", purpose=CODE_INDEX)
