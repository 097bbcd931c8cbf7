"""The public keys that certificates are and were signed with."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from certification.certificates.models.keys import SigningKey
from kernel.actor import Actor
from kernel.database import db


@dataclass(frozen=True)
class SigningKeyView:
    """A public key, base64 of its 32 raw bytes, and the period in which it signed."""

    key_id: str
    algorithm: str
    public_key: str
    in_use_from_at: datetime
    retired_at: datetime | None


def find_signing_key(actor: Actor, key_id: str) -> SigningKey | None:
    """Find a key that signs or signed, as the database has it now."""
    del actor  # public keys are public
    return db.session.get(SigningKey, key_id, populate_existing=True)


def list_signing_keys(actor: Actor) -> list[SigningKeyView]:
    """List all keys that ever signed, the first first; retired ones stay for good."""
    del actor  # public keys are public
    rows = db.session.scalars(
        select(SigningKey).order_by(SigningKey.in_use_from_at, SigningKey.key_id)
    )
    return [
        SigningKeyView(
            key_id=row.key_id,
            algorithm=row.algorithm,
            public_key=b64encode(row.public_key).decode(),
            in_use_from_at=row.in_use_from_at,
            retired_at=row.retired_at,
        )
        for row in rows
    ]
