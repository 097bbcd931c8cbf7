"""Rows written straight into the tables: organisations, people with tokens, and anything else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Table, insert

from kernel.calendar import shanghai_day
from kernel.database import Base, db
from kernel.identity import new_id
from registry.accounts.models import AccessToken, AppUser, Membership, Role
from registry.organisations.models import Organisation, OrganisationKind

TOKEN_DAYS = 30
BATCH = 2_000


@dataclass(frozen=True)
class Person:
    """Somebody with a token, and the organisation they act for."""

    token: str
    organisation_id: UUID


class Writer:
    """Writes rows of all kinds at one instant."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = shanghai_day(now)
        self.serial = 0

    def rows(self, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert rows as they are."""
        ready = [dict(row) for row in rows]
        for start in range(0, len(ready), BATCH):
            db.session.execute(insert(cast("Table", model.__table__)), ready[start : start + BATCH])

    def organisation(self, kind: OrganisationKind, *, region_code: str, region_prefix: str) -> UUID:
        """Register an organisation under nobody."""
        self.serial += 1
        key = new_id()
        self.rows(
            Organisation,
            [
                {
                    "id": key,
                    "credit_code": f"91000000{self.serial:010d}",
                    "name": f"测量单位 {self.serial}",
                    "kind": kind,
                    "region_code": region_code,
                    "region_prefix": region_prefix,
                    "supervising_id": None,
                    "lineage": f"/{key}/",
                    "created_at": self.now,
                    "version": 1,
                }
            ],
        )
        return key

    def person(self, organisation_id: UUID, role: Role) -> tuple[Person, UUID]:
        """Open an account that nobody can sign in to, with one role and one token."""
        self.serial += 1
        key, token = new_id(), secrets.token_urlsafe(32)
        self.rows(
            AppUser,
            [
                {
                    "id": key,
                    "username": f"measured-{self.serial}",
                    "password_hash": "!",
                    "organisation_id": organisation_id,
                    "failed_attempts": 0,
                    "locked_until_at": None,
                    "created_at": self.now,
                    "version": 1,
                }
            ],
        )
        self.rows(
            Membership,
            [
                {
                    "id": new_id(),
                    "user_id": key,
                    "organisation_id": organisation_id,
                    "role": role,
                    "created_at": self.now,
                }
            ],
        )
        self.rows(
            AccessToken,
            [
                {
                    "id": new_id(),
                    "digest": hashlib.sha256(token.encode()).digest(),
                    "user_id": key,
                    "organisation_id": organisation_id,
                    "issued_at": self.now,
                    "expires_at": self.now + timedelta(days=TOKEN_DAYS),
                    "revoked_at": None,
                }
            ],
        )
        return Person(token, organisation_id), key


@contextmanager
def without_indexes(
    connection: psycopg.Connection[tuple[object, ...]], tables: Collection[str]
) -> Iterator[None]:
    """Write many rows at once: keys are not followed, indexes that hold no rule built after."""
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid::regclass::text = ANY (%s) AND NOT indisunique AND NOT indisexclusion",
        [list(tables)],
    ).fetchall()
    connection.execute("SET statement_timeout = 0")
    connection.execute("SET maintenance_work_mem = '512MB'")
    connection.execute("SET session_replication_role = replica")
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    for _, definition in found:
        connection.execute(str(definition).encode())
    connection.execute("SET session_replication_role = origin")
