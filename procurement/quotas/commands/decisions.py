"""Deciding on many promises at once, each by its own opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Busy, Refusal
from kernel.journal import journal
from procurement.errors.filings import FilingBatchRefused
from procurement.filings.commands.chain import ReturnReason, return_filing
from procurement.filings.models import FilingId, FilingStatus
from procurement.quotas.commands.opening import confirm_filing


class Decision(StrEnum):
    """What a level says of a promise."""

    CONFIRM = "confirm"
    RETURN = "return"


@dataclass(frozen=True)
class BatchDecision:
    """A decision on one promise of many, with its own opinion."""

    filing_id: UUID
    decision: Decision
    opinion: str
    reasons: Sequence[ReturnReason] = ()


@dataclass(frozen=True)
class DecisionOutcome:
    """What became of one item: its status now, or the refusal that left it as it was."""

    filing_id: UUID
    status: FilingStatus | None = None
    refusal: Refusal | None = field(default=None)


def decide_batch(
    items: Sequence[BatchDecision], *, atomic: bool, by: Actor, now: datetime
) -> list[DecisionOutcome]:
    """Confirm or return many promises, each judged by the gates that one alone passes.

    `atomic`: all or none (FilingBatchRefused names each item and why). Otherwise each stands
    for itself. Promises are locked in the order of their keys; outcomes come as asked.
    """
    found: dict[int, DecisionOutcome] = {}
    order = sorted(range(len(items)), key=lambda position: items[position].filing_id)
    for position in order:
        found[position] = _judge(items[position], by=by, now=now)
    outcomes = [found[position] for position in range(len(items))]
    refused = {
        position: one.refusal for position, one in enumerate(outcomes) if one.refusal is not None
    }
    if atomic and refused:
        raise FilingBatchRefused(refused=refused)
    return outcomes


def _judge(item: BatchDecision, *, by: Actor, now: datetime) -> DecisionOutcome:
    """Decide on one item in a savepoint: refused, it leaves its refusal in the audit only."""
    noted = journal()
    acts, facts, deliveries = len(noted.acts), len(noted.facts), len(noted.deliveries)
    try:
        with db.session.begin_nested():
            return DecisionOutcome(item.filing_id, _decide(item, by=by, now=now))
    except Busy:
        raise
    except Refusal as refusal:
        del noted.acts[acts:], noted.facts[facts:], noted.deliveries[deliveries:]
        audit.write(
            f"{item.decision}_filing",
            subject=("filing", item.filing_id),
            by=by,
            now=now,
            outcome=refusal.code,
        )
        return DecisionOutcome(item.filing_id, refusal=refusal)


def _decide(item: BatchDecision, *, by: Actor, now: datetime) -> FilingStatus:
    filing_id = FilingId(item.filing_id)
    if item.decision is Decision.CONFIRM:
        return confirm_filing(filing_id, opinion=item.opinion, by=by, now=now).filing.status
    returned = return_filing(filing_id, reason=item.opinion, reasons=item.reasons, by=by, now=now)
    return returned.status
