"""One key, one effect: claimed in the transaction of the effect, answered again afterwards.

Follows draft-ietf-httpapi-idempotency-key-header-07: a missing key is 400, another body 422,
a request still running 409; answers are kept `KEPT_DAYS`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from flask import Response
from sqlalchemy import Index, LargeBinary, Uuid, delete, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedBytes, decrypt_bytes, encrypt_bytes
from kernel.database import Base, db
from kernel.errors import IdempotencyInFlight, IdempotencyKeyReused
from kernel.journal import journal

KEPT_DAYS = 7
BODY = "idempotency_key.body"
"""Where answers are kept, encrypted: some of them name persons."""


class IdempotencyKey(Base):
    """A key of one principal, what it was used for, and the answer once there is one."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_claimed_at", "claimed_at"),)

    principal_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    claimed_at: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(EncryptedBytes(BODY))


KEPT = ("Content-Type", "ETag", "Location", "Content-Language")


@dataclass(frozen=True)
class Answer:
    """An answer as it was given: status, a few headers, the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, response: Response) -> "Answer":
        """Keep what an answer said, and the headers that belong to it."""
        headers = {name: response.headers[name] for name in KEPT if name in response.headers}
        return cls(response.status_code, headers, response.get_data())


# A keyed write goes by keys from here on: one plan serves every value, and planning the gates anew
# would cost PostgreSQL as much as running them. Plans are kept from when a table was empty, those
# behind foreign keys too; read from end to end, it would cost more with every row. What has no
# key to go by is read so all the same; before PostgreSQL 18 that looked dear enough to compile.
_CLAIM = text("""
WITH gate AS (
  SELECT pg_try_advisory_xact_lock(:lock) AS free,
    set_config('plan_cache_mode', 'force_generic_plan', true) AS planned,
    set_config('enable_seqscan', 'off', true) AS sought, set_config('jit', 'off', true) AS plain
), claim AS (
  INSERT INTO idempotency_key (principal_id, key, fingerprint, claimed_at)
  SELECT :principal_id, :key, :fingerprint, :now FROM gate WHERE free
  ON CONFLICT DO NOTHING RETURNING 1
)
SELECT free, EXISTS (SELECT FROM claim) AS claimed FROM gate
""")
_LOOK = text("""
SELECT fingerprint, status, headers, body FROM idempotency_key
WHERE principal_id = :principal_id AND key = :key
""")


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """Give the SHA-256 of what a key stands for: method, path with query, body."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


def claim(principal_id: UUID, key: str, *, fingerprint: bytes, now: datetime) -> Answer | None:
    """Claim a key for this transaction, or give the answer it already has.

    Raises IdempotencyInFlight while another transaction holds it, IdempotencyKeyReused where
    it was used for something else.
    """
    digest = hashlib.sha256(principal_id.bytes + key.encode()).digest()
    bound = {"principal_id": principal_id, "key": key}
    lock = int.from_bytes(digest[:8], "big", signed=True)
    free, claimed = db.session.execute(
        _CLAIM, {**bound, "lock": lock, "fingerprint": fingerprint, "now": now}
    ).one()
    if not free:
        raise IdempotencyInFlight
    if claimed:
        return None
    row = db.session.execute(_LOOK, bound).one()
    if bytes(row.fingerprint) != fingerprint:
        raise IdempotencyKeyReused
    return Answer(row.status, row.headers, decrypt_bytes(bytes(row.body), place=BODY))


def store(principal_id: UUID, key: str, answer: Answer) -> None:
    """Keep the answer of a claimed key, in the same transaction as its effect."""
    journal().answer = {
        "principal_id": principal_id,
        "key": key,
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "body": encrypt_bytes(answer.body, place=BODY),
    }


def forget(*, now: datetime) -> int:
    """Drop keys that are older than `KEPT_DAYS`; returns how many."""
    old = IdempotencyKey.claimed_at < now - timedelta(days=KEPT_DAYS)
    result = db.session.execute(delete(IdempotencyKey).where(old))
    return int(result.rowcount)  # type: ignore[attr-defined]
