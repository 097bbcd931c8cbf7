"""From a file to records: headers matched, cells converted, rows loaded, every fault located."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import ValidationError

from kernel.errors import Refusal
from kernel.fields import flatten
from kernel.sheets.cells import BadCell, convert, masked, narrowed
from kernel.sheets.columns import Column, Kind, Sheet
from kernel.sheets.faults import Fault, letter, refuse
from kernel.sheets.sources import HEADER, Line, Source, open_source

CHUNK = 1000
LONG_NUMBER = re.compile(r"\d{11}")
"""A telephone, an identity number, a card: not to be shown, wherever it stands."""
REQUIRED = "Missing data for required field."


@dataclass(frozen=True)
class Row:
    """A row that was read: its number in the sheet and what it says."""

    number: int
    record: Any


@dataclass
class Chunk:
    """Some rows in their order, and what is wrong with others."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    shown: list[list[str | int]] = field(default_factory=list)
    read: int = 0


class Reading:
    """One file being read as one list."""

    def __init__(self, content: bytes, sheet: Sheet) -> None:
        if sheet.schema is None:
            raise TypeError(f"{sheet.name} is only exported")
        self.sheet = sheet
        self.schema = sheet.schema
        self.source: Source = open_source(content, sheet)
        self._columns: dict[int, Column] = {}
        self._letters: dict[str, str] = {}
        self._required = {column.name for column in sheet.columns if sheet.is_required(column)}
        self._seen: dict[int, int] = {}
        self._names_persons = any(column.personal for column in sheet.columns)
        self.rows = 0

    def chunks(self) -> Iterator[Chunk]:
        """Give the rows, some at a time; the faults of the file's shape come first.

        Refuses SheetRefused where the lines cannot be read on.
        """
        first = Chunk(faults=list(self.source.faults))
        header = next(self.source.lines, None)
        if header is None:
            raise refuse("no_rows", sheet=self.source.sheet, row=HEADER)
        first.faults += self._match(header)
        if first.faults:
            yield first
            if not self._columns:
                return
        yield from self._in_chunks()
        if not self.rows:
            yield Chunk(faults=[Fault("no_rows", sheet=self.source.sheet, row=HEADER + 1)])

    def _in_chunks(self) -> Iterator[Chunk]:
        chunk = Chunk()
        for line in self.source.lines:
            if all(isinstance(cell, str) and not cell.strip() for cell in line.cells):
                continue
            self.rows += 1
            self._take(line, chunk)
            chunk.read += 1
            if chunk.read >= CHUNK:
                yield chunk
                chunk = Chunk()
        if chunk.read:
            yield chunk

    def fault(self, row: int, refusal: Refusal) -> Fault:
        """Give a refusal of the rules as the fault of a row."""
        name = (refusal.pointer or "").removeprefix("/")
        reason = f"{refusal.message('zh')} / {refusal.message('en')}"
        return self._fault(refusal.code, row, name, reason=reason)

    def _match(self, header: Line) -> list[Fault]:
        """Find the columns by their headers, in any order."""
        known = {_plain(one): column for column in self.sheet.columns for one in column.headers()}
        wanted, faults = set(self._required), []
        named: set[str] = set()
        for index, cell in enumerate(header.cells):
            place = Fault("extra_column", self.source.sheet, HEADER, letter(index))
            text = _plain(str(cell))
            if not text:
                continue
            column = known.get(text)
            if column is None:
                faults.append(place)
            elif column.name in named:
                faults.append(
                    replace(place, code="duplicate_header", figures={"header": column.zh})
                )
            else:
                named.add(column.name)
                wanted.discard(column.name)
                self._columns[index] = column
                self._letters[column.name] = letter(index)
        for column in self.sheet.columns:
            if column.name in wanted:
                figures = {"header": column.zh}
                faults.append(
                    Fault("missing_column", self.source.sheet, HEADER, None, column.zh, figures)
                )
        if wanted:
            self._columns = {}
        return faults

    def _take(self, line: Line, chunk: Chunk) -> None:
        values, faults = self._convert(line)
        if not faults:
            faults = self._repeated(line.number, values)
        if not faults:
            try:
                chunk.rows.append(Row(line.number, self.schema.load(values)))
            except ValidationError as error:
                faults = [self._of(line.number, one) for one in flatten(error.messages)]
        chunk.faults += faults
        chunk.shown.append(self._shown(line, {fault.column for fault in faults}))

    def _shown(self, line: Line, faulty: set[str | None]) -> list[str | int]:
        """Give a row for the preview: persons masked, also where they stand in a wrong column."""
        shown: list[str | int] = []
        for index, column in self._columns.items():
            text = str(line.cells[index] if index < len(line.cells) else "")[:80]
            astray = self._names_persons and (
                letter(index) in faulty or (column.kind is Kind.TEXT and LONG_NUMBER.search(text))
            )
            shown.append(masked(text) if column.personal or astray else text)
        return shown

    def _convert(self, line: Line) -> tuple[dict[str, Any], list[Fault]]:
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for index, cell in enumerate(line.cells):
            column = self._columns.get(index)
            if column is None:
                if not isinstance(cell, str) or cell.strip():
                    faults.append(
                        Fault("extra_column", self.source.sheet, line.number, letter(index))
                    )
                continue
            try:
                value = convert(cell, column)
            except BadCell as bad:
                faults.append(self._fault(bad.code, line.number, column.name, **bad.figures))
                continue
            if value is not None:
                values[column.name] = value
        return values, faults

    def _repeated(self, number: int, values: dict[str, Any]) -> list[Fault]:
        if self.sheet.repeats:
            return []
        names = self.sheet.unique or tuple(column.name for column in self.sheet.columns)
        key = hash(tuple(values.get(name) for name in names))
        first = self._seen.setdefault(key, number)
        if first == number:
            return []
        name = self.sheet.unique[0] if self.sheet.unique else ""
        return [self._fault("duplicate_row", number, name, first=first)]

    def _of(self, number: int, problem: dict[str, str]) -> Fault:
        """Place what the schema found."""
        name = problem["pointer"].removeprefix("/").partition("/")[0]
        if problem["detail"] == REQUIRED:
            return self._fault("missing_value", number, name)
        code = problem["code"] if problem["code"] != "unknown_field" else "extra_column"
        return self._fault(code, number, name, reason=problem["detail"])

    def _fault(self, code: str, number: int, name: str, **figures: Any) -> Fault:
        column = next((one for one in self.sheet.columns if one.name == name), None)
        return Fault(
            code,
            sheet=self.source.sheet,
            row=number,
            column=self._letters.get(name),
            header=column.zh if column else None,
            figures=figures,
        )


def _plain(header: str) -> str:
    """Give a header without what people add to it: marks of need, spaces, width."""
    text = narrowed(header).casefold()
    for mark in ("*", "(必填)", "(required)", " ", "\n"):
        text = text.replace(mark, "")
    return text
