"""One row that must be there: to read, or to change."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select

from kernel.database import db
from kernel.errors import NotFound

T = TypeVar("T")


def one(statement: Select[T]) -> T:
    """Give what the statement selects. Raises NotFound: out of sight a thing does not exist."""
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def locked(statement: Select[T], *, of: Any = None, key_share: bool = False) -> T:
    """Give it as it stands now, locked until the transaction ends. Raises NotFound.

    `of` locks the row of one table only, where the statement joins several; with `key_share`
    others may meanwhile write rows that refer to it.
    """
    statement = statement.with_for_update(of=of, key_share=key_share)
    return one(statement.execution_options(populate_existing=True))
