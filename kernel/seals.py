"""Closed batches of audit rows: Merkle roots chained and signed, and the proof that they hold."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Index, LargeBinary, Table, Uuid, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.audit import AuditRow
from kernel.crypto import public_keys, sign, verify
from kernel.database import Base, db

GENESIS = bytes(32)
SEALER_LOCK = 7_210_001
BATCH = 10_000


class AuditSeal(Base):
    """A closed batch: the Merkle root of its rows, chained to the seal before and signed."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    watermark: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class AuditLeaf(Base):
    """The place of a row in its batch and the hash it had when sealed."""

    __tablename__ = "audit_leaf"
    __table_args__ = (Index("uq_audit_leaf_row_id", "row_id", unique=True),)

    seal_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row_id: Mapped[UUID] = mapped_column(Uuid)
    row_hash: Mapped[bytes] = mapped_column(LargeBinary)


LEAVES = cast("Table", AuditLeaf.__table__)
RUNNING = text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")


@dataclass(frozen=True)
class Head:
    """The end of the chain as it is kept outside the database."""

    number: int
    chain: bytes


def seal(*, now: datetime) -> Head | None:
    """Close the rows of all finished transactions into batches; None where there is nothing new.

    Rows of transactions still running wait for the next batch, so a batch is contiguous:
    nothing can appear later behind its watermark. Safe to run twice at once (advisory lock).
    """
    db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEALER_LOCK})
    watermark = db.session.execute(RUNNING).scalar_one()
    sealed = select(AuditLeaf.row_id).where(AuditLeaf.row_id == AuditRow.id).exists()
    rows = db.session.scalars(
        select(AuditRow)
        .where(AuditRow.xid < watermark, ~sealed)
        .order_by(AuditRow.position)
        .limit(BATCH)
    ).all()
    if not rows:
        return None
    last = db.session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    full = len(rows) == BATCH
    mark = min(watermark, rows[-1].xid) if full else watermark
    return _close(rows, after=last, watermark=mark, now=now)


def _close(
    rows: Sequence[AuditRow], *, after: AuditSeal | None, watermark: int, now: datetime
) -> Head:
    number = after.number + 1 if after else 1
    hashes = [row_hash(row) for row in rows]
    root = merkle_root(hashes)
    chain = _link(after.chain if after else GENESIS, number, watermark, len(rows), root)
    signature = sign(chain)
    db.session.add(
        AuditSeal(
            number=number,
            sealed_at=now,
            watermark=watermark,
            rows=len(rows),
            root=root,
            chain=chain,
            key_id=signature.key_id,
            signature=signature.value,
        )
    )
    db.session.flush()
    db.session.execute(
        insert(LEAVES),
        [
            {"seal_number": number, "leaf": leaf, "row_id": row.id, "row_hash": digest}
            for leaf, (row, digest) in enumerate(zip(rows, hashes, strict=True))
        ],
    )
    return Head(number, chain)


def row_hash(row: AuditRow) -> bytes:
    """Give the SHA-256 of everything a row says."""
    columns: dict[str, Any] = {
        name: value.hex() if isinstance(value, bytes) else value
        for name in AuditRow.__mapper__.columns.keys()  # noqa: SIM118 - not a mapping
        for value in (getattr(row, name),)
    }
    options = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
    return hashlib.sha256(b"\0" + orjson.dumps(columns, default=str, option=options)).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Give the root of a binary Merkle tree (RFC 6962 style: an odd node moves up as it is)."""
    level = list(hashes)
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest()
            for i in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else GENESIS


def _link(before: bytes, number: int, watermark: int, rows: int, root: bytes) -> bytes:
    facts = f"{number}:{watermark}:{rows}:".encode()
    return hashlib.sha256(before + facts + root).digest()


def find_tampering(heads: Sequence[Head] = ()) -> Iterator[str]:
    """Prove the chain again and name every place where it does not hold.

    `heads` are the ends of the chain kept outside; they show a tail that was cut.
    """
    chain, expected, watermark = GENESIS, 1, 0
    known: dict[int, bytes] = {}
    keys = public_keys()
    for one in db.session.scalars(select(AuditSeal).order_by(AuditSeal.number)):
        if one.number != expected:
            yield f"seal {expected} is missing"
        chain = _link(chain, one.number, one.watermark, one.rows, one.root)
        if chain != one.chain:
            yield f"seal {one.number} does not follow from the one before"
        key = keys.get(one.key_id)
        if key is None or not verify(one.chain, signature=one.signature, public_key=key):
            yield f"seal {one.number} is not signed by a known key"
        yield from _batch_faults(one)
        chain, expected, watermark = one.chain, one.number + 1, one.watermark
        known[one.number] = one.chain
    for head in heads:
        if known.get(head.number) != head.chain:
            yield f"seal {head.number}, kept outside the database, is missing or another"
    yield from _late_rows(watermark)


def _batch_faults(one: AuditSeal) -> Iterator[str]:
    found = db.session.execute(
        select(AuditLeaf, AuditRow)
        .outerjoin(AuditRow, AuditRow.id == AuditLeaf.row_id)
        .where(AuditLeaf.seal_number == one.number)
        .order_by(AuditLeaf.leaf)
    ).all()
    if [leaf.leaf for leaf, _ in found] != list(range(one.rows)):
        yield f"seal {one.number} does not have its {one.rows} leaves"
    if merkle_root([leaf.row_hash for leaf, _ in found]) != one.root:
        yield f"the leaves of seal {one.number} do not give its root"
    for leaf, row in found:
        if row is None:
            yield f"row {leaf.row_id} of seal {one.number} is missing"
        elif row_hash(row) != leaf.row_hash:
            yield f"row {leaf.row_id} of seal {one.number} was altered"


def _late_rows(watermark: int) -> Iterator[str]:
    sealed = select(AuditLeaf.row_id).where(AuditLeaf.row_id == AuditRow.id).exists()
    late = select(AuditRow.id).where(AuditRow.xid < watermark, ~sealed)
    for row_id in db.session.scalars(late):
        yield f"row {row_id} was put in behind a closed batch"


def count_rows() -> tuple[int, int]:
    """Count the audit rows and, of them, the sealed ones."""
    rows = db.session.scalar(select(func.count()).select_from(AuditRow)) or 0
    return rows, db.session.scalar(select(func.count()).select_from(AuditLeaf)) or 0
