"""Rows of any table as a search sees them: written in bulk, without what keys and triggers ask."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Enum, LargeBinary, TypeDecorator, insert, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from kernel.database import Base
from kernel.identity import new_id

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BLANKS: dict[type, Any] = {
    bool: False,
    int: 1,
    str: "—",
    Decimal: Decimal(1),
    datetime: LONG_AGO,
    date: LONG_AGO.date(),
}
"""What stands in a column that a test says nothing of."""


class Rows:
    """Rows that wait to be written; every column a test says nothing of is blank."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **values: Any) -> UUID:
        """Add a row and give its identifier."""
        row = {name: make() for name, make in _blank(table).items()} | values
        self.waiting[table].append(row)
        return UUID(str(row["id"]))

    def write(self, session: Session) -> None:
        """Write all of them, and forget them."""
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for table, rows in self.waiting.items():
            by_columns: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
            for row in rows:
                by_columns[frozenset(row)].append(row)
            for alike in by_columns.values():
                session.execute(insert(Base.metadata.tables[table]), alike)
        session.execute(text("SET LOCAL session_replication_role = origin"))
        self.waiting.clear()


@cache
def _blank(table: str) -> dict[str, Any]:
    return {
        one.name: _maker(one)
        for one in Base.metadata.tables[table].columns
        if not (one.nullable or one.server_default is not None or one.identity is not None)
    }


def _maker(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, (ARRAY, JSONB)):
        return list
    if isinstance(kind, TypeDecorator):
        return str
    if isinstance(kind, LargeBinary):
        return bytes
    if isinstance(kind, Enum):
        return lambda: kind.python_type(kind.enums[0]) if kind.enum_class else kind.enums[0]
    if kind.python_type.__name__ == "UUID":
        return new_id
    return lambda: BLANKS[kind.python_type]
