"""From bytes to rows of cells: XLSX behind its gate, CSV in the encodings that people send."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

from python_calamine import CalamineError, CalamineSheet, load_workbook

from kernel.sheets.archives import OLE, ZIP, inspect
from kernel.sheets.cells import Cell
from kernel.sheets.columns import Sheet
from kernel.sheets.faults import Fault, letter, refuse
from kernel.sheets.safety import bared
from kernel.sheets.structure import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS, SheetPart

MAX_BYTES = 20 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
HEADER = 1
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Line:
    """A row of cells under its number in the sheet, counted from one."""

    number: int
    cells: Sequence[Cell]


@dataclass
class Source:
    """A file that may be read: what it is, what is wrong with its shape, and its lines."""

    media_type: str
    encoding: str
    sheet: str
    rows: int
    """The number of the last row."""
    lines: Iterator[Line]
    faults: list[Fault] = field(default_factory=list)


def open_source(content: bytes, sheet: Sheet) -> Source:
    """Open a file of untrusted origin as a list, or refuse it (SheetRefused)."""
    if not content:
        raise refuse("empty_file")
    if len(content) > MAX_BYTES:
        raise refuse("file_too_large", limit=MAX_BYTES)
    if content.startswith((ZIP, OLE)):
        return _open_workbook(content, sheet)
    return _open_text(content)


def _open_workbook(content: bytes, sheet: Sheet) -> Source:
    book = inspect(content)
    if book.template is not None and book.template != sheet.template:
        raise refuse("wrong_template", wanted=sheet.template, found=book.template[:60])
    visible = [name for name in book.sheets if name not in book.hidden]
    named = [name for name in visible if name in {sheet.zh, sheet.en, sheet.name}]
    if len(named or visible) != 1:
        raise refuse("no_sheet", wanted=sheet.zh)
    (name,) = named or visible
    part = book.sheets[name]
    return Source(
        media_type=XLSX,
        encoding="xlsx",
        sheet=name,
        rows=part.rows,
        lines=_workbook_lines(content, name),
        faults=_shape_faults(part),
    )


def _shape_faults(part: SheetPart) -> list[Fault]:
    faults = list(part.faults)
    for found in part.merged[:20]:
        top = "".join(mark for mark in found.partition(":")[0] if mark.isdigit())
        code = "merged_header" if top == str(HEADER) else "merged_cells"
        column = "".join(mark for mark in found.partition(":")[0] if mark.isalpha())
        row = int(top or HEADER)
        faults.append(
            Fault(code, sheet=part.name, row=row, column=column, figures={"range": found[:20]})
        )
    faults += [
        Fault("hidden_row", sheet=part.name, row=row + 1, figures={"row": row + 1})
        for row in part.hidden_rows[:20]
        if row < part.rows
    ]
    faults += [
        Fault("hidden_column", sheet=part.name, row=HEADER, column=letter(column))
        for column in part.hidden_columns[:20]
        if column < part.columns
    ]
    return faults


def _workbook_lines(content: bytes, name: str) -> Iterator[Line]:
    sheet: CalamineSheet = _guarded(lambda: load_workbook(BytesIO(content)).get_sheet_by_name(name))
    if sheet.start is None:
        return
    missing = [""] * sheet.start[1]
    rows = iter(_guarded(sheet.iter_rows))
    number = 0
    while (cells := _guarded(lambda: next(rows, None))) is not None:
        number += 1
        yield Line(number, [*missing, *cells])


def _guarded(call: Any) -> Any:
    """Call the reader; whatever it cannot read is a damaged file, not a defect."""
    try:
        return call()
    except (CalamineError, ValueError, OSError, OverflowError) as error:
        raise refuse("damaged") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise refuse("damaged") from error
        raise


def _open_text(content: bytes) -> Source:
    text, encoding = _decode(content)
    place = text.find("\0")
    if place >= 0:
        raise refuse("nul", sheet="CSV", row=text.count("\n", 0, place) + 1, column="A")
    head = text.lstrip()[:200].casefold()
    if head.startswith(("<", "{", "%pdf")) or "," not in text:
        raise refuse("not_a_sheet")
    return Source(
        media_type=CSV,
        encoding=encoding,
        sheet="CSV",
        rows=text.count("\n") + (not text.endswith("\n")),
        lines=_text_lines(text),
    )


def _decode(content: bytes) -> tuple[str, str]:
    """Tell the encoding: by its mark, else UTF-8 where it is that, else GB18030."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return _as(content, encoding), encoding
    if b"\0" in content[:4096]:
        place = content.index(b"\0")
        raise refuse("nul", sheet="CSV", row=content.count(b"\n", 0, place) + 1, column="A")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _as(content, "gb18030"), "gb18030"


def _as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise refuse("wrong_encoding", sheet="CSV", row=row) from error


def _text_lines(text: str) -> Iterator[Line]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            code = "cell_too_long" if "limit" in str(error) else "bad_quotes"
            raise refuse(code, sheet="CSV", row=number + 1, limit=MAX_CELL_CHARACTERS) from error
        if cells is None:
            return
        number += 1
        if number > MAX_ROWS + 1:
            raise refuse("too_many_rows", sheet="CSV", row=number, limit=MAX_ROWS)
        if len(cells) > MAX_COLUMNS:
            raise refuse("too_many_columns", sheet="CSV", row=number, limit=MAX_COLUMNS)
        yield Line(number, [bared(cell) for cell in cells])
