"""Take a list of helped places from a file: a report on every row, all of it or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Invalid
from kernel.identity import new_id
from registry.regions.models import Designation, DesignationKind
from registry.regions.queries import list_regions_of, list_successors
from registry.regions.rules import Standing, blocks, judge_member

MOST_ROWS = 5_000


@dataclass(frozen=True)
class NewList:
    """A list of helped places as it arrives, and whether to take it."""

    file: bytes
    kind: DesignationKind
    valid_from_on: date
    source: str
    commit: bool = False
    names_confirmed: bool = False


@dataclass(frozen=True)
class ListRow:
    """A row of a list, by its line in the file."""

    line: int
    region_code: str
    name: str


@dataclass(frozen=True)
class JudgedRow:
    """A row with what it means: the code in force, or the several it may mean."""

    row: ListRow
    standing: Standing
    code: str | None
    candidates: Sequence[str]


@dataclass(frozen=True)
class ListReport:
    """What became of a list."""

    rows: Sequence[JudgedRow]
    is_taken: bool
    written: int


def import_designations(new: NewList, *, by: Actor, now: datetime) -> ListReport:
    """Read a list of helped places, report on every row, and take all of it or nothing.

    A row keeps its own name; several may share a code (counties joined later). Taken only with
    `commit`, and where no row is unknown, ambiguous or (unless confirmed) of another name.
    Refuses Invalid (not such a list).
    """
    today = shanghai_day(now)
    rows = [judge(row, by=by, today=today) for row in read_list(new.file)]
    is_taken = new.commit and not any(
        blocks(row.standing, names_confirmed=new.names_confirmed) for row in rows
    )
    written = _designate(new, rows) if is_taken else 0
    if is_taken:
        audit.write(
            "import_designations",
            subject=("designation", new.kind),
            by=by,
            now=now,
            after={"rows": len(rows), "written": written, "source": new.source},
        )
    return ListReport(rows, is_taken=is_taken, written=written)


def judge(row: ListRow, *, by: Actor, today: date) -> JudgedRow:
    """Say what a row of a list of places means today."""
    region = list_regions_of(by, {row.region_code}).get(row.region_code)
    live = list_successors(by, row.region_code, on=today) if region else []
    standing, code = judge_member(row.name, region=region, live=live)
    return JudgedRow(row, standing, code, [one.code for one in live])


def read_list(content: bytes) -> list[ListRow]:
    """Read `region_code,name_at_listing,…` of a CSV, UTF-8 with or without a mark; or Invalid."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid(
            reason="不是 UTF-8 的 CSV 文件 / not a CSV file in UTF-8", pointer="/file"
        ) from error
    if not rows or not {"region_code", "name_at_listing"} <= set(rows[0]) or len(rows) > MOST_ROWS:
        reason = "需要 region_code、name_at_listing 两列 / needs those two columns and some rows"
        raise Invalid(reason=reason, pointer="/file")
    return [
        ListRow(number, (row["region_code"] or "").strip(), (row["name_at_listing"] or "").strip())
        for number, row in enumerate(rows, start=2)
    ]


def _designate(new: NewList, rows: Sequence[JudgedRow]) -> int:
    values = [
        {
            "id": new_id(),
            "kind": new.kind,
            "region_code": one.code,
            "name_at_listing": one.row.name,
            "valid_from_on": new.valid_from_on,
            "source": new.source,
        }
        for one in rows
    ]
    statement = (
        insert(cast("Table", Designation.__table__))
        .values(values)
        .on_conflict_do_nothing(constraint="uq_designation_member")
        .returning(Designation.id)
    )
    return len(db.session.execute(statement).all())
