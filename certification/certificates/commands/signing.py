"""Signing what a certificate says, and keeping which key signs since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from certification.applications.models import Application
from certification.certificates.models.certificates import Certificate
from certification.certificates.models.keys import SigningKey
from certification.certificates.models.words import grams_of, plain, with_pinyin
from certification.certificates.queries.certificates import ALGORITHM, get_certificate
from certification.certificates.queries.keys import find_signing_key
from certification.certificates.rules.certificates import statement_of
from certification.criteria.models import Scheme
from kernel import audit
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.crypto import public_keys, sign
from kernel.database import db
from registry.organisations.queries import get_organisation
from registry.regions.queries import get_region

KEY_LOCK = 0x62666B65
"""Who rotates the key waits for who else does: one transaction-level advisory lock."""


def sign_certificate(
    certificate: Certificate, *, application: Application, scheme: Scheme, now: datetime
) -> None:
    """Write, sign and make searchable what a certificate says now."""
    renewed = certificate.renews_id and get_certificate(SYSTEM, certificate.renews_id)
    holder = get_organisation(SYSTEM, certificate.holder_id)
    statement = statement_of(
        certificate,
        application=application,
        holder=holder,
        scheme=scheme,
        issued_on=shanghai_day(now),
        renews=renewed.number if renewed else None,
    )
    signature = sign(statement)
    note_signing_key(signature.key_id, now=now)
    certificate.payload = statement.decode()
    certificate.key_id, certificate.signature = signature.key_id, signature.value
    origin = get_region(SYSTEM, certificate.origin_region_code)
    names = " ".join(map(plain, (certificate.product_name, holder.name, origin.name)))
    certificate.search_text = f"{with_pinyin(names)} {plain(certificate.specification)}"
    certificate.grams = grams_of(certificate.search_text)


def note_signing_key(key_id: str, *, now: datetime) -> None:
    """Keep the public half of the key that signs; the one before it is retired from now on.

    A key id never comes back with another key, and a retired key never signs again.
    """
    public_key = public_keys()[key_id]
    known = find_signing_key(SYSTEM, key_id)
    if known is None:
        db.session.execute(func.pg_advisory_xact_lock(KEY_LOCK).select())
        _rotate(key_id, public_key, now=now)
        known = find_signing_key(SYSTEM, key_id)
    if known is None or known.public_key != public_key or known.retired_at is not None:
        raise RuntimeError(f"signing key {key_id} was another key before, or is retired")


def load_signing_keys(now: datetime) -> None:
    """Keep the key that this installation signs with, so that the list has it from the start."""
    note_signing_key(list(public_keys())[-1], now=now)


def _rotate(key_id: str, public_key: bytes, *, now: datetime) -> None:
    retired = update(SigningKey).where(SigningKey.retired_at.is_(None), SigningKey.key_id != key_id)
    db.session.execute(retired.values(retired_at=now))
    values = {"key_id": key_id, "algorithm": ALGORITHM, "public_key": public_key}
    made = insert(SigningKey).values(**values, in_use_from_at=now).on_conflict_do_nothing()
    db.session.execute(made)
    audit.write(
        "use_signing_key",
        subject=("signing_key", key_id),
        by=SYSTEM,
        now=now,
        after={"public_key": public_key.hex()},
    )
