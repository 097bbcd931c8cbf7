"""Certificates by key, number and search, and what may still be sold under them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select

from certification.certificates.models import (
    UNENDED,
    Capacity,
    CapacityId,
    Certificate,
    CertificateChange,
    CertificateId,
    CertificateStatus,
)
from kernel.actor import Actor
from kernel.crypto import public_keys
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.organisations.models import Organisation
from registry.regions.models import OriginKind, Region

ALGORITHM = "Ed25519"


@dataclass(frozen=True)
class SignatureView:
    """What anyone needs, beside the public key, to verify a certificate offline."""

    key_id: str
    algorithm: str
    payload: str
    value: str


@dataclass(frozen=True)
class SigningKeyView:
    """A public key, base64 of its 32 raw bytes."""

    key_id: str
    algorithm: str
    public_key: str


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
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    certificate = db.session.scalar(query)
    if certificate is None:
        raise NotFound
    return certificate


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
    """Get a certificate with holder, history and its status on a day (NotFound)."""
    del actor  # certificates are public
    row = db.session.execute(_whole().where(Certificate.id == certificate_id)).one_or_none()
    if row is None:
        raise NotFound
    changes = select(CertificateChange).where(CertificateChange.certificate_id == certificate_id)
    history = list(db.session.scalars(changes.order_by(CertificateChange.position)))
    return _view(*row, on=on, changes=history)


def list_certificates(
    actor: Actor, *, q: str | None, on: date, limit: int, cursor: str | None
) -> Page[CertificateView]:
    """List certificates, the newest first; `q` is part of a product's or holder's name.

    Or it is a whole number.
    """
    del actor  # the directory is public
    query = _whole()
    if q:
        query = query.where(
            or_(
                Certificate.number == q,
                Certificate.product_name.icontains(q, autoescape=True),
                Organisation.name.icontains(q, autoescape=True),
            )
        )
    keys = [(Certificate.id, True)]
    found = page(query, keys=keys, limit=limit, cursor=cursor, scalars=False, filters={"q": q})
    return Page([_view(*row, on=on) for row in found.items], found.next_cursor)


def _whole() -> Select[Certificate, Organisation, str]:
    return (
        select(Certificate, Organisation, Region.name)
        .join(Organisation, Organisation.id == Certificate.holder_id)
        .join(Region, Region.code == Certificate.origin_region_code)
    )


def _view(
    certificate: Certificate,
    holder: Organisation,
    place: str,
    *,
    on: date,
    changes: Sequence[CertificateChange] = (),
) -> CertificateView:
    return CertificateView(
        certificate=certificate,
        holder=holder,
        origin=OriginView(certificate.origin_region_code, place, certificate.origin_kind),
        status=certificate.status_on(on),
        changes=changes,
    )


def list_open_capacities(
    actor: Actor, certificate_ids: Collection[CertificateId], *, on: date
) -> dict[CertificateId, Capacity]:
    """List, by certificate, the capacity that takes new orders on a Shanghai day, if any."""
    del actor  # what is left is public
    query = select(Capacity).where(
        Capacity.certificate_id.in_(certificate_ids),
        Capacity.is_open,
        Capacity.from_on <= on,
        Capacity.until_on > on,
    )
    return {capacity.certificate_id: capacity for capacity in db.session.scalars(query)}


def find_capacity(actor: Actor, capacity_id: CapacityId) -> Capacity | None:
    """Read a capacity as it stands now, whatever the session remembers of it."""
    del actor  # what is left is public
    return db.session.get(Capacity, capacity_id, populate_existing=True)


def lock_capacities(actor: Actor, certificate_ids: Collection[CertificateId]) -> list[CapacityId]:
    """Lock all years of certificates, in key order, and give their keys."""
    del actor  # what is left is public
    query = select(Capacity.id).where(Capacity.certificate_id.in_(certificate_ids))
    return list(db.session.scalars(query.order_by(Capacity.id).with_for_update(key_share=True)))


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


def list_signing_keys(actor: Actor) -> list[SigningKeyView]:
    """List the public keys that certificates are and were signed with."""
    del actor  # public keys are public
    return [
        SigningKeyView(key_id, ALGORITHM, b64encode(key).decode())
        for key_id, key in public_keys().items()
    ]
