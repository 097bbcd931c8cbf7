"""What people do with lines that matching left to them: park, take up, return, pair."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import WrongState, check_version
from kernel.money import Fen
from marketplace.settlement.commands.matching import pair_reversal
from marketplace.settlement.commands.placing import Placing
from marketplace.settlement.models.statements import BankLine, BankLineId, LineState, Outcome
from marketplace.settlement.queries import statements as queries
from marketplace.settlement.queries.statements import LineView
from marketplace.settlement.rules import statements as rules
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity


def park_line(
    line_id: BankLineId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> LineView:
    """Set a line aside with a reason; it stays in the queue (WrongState)."""
    line = _lock(line_id, expected_version, by=by)
    check_clear_of_identity(reason, pointer="/reason")
    rules.check_line_move(line, LineState.PARKED)
    line.state, line.reason = LineState.PARKED, reason
    return _decided("bank_line.park", line, by=by, now=now)


def resume_line(
    line_id: BankLineId, *, expected_version: int | None, by: Actor, now: datetime
) -> LineView:
    """Take a parked line up again (WrongState)."""
    line = _lock(line_id, expected_version, by=by)
    if line.state is not LineState.PARKED:
        raise WrongState(state=line.state, wanted=LineState.PARKED)
    line.state, line.reason = LineState.OPEN, None
    return _decided("bank_line.resume", line, by=by, now=now)


def return_line(
    line_id: BankLineId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> LineView:
    """Say that what is left of a line was sent back to who paid it (WrongState)."""
    line = _lock(line_id, expected_version, by=by)
    check_clear_of_identity(reason, pointer="/reason")
    rules.check_waits(line)
    rules.check_came_in(line)
    line.returned_fen = Fen(line.returned_fen + rules.left_of(line))
    line.state, line.reason = LineState.RETURNED, reason
    return _decided("bank_line.return", line, by=by, now=now)


def reverse_line(
    line_id: BankLineId,
    *,
    reverses_id: BankLineId,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> LineView:
    """Pair a reversal with the line that it takes back.

    Refuses lines that do not fit each other (ReversalUnfit), one that was paired (LineReversed),
    and one whose payments were not refunded first (RefundMissing).
    """
    line = _lock(line_id, expected_version, by=by)
    rules.check_waits(line)
    taken_back = queries.lock_line(by, reverses_id)
    refunded = queries.sum_refunded(by, taken_back.id)
    rules.check_reversal(line, taken_back, refunded=refunded)
    line.outcome = Outcome.REVERSAL
    pair_reversal(line, taken_back, Placing(by, UserId(by.user_id), Outcome.REVERSAL, now))
    return _decided("bank_line.reverse", line, by=by, now=now)


def _lock(line_id: BankLineId, expected_version: int | None, *, by: Actor) -> BankLine:
    line = queries.lock_line(by, line_id)
    check_version(line.version, expected_version)
    return line


def _decided(action: str, line: BankLine, *, by: Actor, now: datetime) -> LineView:
    line.decided_by, line.decided_at = UserId(by.user_id), now
    db.session.flush()
    after = {"state": line.state, "returned_fen": line.returned_fen, "version": line.version}
    audit.write(action, subject=("bank_line", line.id), by=by, now=now, after=after)
    return queries.get_line_view(by, line.id)
