"""Which terms hold for certificates of a place on a day, and which warnings are due."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from certification.certificates.models.certificates import Certificate
from certification.certificates.models.terms import CertificateRule, CertificateWarning
from kernel.actor import Actor
from kernel.database import db
from registry.regions.rules import NATION, ancestor_codes, subtree_prefix


def find_rule(actor: Actor, region_code: str, *, on: date) -> CertificateRule | None:
    """Find the terms of the nearest region around a place on a Shanghai day, the newest first."""
    del actor  # terms are public
    until = CertificateRule.in_force_until_on
    query = select(CertificateRule).where(
        CertificateRule.region_code.in_([*ancestor_codes(region_code), NATION]),
        CertificateRule.in_force_from_on <= on,
        or_(until.is_(None), until > on),
    )
    found = list(db.session.scalars(query))
    nearest = [(len(subtree_prefix(one.region_code)), one.in_force_from_on, one) for one in found]
    return max(nearest, key=lambda one: one[:2])[2] if nearest else None


def list_rules(actor: Actor, *, on: date) -> list[CertificateRule]:
    """List the terms in force on a day, by code."""
    del actor  # terms are public
    until = CertificateRule.in_force_until_on
    query = select(CertificateRule).where(
        CertificateRule.in_force_from_on <= on, or_(until.is_(None), until > on)
    )
    return list(db.session.scalars(query.order_by(CertificateRule.code)))


def list_due_warnings(
    actor: Actor, *, today: date, limit: int
) -> list[tuple[CertificateWarning, Certificate]]:
    """List and lock warnings that are due, with their certificates, the oldest first."""
    del actor  # only the timer asks
    query = (
        select(CertificateWarning, Certificate)
        .join(Certificate, Certificate.id == CertificateWarning.certificate_id)
        .where(CertificateWarning.served_at.is_(None), CertificateWarning.due_on <= today)
        .order_by(CertificateWarning.due_on, CertificateWarning.certificate_id)
        .limit(limit)
        .with_for_update(of=CertificateWarning, skip_locked=True)
    )
    return [(warning, certificate) for warning, certificate in db.session.execute(query)]
