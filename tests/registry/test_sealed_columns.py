"""Every encrypted column of the schema, old and new: no row and no dump holds it in clear."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, LargeBinary, Table, func, insert, select, text, type_coerce

from kernel.crypto import EncryptedText
from kernel.database import Base, db
from kernel.identity import new_id
from tests.dumps import dump
from tests.registry.test_named_constraints import FILLED

PERSONAL = ("name", "id_number", "phone", "bank_card", "document_number", "contact")
"""What a column of a person is called, as a whole or at its end."""


def sealed_columns() -> list[Column[Any]]:
    """Give every column of every mapped table that is declared encrypted."""
    tables: list[Any] = [mapper.local_table for mapper in Base.registry.mappers]
    found = [
        column
        for table in tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    ]
    return sorted(found, key=str)


def _canary(column: Column[Any]) -> str:
    return f"何示金丝雀-{column.table.name}-{column.name}-13812345678-11010519491231002X"


def _plant() -> dict[str, str]:
    """Write one row into each table that has such a column, past what is not tried here."""
    by_table: dict[Table, list[Column[Any]]] = {}
    for column in sealed_columns():
        by_table.setdefault(column.table, []).append(column)
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    planted: dict[str, str] = {}
    for table, columns in by_table.items():
        for check in (one for one in table.constraints if str(one.name).startswith("ck_")):
            db.session.execute(text(f"ALTER TABLE {table.name} DROP CONSTRAINT {check.name}"))
        values = {column.name: _canary(column) for column in columns}
        filled = {
            column.name: text(FILLED[_kind(column)])
            for column in table.columns
            if column.name not in values
            and not column.nullable
            and column.server_default is None
            and column.identity is None
        }
        if "id" in filled:
            values["id"] = new_id()  # type: ignore[assignment]
            del filled["id"]
        db.session.execute(insert(table).values({**filled, **values}))
        planted |= {str(column): values[column.name] for column in columns}
    return planted


def _kind(column: Column[Any]) -> str:
    rows = db.session.execute(
        text(
            "SELECT data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = :table AND column_name = :column"
        ),
        {"table": column.table.name, "column": column.name},
    )
    return str(rows.scalar_one())


def test_no_row_and_no_dump_holds_an_encrypted_column_in_clear(fresh: Flask, postgres: str) -> None:
    with fresh.app_context():
        planted = _plant()
        db.session.commit()
        database = str(db.session.scalar(select(func.current_database())))
        for column in sealed_columns():
            raw = db.session.scalars(select(type_coerce(column, LargeBinary))).all()
            clear = planted[str(column)].encode()
            assert [len(one) > len(clear) and clear not in bytes(one) for one in raw] == [True]
            assert db.session.scalars(select(column)).all() == [planted[str(column)]]
    dumped = dump(postgres, database)
    for name, value in planted.items():
        assert name.partition(".")[0].encode() in dumped
        assert value.encode() not in dumped, name
        assert value.encode().hex().encode() not in dumped, name
    for fragment in ("金丝雀", "13812345678", "11010519491231002X"):
        assert fragment.encode() not in dumped
        assert fragment.encode().hex().encode() not in dumped


def test_a_column_in_clear_would_be_seen(fresh: Flask, postgres: str) -> None:
    with fresh.app_context():
        db.session.execute(
            text("CREATE TABLE leak AS SELECT '何示金丝雀-13812345678'::text AS name")
        )
        db.session.commit()
        database = str(db.session.scalar(select(func.current_database())))
    assert b"13812345678" in dump(postgres, database)


@pytest.mark.parametrize("table", ["household", "household_member", "village_leader"])
def test_whatever_a_persons_table_calls_a_name_or_number_is_encrypted(table: str) -> None:
    columns = Base.metadata.tables[table].columns
    personal = {one.name for one in columns if one.name.endswith(PERSONAL)}
    sealed = {one.name for one in columns if isinstance(one.type, EncryptedText)}
    assert personal == sealed
    assert sealed
