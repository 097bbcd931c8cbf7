"""Certificates by key and number, and those whose time is over."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from certification.certificates.models.certificates import (
    UNENDED,
    Certificate,
    CertificateChange,
    CertificateId,
    CertificateStatus,
)
from certification.certificates.models.marks import ProductMark
from certification.certificates.queries.standing import list_valid_marks
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.rows import locked, one
from registry.accounts.models import AppUser
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.models import OriginKind, Region

ALGORITHM = "Ed25519"


WHOLE = (
    select(Certificate, Organisation, Region.name)
    .join(Organisation, Organisation.id == Certificate.holder_id)
    .join(Region, Region.code == Certificate.origin_region_code)
)
"""Certificates with their holder and the name of their origin."""


@dataclass(frozen=True)
class SignatureView:
    """What anyone needs, beside the public key, to verify a certificate offline."""

    key_id: str
    algorithm: str
    payload: str
    value: str


@dataclass(frozen=True)
class OriginView:
    """Where the product comes from, and what the place counted as at the grant."""

    region_code: str
    name: str
    kind: OriginKind


@dataclass(frozen=True)
class CertificateView:
    """A certificate as the public sees it on a day; `changes` oldest first."""

    certificate: Certificate
    holder: Organisation
    origin: OriginView
    status: CertificateStatus
    changes: Sequence[CertificateChange] = ()
    renews: str | None = None
    renewed_by: str | None = None
    marks: Sequence[ProductMark] = ()

    @property
    def signature(self) -> SignatureView:
        """The signature over the canonical statement."""
        return SignatureView(
            key_id=self.certificate.key_id,
            algorithm=ALGORITHM,
            payload=self.certificate.payload,
            value=b64encode(self.certificate.signature).decode(),
        )


def get_certificate(
    actor: Actor, certificate_id: CertificateId, *, lock: bool = False
) -> Certificate:
    """Get a certificate (NotFound), locked where it is decided on."""
    del actor  # certificates are public
    query = select(Certificate).where(Certificate.id == certificate_id)
    return locked(query, key_share=True) if lock else one(query)


def find_certificate_by_number(actor: Actor, number: str) -> Certificate | None:
    """Find a certificate by the number that is printed on it."""
    del actor  # certificates are public
    return db.session.scalar(select(Certificate).where(Certificate.number == number))


def get_view_by_number(actor: Actor, number: str, *, on: date) -> CertificateView:
    """Get a certificate by its number with holder, history and its status on a day (NotFound)."""
    certificate = find_certificate_by_number(actor, number)
    if certificate is None:
        raise NotFound
    return get_view(actor, certificate.id, on=on)


def get_view(actor: Actor, certificate_id: CertificateId, *, on: date) -> CertificateView:
    """Get a certificate with holder, history, marks and its status on a day (NotFound)."""
    row = db.session.execute(WHOLE.where(Certificate.id == certificate_id)).one_or_none()
    if row is None:
        raise NotFound
    changes = select(CertificateChange).where(CertificateChange.certificate_id == certificate_id)
    history = list(db.session.scalars(changes.order_by(CertificateChange.position)))
    view = view_of(*row, on=on, changes=history)
    certificate, later = view.certificate, aliased(Certificate)
    numbers = select(
        select(Certificate.number).where(Certificate.id == certificate.renews_id).scalar_subquery(),
        select(later.number).where(later.renews_id == certificate_id).scalar_subquery(),
    )
    renews, renewed_by = db.session.execute(numbers).one()
    marks = list_valid_marks(actor, certificate_id, on=on)
    return replace(view, renews=renews, renewed_by=renewed_by, marks=marks)


def view_of(
    certificate: Certificate,
    holder: Organisation,
    place: str,
    *,
    on: date,
    changes: Sequence[CertificateChange] = (),
) -> CertificateView:
    """Shape a row as the public sees it on a day."""
    return CertificateView(
        certificate=certificate,
        holder=holder,
        origin=OriginView(certificate.origin_region_code, place, certificate.origin_kind),
        status=certificate.status_on(on),
        changes=changes,
    )


def find_issuer_name(actor: Actor, certificate: Certificate) -> str:
    """Find the name of the office whose reviewer granted a certificate."""
    del actor  # who certified answers for it, in public
    query = select(Organisation.name).join(AppUser, AppUser.organisation_id == Organisation.id)
    return db.session.scalar(query.where(AppUser.id == certificate.granted_by_id)) or ""


def find_successor(actor: Actor, certificate_id: CertificateId) -> Certificate | None:
    """Find the certificate that renews another, if it has been granted."""
    del actor  # certificates are public
    return db.session.scalar(select(Certificate).where(Certificate.renews_id == certificate_id))


def get_running(actor: Actor, certificate_id: CertificateId, *, on: date) -> Certificate:
    """Get a certificate (NotFound), or the last of its successors that has begun by a day."""
    certificate = get_certificate(actor, certificate_id)
    while later := find_successor(actor, certificate.id):
        if later.valid_from_on > on:
            break
        certificate = later
    return certificate


def lock_certificates_of(actor: Actor, holder_id: OrganisationId) -> list[Certificate]:
    """Lock the certificates of a holder that are in force by their row, in key order."""
    del actor  # only reactions to the holder's end ask
    query = select(Certificate).where(
        Certificate.holder_id == holder_id, Certificate.status == CertificateStatus.IN_FORCE
    )
    query = query.order_by(Certificate.id).with_for_update(key_share=True)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def lock_family(
    actor: Actor, certificate_id: CertificateId, *, today: date
) -> tuple[Certificate, Certificate | None]:
    """Lock a certificate (NotFound), then its successor where that has not begun yet."""
    certificate = get_certificate(actor, certificate_id, lock=True)
    later = find_successor(actor, certificate_id)
    if later is None or later.valid_from_on <= today:
        return certificate, None
    return certificate, get_certificate(actor, later.id, lock=True)


def list_due(actor: Actor, *, today: date, limit: int) -> list[Certificate]:
    """List and lock certificates whose validity is over and whose row does not say so yet.

    Rows that another run holds are left to it.
    """
    del actor  # only the timer asks
    query = select(Certificate).where(
        Certificate.status.in_(UNENDED), Certificate.valid_until_on <= today
    )
    query = query.order_by(Certificate.valid_until_on, Certificate.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True, key_share=True)))
