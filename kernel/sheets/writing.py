"""Lists written as XLSX and CSV: text stays text, nothing runs, memory stays flat."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any, Literal

import xlsxwriter  # type: ignore[import-untyped]

from kernel.sheets.cells import show
from kernel.sheets.columns import Column, Kind, Sheet, value_at
from kernel.sheets.faults import letter
from kernel.sheets.safety import shielded
from kernel.sheets.structure import MAX_CELL_CHARACTERS

Format = Literal["xlsx", "csv"]
MAX_EXPORT_ROWS = 1_000_000
TEMPLATE_ROWS = 5000
"""So many rows of a template are formatted as text below the header."""
MADE = datetime(2020, 1, 1, tzinfo=UTC)
"""Stands in every workbook: the same rows are the same file."""
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write(into: IO[bytes], sheet: Sheet, rows: Iterable[Any], *, format: Format) -> int:  # noqa: A002
    """Write a list's answers and give how many there were."""
    if format == "csv":
        return _write_csv(into, sheet, rows)
    return _write_xlsx(into, sheet, rows)


def _write_csv(into: IO[bytes], sheet: Sheet, rows: Iterable[Any]) -> int:
    """Write UTF-8 with its mark, as Excel wants it; lines end as RFC 4180 says."""
    text = TextIOWrapper(into, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([column.zh for column in sheet.columns])
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the answer
        writer.writerow([_harmless(cell) for cell in _cells(sheet, row)])
    text.flush()
    text.detach()
    return count


def _harmless(cell: str | int) -> str | int:
    return shielded(cell) if isinstance(cell, str) else cell


def _write_xlsx(into: IO[bytes], sheet: Sheet, rows: Iterable[Any]) -> int:
    book = xlsxwriter.Workbook(into, OPTIONS)
    book.set_properties({"created": MADE})
    page = book.add_worksheet(sheet.zh)
    _head(book, page, sheet)
    try:
        count = _write_rows(page, sheet, rows)
    except BaseException:
        page.row_data_fh.close()
        Path(page.row_data_filename).unlink(missing_ok=True)
        raise
    book.close()
    return count


def _write_rows(page: Any, sheet: Sheet, rows: Iterable[Any]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        for index, cell in enumerate(_cells(sheet, row)):
            if isinstance(cell, int):
                page.write_number(count, index, cell)
            elif cell:
                page.write_string(count, index, cell[:MAX_CELL_CHARACTERS])
    return count


def _head(book: Any, page: Any, sheet: Sheet) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width, text if _is_text(column) else None)
    page.freeze_panes(1, 0)
    for index, column in enumerate(sheet.columns):
        page.write_string(0, index, column.zh, bold)
    if sheet.schema is not None:
        book.define_name("bangfu_template", f'="{sheet.template}"')


def _is_text(column: Column) -> bool:
    return column.kind not in {Kind.WHOLE, Kind.QUANTITY, Kind.YUAN}


def _cells(sheet: Sheet, row: Any) -> Sequence[str | int]:
    return [show(value_at(row, column.name), column) for column in sheet.columns]


def template(sheet: Sheet) -> bytes:
    """Give an empty XLSX to fill in: headers, needed columns starred, choices to choose from."""
    into = BytesIO()
    book = xlsxwriter.Workbook(into, {"in_memory": True})
    page = book.add_worksheet(sheet.zh)
    _head(book, page, sheet)
    bold = book.add_format({"bold": True, "bottom": 1})
    for index, column in enumerate(sheet.columns):
        star = "*" if sheet.is_required(column) else ""
        page.write_string(0, index, f"{column.zh}{star}", bold)
        page.write_comment(0, index, f"{column.en} · {column.name}")
        choices = [zh for zh, _ in column.labels.values()] or (
            ["是", "否"] if column.kind is Kind.FLAG else []
        )
        if choices:
            place = f"{letter(index)}2:{letter(index)}{TEMPLATE_ROWS}"
            page.data_validation(place, {"validate": "list", "source": choices})
    book.close()
    return into.getvalue()
