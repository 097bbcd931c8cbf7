"""Every named constraint of the register speaks by its name when it is broken, and none is idle."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.database import Base, constraint_of
from kernel.identity import new_id
from tests.registry.breakers import CHECKS, PLAIN, TWICE, Values

FILLED = {
    "uuid": "gen_random_uuid()",
    "text": "left(md5(random()::text), 20)",
    "character varying": "left(md5(random()::text), 20)",
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "boolean": "true",
    "date": "'2026-01-01'",
    "timestamp with time zone": "now()",
    "jsonb": "'[]'",
    "bytea": "decode(md5(random()::text), 'hex')",
    "ARRAY": "'{}'",
}
TABLES = sorted(
    {
        str(mapper.local_table.name)  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("registry.")
    }
)


def _named(session: Session) -> dict[str, str]:
    """Give the table of every named CHECK, UNIQUE and EXCLUDE of the register."""
    rows = session.execute(
        text(
            "SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE contype IN ('c', 'u', 'x') AND relname = ANY(:tables)"
            " UNION SELECT indexes.relname, tables.relname FROM pg_index"
            " JOIN pg_class indexes ON indexes.oid = indexrelid"
            " JOIN pg_class tables ON tables.oid = indrelid"
            " WHERE indisunique AND NOT indisprimary AND tables.relname = ANY(:tables)"
        ),
        {"tables": TABLES},
    )
    return {str(name): str(table) for name, table in rows}


def _insert(session: Session, table: str, values: Values) -> None:
    """Insert a row past triggers and foreign keys, which are not what is tried here."""
    columns = session.execute(
        text(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name ="
            " :table AND table_schema = 'public' AND is_nullable = 'NO' AND is_identity = 'NO'"
            " AND column_default IS NULL"
        ),
        {"table": table},
    )
    row: dict[str, str] = {str(name): FILLED[str(kind)] for name, kind in columns}
    if "id" in row:
        row["id"] = f"'{new_id()}'"
    row |= {**PLAIN.get(table, {}), **values}
    filled = [value.replace("{id}", row.get("id", "")) for value in row.values()]
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(filled)})")  # noqa: S608
    )


def _refusal(session: Session, table: str, values: Values) -> str | None:
    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        _insert(session, table, values)
    return constraint_of(refused.value)


def test_every_named_constraint_has_what_breaks_it(db_session: Session) -> None:
    breakers: Mapping[str, Values] = {**CHECKS, **TWICE}
    assert len(breakers) == len(CHECKS) + len(TWICE)
    assert set(_named(db_session)) == set(breakers)


@pytest.mark.parametrize("table", TABLES)
def test_a_plain_row_is_taken(db_session: Session, table: str) -> None:
    _insert(db_session, table, {})


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_speaks_by_its_name(db_session: Session, name: str) -> None:
    assert _refusal(db_session, _named(db_session)[name], CHECKS[name]) == name


@pytest.mark.parametrize("name", TWICE)
def test_what_is_unique_speaks_by_its_name(db_session: Session, name: str) -> None:
    table = _named(db_session)[name]
    if "id" in TWICE[name]:
        db_session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table} CASCADE"))
    _insert(db_session, table, TWICE[name])
    assert _refusal(db_session, table, TWICE[name]) == name


def test_a_constraint_that_nobody_breaks_would_be_seen(db_session: Session) -> None:
    db_session.execute(text("ALTER TABLE region ADD CONSTRAINT ck_region_idle CHECK (true)"))
    assert set(_named(db_session)) - {*CHECKS, *TWICE} == {"ck_region_idle"}
