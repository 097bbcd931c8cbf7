"""What a sheet's XML says of itself: positions, formulas, merged and hidden cells, long text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from kernel.sheets.faults import Fault, letter, refuse

MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_CELLS = 2_500_000
MAX_CELL_CHARACTERS = 32_767
MAX_FAULTS = 200
DEEPEST = 64
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


def local(tag: str) -> str:
    """Give a tag without its prefix."""
    return tag.rpartition(":")[2]


def parse(pieces: Iterable[bytes], *, start: Any = None, end: Any = None, text: Any = None) -> None:
    """Walk XML that declares neither a document type nor an entity, or refuse it."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text

    def forbid(*_: Any) -> int:
        raise refuse("entities")

    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    parser.ExternalEntityRefHandler = forbid
    for piece in pieces:
        parser.Parse(piece, False)  # noqa: FBT003 - expat's own
    parser.Parse(b"", True)  # noqa: FBT003


class StringsPart:
    """The shared strings: which of them are longer than a cell may be."""

    def __init__(self) -> None:
        self.long: set[int] = set()
        self._index = -1
        self._size = 0

    def read(self, pieces: Iterable[bytes]) -> None:
        """Count the characters of each string."""
        parse(pieces, start=self._start, text=self._text)

    def _start(self, tag: str, _: dict[str, str]) -> None:
        if local(tag) == "si":
            self._index += 1
            self._size = 0

    def _text(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_CELL_CHARACTERS:
            self.long.add(self._index)


class SheetPart:
    """The structure of one sheet; rows and columns count from zero here."""

    def __init__(self, name: str, *, long_strings: set[int]) -> None:
        self.name = name
        self.rows = 0
        self.columns = 0
        self.faults: list[Fault] = []
        self.merged: list[str] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[int] = []
        self._long_strings = long_strings
        self._cells = 0
        self._row = -1
        self._column = -1
        self._size = 0
        self._kind = ""
        self._in_cell = False
        self._value = ""

    def read(self, pieces: Iterable[bytes]) -> None:
        """Walk the sheet; refuses at once what is too large to read."""
        parse(pieces, start=self._start, end=self._end, text=self._text)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        step = tag if ":" not in tag else local(tag)
        if step == "c":
            self._cell(attributes)
        elif step == "row":
            self._new_row(attributes)
        elif step == "f":
            self._fault("formula")
        elif step == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = int(attributes["min"]) - 1, int(attributes["max"])
            self.hidden_columns += range(first, min(last, MAX_COLUMNS))
        elif step == "mergeCell":
            self.merged.append(attributes["ref"])

    def _new_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
        self._column = -1
        if not 0 <= self._row <= MAX_ROWS:
            raise refuse("too_many_rows", sheet=self.name, row=self._row + 1, limit=MAX_ROWS)
        if attributes.get("hidden") in {"1", "true"}:
            self.hidden_rows.append(self._row)

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            found = REFERENCE.match(reference)
            if found is None:
                raise refuse("damaged", sheet=self.name, row=self._row + 1)
            self._column = _number(found[1])
            self._row = int(found[2]) - 1
        if self._column >= MAX_COLUMNS:
            raise refuse(
                "too_many_columns",
                sheet=self.name,
                row=self._row + 1,
                column=letter(self._column),
                limit=MAX_COLUMNS,
            )
        if not 0 <= self._row <= MAX_ROWS:
            raise refuse("too_many_rows", sheet=self.name, row=self._row + 1, limit=MAX_ROWS)
        self._cells += 1
        if self._cells > MAX_CELLS:
            raise refuse("too_many_cells", sheet=self.name, row=self._row + 1, limit=MAX_CELLS)
        self.rows = max(self.rows, self._row + 1)
        self.columns = max(self.columns, self._column + 1)
        self._kind = attributes.get("t", "n")
        self._in_cell, self._size, self._value = True, 0, ""

    def _text(self, text: str) -> None:
        if not self._in_cell:
            return
        self._size += len(text)
        if self._size > MAX_CELL_CHARACTERS:
            self._too_long()
        if self._kind == "s" and self._long_strings and len(self._value) < 12:  # noqa: PLR2004
            self._value += text

    def _end(self, tag: str) -> None:
        if self._in_cell and local(tag) == "c":
            self._in_cell = False
            index = self._value.strip()
            if index.isdecimal() and int(index) in self._long_strings:
                self._too_long()

    def _too_long(self) -> None:
        raise refuse(
            "cell_too_long",
            sheet=self.name,
            row=self._row + 1,
            column=letter(self._column),
            limit=MAX_CELL_CHARACTERS,
        )

    def _fault(self, code: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(
                Fault(code, sheet=self.name, row=self._row + 1, column=letter(self._column))
            )


def _number(letters: str) -> int:
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number - 1
