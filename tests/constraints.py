"""What tables hold by themselves, and by which name a statement that breaks it is refused."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import IntegrityError

from kernel.database import Base, constraint_of, db

KINDS = (CheckConstraint, UniqueConstraint, ExcludeConstraint)
AGAIN = (
    "INSERT INTO {0} SELECT (json_populate_record(t, json_build_object("
    "'id', gen_random_uuid(){1}))).* FROM {0} t"
)
"""Every row of a table once more, with another key and whatever else is named."""


def constraints_of(tables: Iterable[str]) -> set[str]:
    """Name the constraints and unique indexes of tables, keys to rows aside."""
    found = [Base.metadata.tables[name] for name in tables]
    held = {one.name for table in found for one in table.constraints if isinstance(one, KINDS)}
    indexes = {one.name for table in found for one in table.indexes if one.unique}
    return {str(name) for name in held | indexes}


def refused_by(statement: str) -> str:
    """Name the constraint that refuses a statement; it must be refused, and changes nothing."""
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(text(statement))
    return str(constraint_of(refused.value))
