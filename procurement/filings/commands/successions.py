"""What becomes of a unit's promises when it ends."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from procurement.events import FilingCarriedOver
from procurement.filings import queries
from procurement.filings.models import CarryReason, Filing, FilingCarry, FilingStatus
from registry.organisations.models import OrganisationId


def end_promises(
    unit_id: OrganisationId,
    *,
    successor_id: OrganisationId | None,
    reason: CarryReason,
    now: datetime,
) -> None:
    """Let what is open lapse, and let the successor answer for what is in force.

    Promises stay under the unit that made them, with their steps and quotas; the successor
    finds them among its own, those too that the unit had taken over itself.
    """
    for filing in queries.lock_open(SYSTEM, unit_id):
        filing.status = FilingStatus.LAPSED
        db.session.flush()
        audit.write("lapse_filing", subject=("filing", filing.id), by=SYSTEM, now=now)
    if successor_id is None:
        return
    for filing in queries.list_answered_for(SYSTEM, unit_id):
        _carry(filing, unit_id, successor_id, reason=reason, now=now)


def _carry(
    filing: Filing,
    unit_id: OrganisationId,
    successor_id: OrganisationId,
    *,
    reason: CarryReason,
    now: datetime,
) -> None:
    carry = FilingCarry(
        id=new_id(),
        filing_id=filing.id,
        from_unit_id=unit_id,
        to_unit_id=successor_id,
        reason=reason,
        carried_at=now,
    )
    db.session.add(carry)
    db.session.flush()
    after = {"from": unit_id, "to": successor_id, "reason": reason}
    audit.write("carry_filing", subject=("filing", filing.id), by=SYSTEM, now=now, after=after)
    record(FilingCarriedOver(filing_id=filing.id, to_unit_id=successor_id), now=now)
