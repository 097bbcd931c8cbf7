"""Let a household say by a code whether its money came."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import ANYONE, SYSTEM, Actor
from kernel.database import db
from marketplace.attribution.commands.codes import HandedCode, opens, renew_code
from marketplace.attribution.models.payouts import PayoutLineId, PayoutLineStatus
from marketplace.attribution.queries import payouts as queries
from marketplace.attribution.queries.payouts import PayoutLineView
from marketplace.attribution.rules import payouts as rules
from marketplace.attribution.rules.codes import ANSWER_LIVES
from registry.households.queries.households import get_household
from registry.regions.rules import check_reach


def hand_out_code(line_id: PayoutLineId, *, by: Actor, now: datetime) -> HandedCode:
    """Make a code for a household of the own village whose money was paid; older ones end.

    Refuses NotFound, NotAllowed (another region), WrongState.
    """
    line = queries.lock_visible_line(by, line_id)
    check_reach(get_household(by, line.household_id).village_code, by=by)
    rules.check_line(line.status, PayoutLineStatus.CONFIRMED)
    handed = renew_code(line, line.number, lives=ANSWER_LIVES, now=now)
    audit.write("hand_out_payout_code", subject=("payout_line", line.id), by=by, now=now)
    return handed


def answer_payout(
    number: str, *, code: str, received: bool, now: datetime
) -> PayoutLineView | None:
    """Take a household's word on its money, or None; a wrong code is counted either way.

    None, not a refusal, so that the count is kept when the door says no. An unknown number, a
    wrong code and one that is used up look the same.
    """
    line = queries.lock_line_by_number(ANYONE, number)
    alive = line is not None and rules.is_answerable(line, now=now)
    if not opens(line, number, code, alive=alive) or line is None:
        subject = ("payout_line", line.id if line is not None and alive else "unknown")
        audit.write("answer_payout", subject=subject, by=ANYONE, now=now, outcome="code_wrong")
        return None
    line.status = PayoutLineStatus.CONFIRMED if received else PayoutLineStatus.DENIED
    line.answered_at = now
    line.code_index = line.code_until_at = None
    db.session.flush()
    subject, after = ("payout_line", line.id), {"status": line.status}
    audit.write("answer_payout", subject=subject, by=ANYONE, now=now, after=after)
    return queries.get_line(SYSTEM, line.id)
