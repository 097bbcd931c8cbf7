"""Opening a unit's quotas with the last confirmation of its promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.events import record
from kernel.holds import EntryKind
from kernel.identity import new_id
from kernel.money import Fen
from procurement.events import FilingConfirmed
from procurement.filings.commands import confirm_step, contents_of
from procurement.filings.models import Filing, FilingId
from procurement.quotas import rules
from procurement.quotas.models import Quota, QuotaEntry, QuotaId
from procurement.quotas.rules import QuotaTerms

NOTHING = Fen(0)


@dataclass(frozen=True, slots=True)
class ConfirmedFiling:
    """A promise after a confirmation, and the quotas it opened if it was the last one."""

    filing: Filing
    quotas: Sequence[Quota]


def confirm_filing(filing_id: FilingId, *, by: Actor, now: datetime) -> ConfirmedFiling:
    """Confirm a promise; the last confirmation opens the unit's quotas with it.

    Refuses SamePerson, OwnOrganisation, NotAllowed, WrongState.
    """
    filing = confirm_step(filing_id, by=by, now=now)
    opened = [
        _open_quota(filing, terms, by=by, now=now)
        for terms in rules.terms_of(filing.status, contents_of(filing))
    ]
    if opened:
        record(FilingConfirmed(filing_id=filing.id), now=now)
    return ConfirmedFiling(filing, opened)


def _open_quota(filing: Filing, terms: QuotaTerms, *, by: Actor, now: datetime) -> Quota:
    quota = Quota(
        id=QuotaId(new_id()),
        unit_id=filing.unit_id,
        year=filing.year,
        fund=terms.fund,
        ceiling_fen=terms.ceiling_fen,
        floor_fen=terms.floor_fen,
        held_fen=NOTHING,
        spent_fen=NOTHING,
        filing_id=filing.id,
    )
    opening = QuotaEntry(
        id=new_id(),
        counter_id=quota.id,
        kind=EntryKind.ADJUST,
        held=NOTHING,
        spent=NOTHING,
        accepted_fen=NOTHING,
        ceiling_fen=terms.ceiling_fen,
        floor_fen=terms.floor_fen,
        at=now,
    )
    db.session.add_all([quota, opening])
    db.session.flush()
    audit.write(
        "open_quota",
        subject=("quota", quota.id),
        by=by,
        now=now,
        after={"fund": terms.fund, "ceiling": terms.ceiling_fen, "floor": terms.floor_fen},
    )
    return quota
