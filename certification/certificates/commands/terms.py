"""Loading the terms of certificates, and serving the warnings and signals that they ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, cast

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from certification.certificates.models.certificates import UNENDED, Certificate
from certification.certificates.models.terms import CertificateRule, CertificateWarning
from certification.certificates.queries.capacities import list_due_signals
from certification.certificates.queries.certificates import find_successor
from certification.certificates.queries.terms import list_due_warnings
from certification.events import CapacityNearing, CertificateExpiring
from kernel import audit
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id


def load_certificate_rules(now: datetime) -> None:
    """Load the terms that come with the program and are not there yet; change none."""
    content = files("certification.certificates").joinpath("terms.json").read_bytes()
    rows: list[dict[str, Any]] = orjson.loads(content)
    statement = (
        insert(cast("Table", CertificateRule.__table__))
        .values([{"id": new_id(), **row} for row in rows])
        .on_conflict_do_nothing(constraint="uq_certificate_rule_code")
        .returning(CertificateRule.code)
    )
    added = sorted(db.session.execute(statement).scalars())
    if added:
        subject = ("certificate_rule", "all")
        audit.write(
            "load_certificate_rules", subject=subject, by=SYSTEM, now=now, after={"codes": added}
        )


def plan_warnings(certificate: Certificate, rule: CertificateRule) -> list[CertificateWarning]:
    """Give the warnings that a certificate is due before its end."""
    return [
        CertificateWarning(
            certificate_id=certificate.id,
            days=days,
            due_on=certificate.valid_until_on - timedelta(days=days),
        )
        for days in sorted(set(rule.warning_days))
    ]


def warn_of_expiry(*, now: datetime, limit: int = 500) -> int:
    """Serve warnings that are due; give how many. What has ended or is renewed is not warned of."""
    today = shanghai_day(now)
    due = list_due_warnings(SYSTEM, today=today, limit=limit)
    for warning, certificate in due:
        warning.served_at = now
        runs = certificate.status_on(today) in UNENDED
        if runs and find_successor(SYSTEM, certificate.id) is None:
            record(CertificateExpiring(certificate_id=certificate.id), now=now)
            subject = ("certificate", certificate.id)
            after = {"days": warning.days}
            audit.write("warn_of_expiry", subject=subject, by=SYSTEM, now=now, after=after)
    db.session.flush()
    return len(due)


def signal_capacities(*, now: datetime, limit: int = 500) -> int:
    """Tell of capacities that crossed a threshold, once a crossing; give how many."""
    due = list_due_signals(SYSTEM, limit=limit)
    for signal, certificate_id in due:
        signal.signalled_at = now
        capacity_id = signal.capacity_id
        record(CapacityNearing(certificate_id=certificate_id, capacity_id=capacity_id), now=now)
        after = {"level": signal.level, "used": signal.used, "declared": signal.declared}
        subject = ("capacity", capacity_id)
        audit.write("signal_capacity", subject=subject, by=SYSTEM, now=now, after=after)
    db.session.flush()
    return len(due)
