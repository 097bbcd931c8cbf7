"""A list offered as a file: the same question, the same sight, the same masks."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import UUID

import marshmallow as ma
from flask import Response, current_app
from marshmallow import fields

from kernel.doors import Door
from kernel.downloads import attachment
from kernel.errors import Unacceptable
from kernel.http import PUBLIC, SIGNED_IN, Blueprint, endpoint
from kernel.paging import Page, PageQuery
from kernel.sheets.columns import Sheet
from kernel.sheets.sources import CSV, XLSX
from kernel.sheets.writing import MAX_EXPORT_ROWS, write

STEP = 1000
AT_ONCE = 20_000
"""Up to so many rows a list is given at once; a longer one is a task's work."""
IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024
MEDIA_TYPES = {"xlsx": XLSX, "csv": f"{CSV}; charset=utf-8"}
THINGS = re.compile(r"<uuid:(\w+)>")


class ExportTooLarge(Unacceptable):
    """The list is longer than this door gives; a task gives more, a filter makes it shorter."""

    zh = (
        "清单超过 {limit} 行，请缩小查询范围，"
        "或以 POST /api/v1/exports 在后台导出（至多 {most} 行）。"
    )
    en = (
        "The list is above {limit} rows; narrow the question,"
        " or have it made by POST /api/v1/exports (at most {most} rows)."
    )


@dataclass(frozen=True)
class Exported:
    """A list that is given out: its sheet, its door, and how its rows are walked."""

    sheet: Sheet
    door: Door
    question: PageQuery
    belongs_to: frozenset[str]
    """The names of what the list belongs to, as the path of its door names them."""
    walk: Callable[..., Iterator[Any]]

    def ask(self, query: Mapping[str, str], *, file_format: str) -> dict[str, Any]:
        """Read a question as the door does. Raises marshmallow's ValidationError."""
        asked: dict[str, Any] = self.question.load({**query, "format": file_format})
        del asked["format"]
        return asked


def exported_lists() -> Mapping[str, Exported]:
    """Give the lists that are given out, by name."""
    views = current_app.view_functions.values()
    found = (getattr(view, "exported", None) for view in views)
    return {one.sheet.name: one for one in found if isinstance(one, Exported)}


def export_door(
    blueprint: Blueprint, path: str, *, of: Callable[..., Any], sheet: Sheet
) -> Callable[..., Response]:
    """Open a door that gives the list behind another door as XLSX or CSV.

    It takes the list's own parameters but for the paging, and `format`. What is public to read
    a page of needs somebody known to be read whole. What is too long for it is made by a task.
    """
    door: Any = of.door  # type: ignore[attr-defined]
    view: Callable[..., Page[Any]] = of.__wrapped__  # type: ignore[attr-defined]
    item = cast("ma.Schema", door.returns.fields["items"].inner.schema)

    def walk(asked: dict[str, Any], place: Mapping[str, UUID], *, limit: int) -> Iterator[Any]:
        return (item.dump(row) for row in _walk(partial(view, **place), asked, limit=limit))

    def export(query: dict[str, Any], **place: UUID) -> Response:
        asked = dict(query)
        kind = asked.pop("format")
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when sent
        try:
            write(cast("Any", file), sheet, walk(asked, place, limit=AT_ONCE), format=kind)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return download(_send(file), sheet, file_format=kind)

    export.__name__ = f"export_{of.__name__}"
    export.__doc__ = f"{str(of.__doc__).strip().rstrip('.')}; as XLSX or CSV."
    question = _question(type(door.accepts))
    opened: Any = endpoint(
        blueprint,
        allow=SIGNED_IN if door.allow is PUBLIC else door.allow,
        accepts=question,
        location="query",
        snapshot=True,
    )(export)
    belongs_to = frozenset(THINGS.findall(path))
    opened.exported = Exported(sheet, opened.door, question, belongs_to, walk)
    blueprint.get(path)(opened)
    return cast("Callable[..., Response]", opened)


def download(pieces: Iterator[bytes], sheet: Sheet, *, file_format: str) -> Response:
    """Answer with a file that is saved, not shown."""
    name = f"{sheet.name}.{file_format}"
    return attachment(pieces, name=name, media_type=MEDIA_TYPES[file_format])


def _question(kind: type[PageQuery]) -> PageQuery:
    """Make the schema of an export's parameters from the list's."""
    name = f"{kind.__name__.removesuffix('Query')}ExportQuery"
    made = type(
        name,
        (kind,),
        {
            "__doc__": "What of the list, and in which format.",
            "limit": None,
            "cursor": None,
            "format": fields.String(
                load_default="xlsx", validate=ma.validate.OneOf(sorted(MEDIA_TYPES))
            ),
        },
    )
    return cast("PageQuery", made())


def _walk(view: Callable[..., Page[Any]], asked: dict[str, Any], *, limit: int) -> Iterator[Any]:
    """Walk the pages of a list to its end."""
    cursor, count = None, 0
    while True:
        found = view({**asked, "limit": STEP, "cursor": cursor})
        count += len(found.items)
        if count > limit:
            raise ExportTooLarge(limit=limit, most=MAX_EXPORT_ROWS)
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def _send(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
