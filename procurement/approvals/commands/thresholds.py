"""Setting a unit's bands, and loading the platform's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from kernel.money import Fen
from kernel.terms import FROM_ON, SOURCE
from procurement.approvals.models import (
    ApprovalThreshold,
    ThresholdId,
)
from procurement.approvals.rules import (
    check_beginning,
)
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId

DEFAULT_FEN = Fen(20_000_00)


@dataclass(frozen=True, slots=True)
class NewThreshold:
    """A band to set, from a day on (without one, from today), and what it rests on."""

    amount_fen: Fen
    source: str
    from_on: date | None = None
    fund: Fund | None = None
    category_code: str | None = None
    approvers: int = 1


def set_threshold(new: NewThreshold, *, by: Actor, now: datetime) -> ApprovalThreshold:
    """Add a dated band for the actor's own unit; earlier rows stay as they are.

    Of rows that begin on one day the last one set holds. Refuses ThresholdBackdated.
    """
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(new.source, pointer="/source")
    today = shanghai_day(now)
    from_on = new.from_on or today
    check_beginning(from_on, today=today)
    threshold = ApprovalThreshold(
        id=ThresholdId(new_id()),
        unit_id=OrganisationId(by.organisation_id),
        amount_fen=new.amount_fen,
        fund=new.fund,
        category_code=new.category_code,
        approvers=new.approvers,
        from_on=from_on,
        source=new.source,
        author_id=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(threshold)
    db.session.flush()
    audit.write(
        "set_threshold",
        subject=("approval_threshold", threshold.id),
        by=by,
        now=now,
        after={
            "amount_fen": new.amount_fen,
            "fund": new.fund,
            "category_code": new.category_code,
            "approvers": new.approvers,
            "from_on": from_on,
            "source": new.source,
        },
    )
    return threshold


def load_thresholds(now: datetime) -> None:
    """Load the platform's default where none is there yet; changes nothing twice."""
    added = db.session.execute(
        insert(cast("Table", ApprovalThreshold.__table__))
        .values(
            id=new_id(),
            unit_id=None,
            amount_fen=DEFAULT_FEN,
            from_on=FROM_ON,
            source=SOURCE,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["from_on"], index_where=text("unit_id IS NULL"))
        .returning(ApprovalThreshold.id)
    ).scalar_one_or_none()
    if added is not None:
        audit.write(
            "load_thresholds",
            subject=("approval_threshold", added),
            by=SYSTEM,
            now=now,
            after={"amount_fen": DEFAULT_FEN},
        )
