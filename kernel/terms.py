"""Numbers that hold from a day on: dated rows with their source, added to and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id

FROM_ON = date(2021, 1, 1)
SOURCE = "系统默认配置 / configured default"
"""Of what no document sets: this program's own number, to be set by who runs it."""


class Term:
    """What every table of such numbers has, beside the `code` that says which number it is.

    A table is unique by code and day, under the name `uq_<table>_code_from_on`.
    """

    code: Any
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    value: Mapped[int]
    from_on: Mapped[date]
    source: Mapped[str]


AnyTerm = TypeVar("AnyTerm", bound=Term)


def load_terms(model: type[Term], numbers: Mapping[Any, int], *, now: datetime) -> None:
    """Load the numbers that are not there yet; changes nothing twice."""
    table = cast("Table", model.__table__)  # type: ignore[attr-defined] # every table has one
    rows = [
        {"id": new_id(), "code": code, "value": value, "from_on": FROM_ON, "source": SOURCE}
        for code, value in numbers.items()
    ]
    statement = (
        insert(table)
        .values(rows)
        .on_conflict_do_nothing(constraint=f"uq_{table.name}_code_from_on")
        .returning(table.c.id, table.c.code)
    )
    for added, code in db.session.execute(statement).all():
        after = {"code": code, "value": numbers[code]}
        subject = (table.name, added)
        audit.write(f"load_{table.name}s", subject=subject, by=SYSTEM, now=now, after=after)


def add_term(
    model: type[AnyTerm], code: StrEnum, value: int, *, from_on: date, source: str
) -> AnyTerm:
    """Add a number from a day on; those before stay as they are (IntegrityError on a day twice)."""
    row = model()
    row.id, row.code, row.value, row.from_on, row.source = new_id(), code, value, from_on, source
    db.session.add(row)
    db.session.flush()
    return row


def term_in_force(
    model: type[Term], code: StrEnum, on: date | ColumnElement[date]
) -> ScalarSelect[Any]:
    """Say which number of a code holds on a day: the newest that began."""
    return (
        select(model.value)
        .where(model.code == code, model.from_on <= on)
        .order_by(model.from_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def find_term(model: type[Term], code: StrEnum, *, on: date) -> int:
    """Find the number of a code that holds on a day."""
    return int(db.session.execute(select(term_in_force(model, code, on))).scalar_one())
