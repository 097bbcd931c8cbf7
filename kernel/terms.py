"""Numbers that hold from a day on: dated rows with their source, added to and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

from marshmallow import fields
from sqlalchemy import ColumnElement, ScalarSelect, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import TermBackdated, TermUnfit
from kernel.fields import Day, Schema, Text
from kernel.identity import new_id
from kernel.paging import Page, page

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
DAYS = (1, 3_660)


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A number from a day on (without one, from today), and what it rests on.

    Basis points, fen, hours, days, minutes or pieces, as the end of the code says.
    """

    code: Any
    value: int
    source: str
    from_on: date | None = None


class TermIn(Schema):
    """A number from a day on, and what it rests on; who has such numbers adds their codes."""

    makes = NewTerm

    value = fields.Integer(required=True, strict=True)
    from_on = Day(load_default=None)
    source = Text(required=True, max=500)


class TermOut(Schema):
    """A number that holds from a day on, and where it comes from."""

    value = fields.Integer(required=True)
    from_on = Day(required=True)
    source = fields.String(required=True)


def load_terms(model: type[Term], numbers: Mapping[Any, int], *, now: datetime) -> None:
    """Load the numbers that are not there yet; changes nothing twice."""
    table = _table_of(model)
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


def set_term(
    model: type[AnyTerm], new: NewTerm, *, limits: tuple[int, int], by: Actor, now: datetime
) -> AnyTerm:
    """Set a number for the whole nation from a day on; those before stay as they are.

    Refuses TermUnfit outside the limits (the least and the most), TermBackdated (Shanghai days);
    the database refuses a day twice.
    """
    today, (least, most) = shanghai_day(now), limits
    if not least <= new.value <= most:
        raise TermUnfit(pointer="/value", least=least, most=most)
    from_on = new.from_on or today
    if from_on < today:
        raise TermBackdated(pointer="/from_on", today=today)
    row = model()
    row.id, row.code, row.value = new_id(), new.code, new.value
    row.from_on, row.source = from_on, new.source
    db.session.add(row)
    db.session.flush()
    table = _table_of(model).name
    after = {"code": new.code, "value": new.value, "from_on": from_on, "source": new.source}
    audit.write(f"set_{table}", subject=(table, row.id), by=by, now=now, after=after)
    return row


def list_terms(model: type[AnyTerm], *, limit: int, cursor: str | None) -> Page[AnyTerm]:
    """List all numbers, those to come and those of the past as well, the last to begin first."""
    keys: list[Any] = [(model.from_on, True), (model.id, True)]
    return page(select(model), keys=keys, limit=limit, cursor=cursor)


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


def _table_of(model: type[Term]) -> Table:
    return cast("Table", model.__table__)  # type: ignore[attr-defined] # every table has one
