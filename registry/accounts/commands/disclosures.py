"""Keep who reads what in clear."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from registry.accounts.models import Disclosure, UserId
from registry.organisations.models import OrganisationId


def record_disclosure(subject: tuple[str, UUID], *, purpose: str, by: Actor, now: datetime) -> None:
    """Keep for good who reads something personal in clear, and why; refuses NotAllowed.

    The rows are the list that the persons concerned may ask for; the audit row seals it.
    """
    if by.organisation_id is None:
        raise NotAllowed
    db.session.add(
        Disclosure(
            id=new_id(),
            subject_kind=subject[0],
            subject_id=subject[1],
            user_id=UserId(by.user_id),
            organisation_id=OrganisationId(by.organisation_id),
            purpose=purpose,
            at=now,
        )
    )
    db.session.flush()
    audit.write("disclose", subject=subject, by=by, now=now, after={"purpose": purpose})
