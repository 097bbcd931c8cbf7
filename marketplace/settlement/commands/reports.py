"""Make the reconciliation of the day, once."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from marketplace.settlement.models.reports import MoneyDifference, MoneyReport, MoneyReportId
from marketplace.settlement.queries import differences as queries


def make_report(*, now: datetime) -> MoneyReport | None:
    """Write down where money does not agree; None where the day has its report already."""
    day = shanghai_day(now)
    if queries.find_report(SYSTEM, on=day) is not None:
        return None
    found = queries.list_found(SYSTEM, now=now)
    report_id = MoneyReportId(new_id())
    report = MoneyReport(id=report_id, on=day, differences=len(found), made_at=now)
    db.session.add(report)
    db.session.flush()
    for kind, subject_id, expected, seen in found:
        row = MoneyDifference(
            id=new_id(),
            report_id=report_id,
            kind=kind,
            subject_id=subject_id,
            expected_fen=expected,
            found_fen=seen,
        )
        db.session.add(row)
    db.session.flush()
    after = {"on": day.isoformat(), "differences": len(found)}
    subject = ("money_report", report_id)
    audit.write("money_report.make", subject=subject, by=SYSTEM, now=now, after=after)
    return report
