"""What a column of the house looks like, and what is made of columns: tables, gates, indexes.

Every name of a column may end in `?`: then the column may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.sql.schema import SchemaItem

QUANTITY = sa.Numeric(14, 3)


def _column(name: str, kind: Any, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(
        name.removesuffix("?"), kind, server_default=default, nullable=name.endswith("?")
    )


def key(name: str) -> sa.Column[Any]:
    """Give an identifier."""
    return _column(name, sa.Uuid())


def words(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give a text of any length."""
    return _column(name, sa.Text(), default)


def word(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give one word of a fixed list: a state, a kind, a unit."""
    return _column(name, sa.String(32), default)


def number(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give a whole number."""
    return _column(name, sa.Integer(), default)


def large(name: str) -> sa.Column[Any]:
    """Give a whole number that may pass two thousand million."""
    return _column(name, sa.BigInteger())


def fen(name: str) -> sa.Column[Any]:
    """Give an amount of money."""
    return _column(name, sa.BigInteger())


def quantity(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give an amount of goods."""
    return _column(name, QUANTITY, default)


def quantities(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give several amounts of goods."""
    return _column(name, sa.ARRAY(QUANTITY), default)


def flag(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give a yes or no."""
    return _column(name, sa.Boolean(), default)


def json(name: str, *, default: str | None = None) -> sa.Column[Any]:
    """Give a list or a map."""
    return _column(name, JSONB(), default)


def grams(*, default: str | None = None) -> sa.Column[Any]:
    """Give what a text is searched by."""
    return _column("grams", sa.ARRAY(sa.Text()), default)


def sealed(name: str) -> sa.Column[Any]:
    """Give bytes: encrypted, hashed or a key."""
    return _column(name, sa.LargeBinary())


def day(name: str) -> sa.Column[Any]:
    """Give a date."""
    return _column(name, sa.Date())


def at(name: str) -> sa.Column[Any]:
    """Give an instant."""
    return _column(name, sa.DateTime(timezone=True))


def counted(name: str) -> sa.Column[Any]:
    """Give a number that the database counts up."""
    return sa.Column(name, sa.BigInteger(), sa.Identity(always=True), nullable=False)


def checks(table: str, **conditions: str) -> list[SchemaItem]:
    """Name the conditions that every row of a table meets."""
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def refers(table: str, **targets: str) -> list[SchemaItem]:
    """Let columns refer to tables: to their `id`, or to `table.column`."""
    return [
        sa.ForeignKeyConstraint([column], [_target(to)], name=f"fk_{table}_{column}")
        for column, to in targets.items()
    ]


def apart(name: str, *same: str) -> SchemaItem:
    """Keep the periods of rows that are alike in these expressions from overlapping."""
    period = sa.text("daterange(since_on, until_on)")
    return ExcludeConstraint(*((sa.text(one), "=") for one in same), (period, "&&"), name=name)


def create(table: str, *items: SchemaItem) -> None:
    """Create a table whose key is its `id`."""
    op.create_table(table, key("id"), *items, sa.PrimaryKeyConstraint("id", name=f"pk_{table}"))


def add(table: str, *columns: sa.Column[Any], **conditions: str) -> None:
    """Add columns to a table that stands, and the conditions on them."""
    for column in columns:
        op.add_column(table, column)
    for name, condition in conditions.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def add_reference(table: str, column: str, to: str) -> None:
    """Let a column of a table that stands refer to another table's `id`."""
    op.create_foreign_key(f"fk_{table}_{column}", table, to, [column], ["id"])


def indexes(table: str, *columns: str) -> None:
    """Index each of these columns alone."""
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def index(name: str, *columns: str, on: str, where: str | None = None) -> None:
    """Index these columns together; what is called uq_… is unique."""
    op.create_index(
        name,
        on,
        list(columns),
        unique=name.startswith("uq_"),
        postgresql_where=None if where is None else sa.text(where),
    )


def index_prefixes(name: str, column: str, *, on: str, where: str | None = None) -> None:
    """Index a column so that the beginnings of its values are found: a region with all below it."""
    op.create_index(
        name,
        on,
        [column],
        postgresql_ops={column: "text_pattern_ops"},
        postgresql_where=None if where is None else sa.text(where),
    )


def index_grams(table: str) -> None:
    """Index what texts are searched by; every search sees every row at once."""
    op.create_index(
        f"ix_{table}_grams",
        table,
        ["grams"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def only_add_to(tables: Iterable[str]) -> None:
    """Refuse every change and deletion in these tables."""
    for table in tables:
        op.execute(f"SELECT make_append_only('{table}')")


def drop_columns(table: str, *columns: str) -> None:
    """Drop columns, with the indexes and conditions on them."""
    for column in columns:
        op.drop_column(table, column)


def drop_tables(tables: Iterable[str]) -> None:
    """Drop tables, the last made first."""
    for table in reversed(tuple(tables)):
        op.drop_table(table)


def _target(to: str) -> str:
    return to if "." in to else f"{to}.id"
