"""What settlement does when a bank statement was read."""

from __future__ import annotations

from datetime import datetime

from marketplace.events import StatementRead
from marketplace.settlement.commands.matching import match_lines
from marketplace.settlement.models.statements import BankAccountId


def look_at_lines(event: StatementRead, *, now: datetime) -> None:
    """Place the lines that say themselves what they pay."""
    match_lines(BankAccountId(event.account_id), now=now)
