"""What becomes of a flag: it is explained, or followed up below, by the unit or in the goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from certification.certificates.models.certificates import CertificateId
from certification.inspections.commands.tasks import open_case
from certification.inspections.models.tasks import TaskSource
from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import NotFound
from marketplace.oversight.models import FlagStatus, RedFlag, RedFlagId
from marketplace.oversight.queries import flags as queries
from marketplace.oversight.queries.flags import FlagItem, FlagView
from marketplace.oversight.rules import check_buyer, check_foreign, check_open
from procurement.supervision.commands.matters import NewMatter, raise_matter
from procurement.supervision.models.matters import Cause
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


@dataclass(frozen=True, slots=True)
class Demand:
    """Which of the buyers has to put what right."""

    unit_id: OrganisationId
    demand: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Which certificate's goods are looked at, and for what reason."""

    certificate_id: CertificateId
    reason: str


def explain_flag(flag_id: RedFlagId, reason: str, *, by: Actor, now: datetime) -> FlagView:
    """Say why a flag means nothing. Refuses NotFound, OwnOrganisation, WrongState."""
    check_clear_of_identity(reason, pointer="/reason")
    item = _lock(flag_id, by=by)
    return _decide(item.flag, FlagStatus.EXPLAINED, reason, by=by, now=now)


def demand_of_buyer(flag_id: RedFlagId, new: Demand, *, by: Actor, now: datetime) -> FlagView:
    """Raise a matter of supervision against one of a flag's buyers.

    Refuses NotFound, OwnOrganisation, NotAllowed, WrongState, NoSupervisionTerms.
    """
    item = _lock(flag_id, by=by)
    check_buyer(item.buyer_ids, new.unit_id)
    asked = NewMatter(new.unit_id, shanghai_year(now), Cause.OTHER, new.demand)
    matter = raise_matter(asked, by=by, now=now)
    return _decide(item.flag, FlagStatus.DEMANDED, new.demand, by=by, now=now, case_id=matter.id)


def inspect_goods(flag_id: RedFlagId, new: Suspicion, *, by: Actor, now: datetime) -> FlagView:
    """Open a hidden inspection of a certificate whose goods stand behind a flag.

    Refuses NotFound, OwnOrganisation, NotAllowed (out of reach), WrongState.
    """
    flag = _lock(flag_id, by=by).flag
    if new.certificate_id not in {one.id for one in queries.list_certificates_of(by, flag)}:
        raise NotFound
    task = open_case(
        new.certificate_id,
        reason=new.reason,
        by=by,
        now=now,
        source=TaskSource.SIGNAL,
        source_id=flag.id,
    )
    return _decide(flag, FlagStatus.INSPECTED, new.reason, by=by, now=now, case_id=task.id)


def _lock(flag_id: RedFlagId, *, by: Actor) -> FlagItem:
    flag = queries.lock_flag(by, flag_id)
    [item] = queries.list_items(by, [flag])
    check_foreign({*item.buyer_ids, *item.supplier_ids}, by=by)
    check_open(flag)
    return item


def _decide(
    flag: RedFlag,
    status: FlagStatus,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    case_id: UUID | None = None,
) -> FlagView:
    flag.status, flag.reason, flag.case_id = status, reason, case_id
    flag.decided_by, flag.decided_at = UserId(by.user_id), now
    db.session.flush()
    after = {"status": status, "reason": reason, "case_id": case_id}
    audit.write("decide_flag", subject=("red_flag", flag.id), by=by, now=now, after=after)
    return queries.find_view(by, flag)
