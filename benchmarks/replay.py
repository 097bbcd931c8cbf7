"""The second floor: exactly the rows that one of our orders writes, one statement each.

An order is placed on a quiet database and every table compared before and after; what was
inserted is inserted again under fresh keys, what was counted up is counted up again.
"""

from __future__ import annotations

import graphlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.clients import Operation, Prepare
from kernel.identity import new_id

Row = dict[str, str | None]
Key = tuple[str | None, ...]
Picture = dict[str, dict[Key, Row]]
Act = tuple[bytes, list[str | None]]

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS kind,
    a.attidentity <> '' OR a.attgenerated <> ''
        OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE '%(%', false) AS made,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary
            AND a.attnum = ANY (i.indkey)) AS keyed,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique
            AND a.attnum = ANY (i.indkey)) AS single
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname, a.attnum
"""
REFERENCES = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND conrelid <> confrelid
"""
NUMBERS = ("bigint", "integer", "numeric")
FRESH_TEXT = ("text", "character varying")
NOT_OURS = frozenset({"alembic_version", "region", "audit_seal"})


@dataclass(frozen=True)
class Column:
    """A column as the catalogue knows it."""

    name: str
    kind: str
    made: bool
    """The database makes its value itself."""
    keyed: bool
    single: bool


@dataclass(frozen=True)
class Statement:
    """One statement of the replay and the values it was captured with."""

    query: bytes
    values: tuple[str | None, ...]
    is_update: bool


@dataclass(frozen=True)
class Template:
    """All statements of one order, and which of its values are fresh in every replay."""

    statements: tuple[Statement, ...]
    keys: frozenset[str]
    """UUIDs minted for the order."""
    names: frozenset[str]
    """Texts that must be unique: numbers, idempotency keys."""


def capture(dsn: str, act: Callable[[], None]) -> Template:
    """Do the act on a quiet database and write down what it wrote."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tables = _columns(connection)
        before = _picture(connection, tables)
        act()
        after = _picture(connection, tables)
        order = _parents_first(connection, tables)
    statements, keys, names = [], set(), set()
    for table in order:
        columns = tables[table]
        for key, row in after[table].items():
            old = before[table].get(key)
            if old is None:
                statements.append(_insert(table, columns, row))
                keys |= {v for c, v in _pairs(columns, row) if v and c.keyed and c.kind == "uuid"}
                names |= {v for c, v in _pairs(columns, row) if v and _is_fresh_text(c)}
            elif old != row:
                statements.append(_update(table, columns, old, row))
    known = {key[0] for rows in before.values() for key in rows}
    return Template(
        tuple(statements),
        frozenset(keys - {key for key in known if key}),
        frozenset(names - {name for name in known if name}),
    )


def replaying(dsn: str, template: Template, choose: Callable[[int], Mapping[str, str]]) -> Prepare:
    """Prepare replays; `choose` maps the captured listings and buyers to others, by client."""

    def prepare(number: int) -> Operation:
        connection = psycopg.connect(dsn)

        def once() -> bool:
            mapped: dict[str | None, str] = {key: str(new_id()) for key in template.keys}
            mapped |= {name: secrets.token_hex(12) for name in template.names}
            mapped.update(choose(number))
            inserts: list[Act] = []
            updates: list[Act] = []
            for one in template.statements:
                values = [_moved(value, mapped) for value in one.values]
                (updates if one.is_update else inserts).append((one.query, values))
            updates.sort(key=lambda update: (update[0], update[1][-1] or ""))
            with connection.transaction():
                for query, values in (*inserts, *updates):
                    connection.execute(query, values)
            return True

        return once

    return prepare


def _moved(value: str | None, mapped: Mapping[str | None, str]) -> str | None:
    if value is not None and value.startswith("{"):  # JSON: an event names its order
        for old, new in mapped.items():
            if old and old in value:
                value = value.replace(old, new)
        return value
    return mapped.get(value, value)


def _columns(connection: psycopg.Connection) -> dict[str, list[Column]]:
    tables: dict[str, list[Column]] = {}
    for table, *rest in connection.execute(COLUMNS):
        if table not in NOT_OURS:
            tables.setdefault(table, []).append(Column(*rest))
    return tables


def _picture(connection: psycopg.Connection, tables: Mapping[str, Sequence[Column]]) -> Picture:
    picture: Picture = {}
    for table, columns in tables.items():
        wanted = sql.SQL(", ").join(sql.SQL("{}::text").format(_name(c)) for c in columns)
        rows = connection.execute(sql.SQL("SELECT {} FROM {}").format(wanted, _table(table)))
        names = [column.name for column in columns]
        keyed = [column.name for column in columns if column.keyed]
        picture[table] = {}
        for values in rows:
            row: Row = dict(zip(names, values, strict=True))
            picture[table][tuple(row[name] for name in keyed)] = row
    return picture


def _parents_first(connection: psycopg.Connection, tables: Mapping[str, Any]) -> list[str]:
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for table in tables:
        sorter.add(table)
    for child, parent in connection.execute(REFERENCES):
        if child in tables and parent in tables:
            sorter.add(child, parent)
    return list(sorter.static_order())


def _insert(table: str, columns: Sequence[Column], row: Row) -> Statement:
    written = [(column, value) for column, value in _pairs(columns, row) if not column.made]
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        _table(table),
        sql.SQL(", ").join(_name(column) for column, _ in written),
        sql.SQL(", ").join(_cast(column) for column, _ in written),
    )
    return Statement(query.as_bytes(), tuple(value for _, value in written), is_update=False)


def _update(table: str, columns: Sequence[Column], old: Row, row: Row) -> Statement:
    changes, values = [], []
    for column, value in _pairs(columns, row):
        was = old[column.name]
        if value == was:
            continue
        if column.kind.startswith(NUMBERS) and value is not None and was is not None:
            changes.append(sql.SQL("{0} = {0} + {1}").format(_name(column), _cast(column)))
            values.append(str(Decimal(value) - Decimal(was)))
        else:
            changes.append(sql.SQL("{} = {}").format(_name(column), _cast(column)))
            values.append(value or "")
    keyed = [column for column in columns if column.keyed]
    where = [sql.SQL("{} = {}").format(_name(column), _cast(column)) for column in keyed]
    query = sql.SQL("UPDATE {} SET {} WHERE {}").format(
        _table(table), sql.SQL(", ").join(changes), sql.SQL(" AND ").join(where)
    )
    keys = [row[column.name] for column in keyed]
    return Statement(query.as_bytes(), (*values, *keys), is_update=True)


def _is_fresh_text(column: Column) -> bool:
    return column.single and column.kind.startswith(FRESH_TEXT)


def _pairs(columns: Sequence[Column], row: Row) -> list[tuple[Column, str | None]]:
    return [(column, row[column.name]) for column in columns]


def _table(name: str) -> sql.Identifier:
    return sql.Identifier("public", name)


def _name(column: Column) -> sql.Identifier:
    return sql.Identifier(column.name)


def _cast(column: Column) -> sql.SQL:
    return sql.SQL("%s::" + column.kind)
