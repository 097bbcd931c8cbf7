"""Who did what to which thing: one row per write, in the transaction of the write."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Identity, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.actor import Actor
from kernel.database import Base
from kernel.identity import new_id
from kernel.journal import journal
from kernel.logs import request_id


class AuditRow(Base):
    """One act. `xid` is the transaction that wrote it, by which batches are contiguous."""

    __tablename__ = "audit_row"
    __table_args__ = (
        Index("ix_audit_row_subject", "subject_kind", "subject_id"),
        Index("ix_audit_row_xid", "xid"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    xid: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")
    )
    at: Mapped[datetime]
    user_id: Mapped[UUID] = mapped_column(Uuid)
    organisation_id: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str]
    outcome: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    before_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    after_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    request_id: Mapped[str]


def write(
    action: str,
    *,
    subject: tuple[str, UUID | str],
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: str = "done",
) -> None:
    """Leave the row of one act in this transaction; contents are kept as hashes only.

    The row is written with the transaction's journal, as its last act.
    """
    journal().acts.append(
        {
            "id": new_id(),
            "at": now,
            "user_id": by.user_id,
            "organisation_id": by.organisation_id,
            "action": action,
            "outcome": outcome,
            "subject_kind": subject[0],
            "subject_id": str(subject[1]),
            "before_hash": _digest(before),
            "after_hash": _digest(after),
            "request_id": request_id.get(),
        }
    )


def _digest(contents: Mapping[str, Any] | None) -> bytes | None:
    if contents is None:
        return None
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(orjson.dumps(contents, default=str, option=options)).digest()
