"""Keep the credit record of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import OwnOrganisation
from kernel.identity import new_id
from registry.errors.organisations import CreditEntryWithdrawn
from registry.organisations.models import (
    Consequence,
    CreditEntry,
    CreditEntryId,
    CreditKind,
    OrganisationId,
)
from registry.organisations.queries import get_organisation, lock_credit_entry
from registry.organisations.rules import check_credit_period


@dataclass(frozen=True)
class NewCreditEntry:
    """What to put on an organisation's credit record, with the document it comes from."""

    kind: CreditKind
    source: str
    since_on: date
    consequences: Sequence[Consequence]
    until_on: date | None = None
    document_id: UUID | None = None


def add_credit_entry(
    organisation_id: OrganisationId, *, new: NewCreditEntry, by: Actor, now: datetime
) -> CreditEntry:
    """Put an entry on the record of an organisation in sight, never of the own one.

    Refuses NotFound, OwnOrganisation, CreditPeriodBackwards.
    """
    organisation = get_organisation(by, organisation_id)
    if organisation.id == by.organisation_id:
        raise OwnOrganisation
    check_credit_period(since_on=new.since_on, until_on=new.until_on)
    entry = CreditEntry(
        id=CreditEntryId(new_id()),
        organisation_id=organisation.id,
        kind=new.kind,
        source=new.source,
        document_id=new.document_id,
        recorded_on=shanghai_day(now),
        since_on=new.since_on,
        until_on=new.until_on,
        consequences=sorted(set(new.consequences)),
        recorded_by=by.user_id,
        recorded_at=now,
    )
    db.session.add(entry)
    db.session.flush()
    audit.write(
        "add_credit_entry",
        subject=("organisation", organisation.id),
        by=by,
        now=now,
        after={"kind": new.kind, "source": new.source, "consequences": entry.consequences},
    )
    return entry


def withdraw_credit_entry(
    entry_id: CreditEntryId, *, reason: str, by: Actor, now: datetime
) -> CreditEntry:
    """Withdraw an entry that was made in error; it stays readable, without consequences.

    Refuses NotFound, OwnOrganisation, CreditEntryWithdrawn.
    """
    entry = lock_credit_entry(by, entry_id)
    if entry.organisation_id == by.organisation_id:
        raise OwnOrganisation
    if entry.withdrawn_at is not None:
        raise CreditEntryWithdrawn
    entry.withdrawn_at, entry.withdrawal_reason = now, reason
    db.session.flush()
    audit.write("withdraw_credit_entry", subject=("credit_entry", entry.id), by=by, now=now)
    return entry
