"""The marks that the public sees of a product."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from certification.certificates.models.certificates import Certificate, CertificateId
from certification.certificates.models.marks import LIVE, MarkStatus, ProductMark
from kernel.actor import Actor
from kernel.database import db


def list_valid_marks(actor: Actor, certificate_id: CertificateId, *, on: date) -> list[ProductMark]:
    """List the confirmed marks that a certificate's product bears on a day, the first first.

    Those of the certificates that it renews are its product's too.
    """
    del actor  # what the public is shown
    line = select(Certificate.id, Certificate.renews_id).where(Certificate.id == certificate_id)
    family = line.cte("family", recursive=True)
    before = aliased(Certificate)
    family = family.union_all(
        select(before.id, before.renews_id).where(before.id == family.c.renews_id)
    )
    query = select(ProductMark).where(
        ProductMark.certificate_id.in_(select(family.c.id)),
        ProductMark.valid_from_on <= on,
        stands(MarkStatus.CONFIRMED, on=on),
    )
    return list(db.session.scalars(query.order_by(ProductMark.kind, ProductMark.id)))


def stands(status: MarkStatus, *, on: date) -> ColumnElement[bool]:
    """Say that a mark has a status on a day, whether or not the timer has run."""
    until = ProductMark.valid_until_on
    if status is MarkStatus.LAPSED:
        return or_(ProductMark.status == status, and_(ProductMark.status.in_(LIVE), until <= on))
    if status in LIVE:
        return and_(ProductMark.status == status, or_(until.is_(None), until > on))
    return ProductMark.status == status
