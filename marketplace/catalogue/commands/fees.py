"""Saying that somebody took money from a supplier, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Invalid, NotAllowed
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.catalogue.models.fees import FeeKind, FeeReport, FeeReportId
from marketplace.catalogue.queries.fees import lock_fee_report
from marketplace.errors.catalogue import FeeResolved
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewFeeReport:
    """What was charged, by whom, and when."""

    kind: FeeKind
    amount_fen: Fen
    charged_by: str
    charged_on: date


def report_fee(new: NewFeeReport, *, by: Actor, now: datetime) -> FeeReport:
    """Write down a charge to the own organisation (Invalid of a day to come, IdentityInText)."""
    if by.organisation_id is None:
        raise NotAllowed
    if new.charged_on > shanghai_day(now):
        raise Invalid(reason="收费日期在将来 / charged on a day to come", pointer="/charged_on")
    check_clear_of_identity(new.charged_by, pointer="/charged_by")
    report = FeeReport(
        id=FeeReportId(new_id()),
        supplier_id=OrganisationId(by.organisation_id),
        kind=new.kind,
        amount_fen=new.amount_fen,
        charged_by=new.charged_by,
        charged_on=new.charged_on,
        reported_by=UserId(by.user_id),
        reported_at=now,
    )
    db.session.add(report)
    return _written(report, "fee_reported", by=by, now=now)


def resolve_fee(report_id: FeeReportId, resolution: str, *, by: Actor, now: datetime) -> FeeReport:
    """Write down what became of a charge, once (FeeResolved, IdentityInText)."""
    report = lock_fee_report(by, report_id)
    if report.resolved_at is not None:
        raise FeeResolved
    check_clear_of_identity(resolution, pointer="/resolution")
    report.resolution = resolution
    report.resolved_by, report.resolved_at = UserId(by.user_id), now
    return _written(report, "fee_resolved", by=by, now=now)


def _written(report: FeeReport, action: str, *, by: Actor, now: datetime) -> FeeReport:
    db.session.flush()
    after = {"kind": report.kind, "amount_fen": report.amount_fen, "is_error": report.is_error}
    audit.write(action, subject=("fee_report", report.id), by=by, now=now, after=after)
    return report
