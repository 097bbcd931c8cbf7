"""The papers that certificates rest on, and the marks of their products, as tests need them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from certification.applications.models import ApplicationDocument
from certification.certificates.commands.marks import record_mark
from certification.certificates.commands.papers import follow_papers
from certification.certificates.models.certificates import Certificate
from certification.certificates.models.marks import MarkKind, ProductMark
from certification.certificates.rules.marks import NewMark
from kernel.database import db
from registry.accounts.models import AppUser
from registry.organisations.models import Organisation
from tests.builders import registry

_serials = count(1)


def holder_of(made: Certificate) -> tuple[Organisation, AppUser]:
    """Give who holds a certificate, and the clerk who applied for it."""
    holder = db.session.get_one(Organisation, made.holder_id)
    return holder, db.session.get_one(AppUser, made.author_id)


def rest_on(made: Certificate, **papers: date | None) -> None:
    """Let a certificate rest on papers of these kinds, until the days that are named."""
    holder, clerk = holder_of(made)
    for position, (kind, until_on) in enumerate(papers.items()):
        paper = registry.document(holder, clerk, kind, until_on)
        supports = ApplicationDocument(
            application_id=made.application_id,
            document_id=paper.id,
            position=position,
            sha256=paper.sha256,
        )
        db.session.add(supports)
    db.session.flush()
    follow_papers(db.session.get_one(Certificate, made.id))


def mark(made: Certificate, now: datetime, **changes: Any) -> ProductMark:
    """Record a mark of a certificate's product for half a year, as its author."""
    holder, clerk = holder_of(made)
    said: dict[str, Any] = {
        "kind": MarkKind.GREEN,
        "number": f"LB-{next(_serials):06d}",
        "issuer": "演示绿色食品中心",
        "valid_from_on": made.valid_from_on,
        "valid_until_on": made.valid_from_on + timedelta(days=180),
        "document_id": registry.document(holder, clerk, "mark").id,
    }
    by = registry.actor_of(clerk)
    return record_mark(made.id, NewMark(**(said | changes)), by=by, now=now)
