"""A list offered as a file: the same question, the same sight, the same masks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast
from uuid import UUID

import marshmallow as ma
from flask import Response
from marshmallow import fields

from kernel.errors import Unacceptable
from kernel.http import PUBLIC, SIGNED_IN, Blueprint, endpoint
from kernel.paging import Page, PageQuery
from kernel.sheets.columns import Sheet
from kernel.sheets.sources import CSV, XLSX
from kernel.sheets.writing import write

STEP = 1000
MAX_ROWS = 200_000
IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024
MEDIA_TYPES = {"xlsx": XLSX, "csv": f"{CSV}; charset=utf-8"}


class ExportTooLarge(Unacceptable):
    """The list is longer than one file is made of; a filter makes it shorter."""

    zh = "清单超过 {limit} 行，请缩小查询范围后再导出。"
    en = "The list is above {limit} rows; narrow the question."


def export_door(
    blueprint: Blueprint, path: str, *, of: Callable[..., Any], sheet: Sheet
) -> Callable[..., Response]:
    """Open a door that gives the list behind another door as XLSX or CSV.

    It takes the list's own parameters but for the paging, and `format`. What is public to read
    a page of needs somebody known to be read whole.
    """
    door: Any = of.door  # type: ignore[attr-defined]
    view: Callable[..., Page[Any]] = of.__wrapped__  # type: ignore[attr-defined]
    item = cast("ma.Schema", door.returns.fields["items"].inner.schema)

    def export(query: dict[str, Any], **place: UUID) -> Response:
        asked = dict(query)
        kind = asked.pop("format")
        rows = (item.dump(row) for row in _walk(partial(view, **place), asked))
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when sent
        write(cast("Any", file), sheet, rows, format=kind)
        file.seek(0)
        return Response(
            _send(file),
            content_type=MEDIA_TYPES[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{sheet.name}.{kind}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )

    export.__name__ = f"export_{of.__name__}"
    export.__doc__ = f"{str(of.__doc__).strip().rstrip('.')}; as XLSX or CSV."
    allow = SIGNED_IN if door.allow is PUBLIC else door.allow
    opened = endpoint(
        blueprint,
        allow=allow,
        accepts=_question(type(door.accepts)),
        location="query",
        snapshot=True,
    )(export)
    blueprint.get(path)(opened)
    return opened


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


def _walk(view: Callable[..., Page[Any]], asked: dict[str, Any]) -> Iterator[Any]:
    """Walk the pages of a list to its end."""
    cursor, count = None, 0
    while True:
        found = view({**asked, "limit": STEP, "cursor": cursor})
        count += len(found.items)
        if count > MAX_ROWS:
            raise ExportTooLarge(limit=MAX_ROWS)
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def _send(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
