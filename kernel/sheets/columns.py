"""A list declared once: its columns for the template, the import and the export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from kernel.fields import Schema

Labels = Mapping[str, tuple[str, str]]


class Kind(StrEnum):
    """What a cell of a column holds."""

    TEXT = "text"
    IDENTITY = "identity"
    """Identity numbers and bank cards: text only, a number has lost digits already."""
    CODE = "code"
    """Codes and telephone numbers: text, or a whole number that Excel keeps exactly."""
    WHOLE = "whole"
    QUANTITY = "quantity"
    """Decimal text with at most three places."""
    YUAN = "yuan"
    """Yuan in the sheet, whole fen in the field."""
    DAY = "day"
    FLAG = "flag"
    CHOICE = "choice"


@dataclass(frozen=True)
class Column:
    """One column: the field's name, its headers, and what its cells hold.

    `name` is the field in the schema of the import, and the place in the answer of the list for
    the export (`origin.name` for a nested one). `personal` cells are masked in previews.
    """

    name: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    labels: Labels = field(default_factory=dict)
    """Of a choice: value → Chinese and English."""
    personal: bool = False
    width: int = 16

    def headers(self) -> tuple[str, str, str]:
        """Give the three headers under which the column is known."""
        return self.zh, self.en, self.name

    def choices(self) -> dict[str, str]:
        """Give what may be written in a choice's cells, and the value that it means."""
        known = {value: value for value in self.labels}
        for value, (zh, en) in self.labels.items():
            known[zh] = known[en.casefold()] = value
        return known


@dataclass(frozen=True)
class Sheet:
    """A list as a sheet. `schema` loads a row of an import; a list that is only exported has none.

    `unique` names the columns that no two rows share; without them no two rows are equal, unless
    the list `repeats`: then two equal rows are two things.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    schema: Schema | None = None
    version: int = 1
    unique: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def template(self) -> str:
        """Name the template that this list is filled in on."""
        return f"{self.name}.{self.version}"

    def is_required(self, column: Column) -> bool:
        """Say whether every row needs a value in the column."""
        if self.schema is None:
            return False
        found = next(
            (
                one
                for name, one in self.schema.fields.items()
                if (one.data_key or name) == column.name
            ),
            None,
        )
        return found is not None and bool(found.required)


def labels_of(kind: type[Enum], **labels: tuple[str, str]) -> Labels:
    """Give the labels of an enumeration by its values; every member needs one."""
    wanted = {str(member.value) for member in kind}
    if wanted != set(labels):
        raise TypeError(f"{kind.__name__}: labels wanted for {sorted(wanted ^ set(labels))}")
    return labels


def value_at(answer: Any, name: str) -> Any:
    """Find a column's value in a row of a list's answer."""
    for step in name.split("."):
        if answer is None:
            return None
        answer = answer[step]
    return answer
