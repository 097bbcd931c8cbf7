"""X3: every list that is handed in or given out, walked: out, in and out again without a change.

The lists are found in the wiring; one that comes later is tested without a line here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import marshmallow as ma
import pytest
from marshmallow import fields

from bootstrap import PACKAGES
from kernel.fields import (
    Code,
    CreditCode,
    Day,
    EnumField,
    Flag,
    IdNumber,
    Key,
    Money,
    QuantityField,
    RegionCode,
    Year,
)
from kernel.identity import new_id
from kernel.sheets.columns import Sheet
from kernel.sheets.loading import Reading
from kernel.sheets.writing import Format, write
from tests.builders import registry as build

DATA_SETS = 50
"""Of each list and format: a thousand for ten lists, and there are more."""
ROWS = 6
TRIES = 500
IMPORTED = {one.sheet.name: one.sheet for package in PACKAGES for one in package.imports}
FORMATS: tuple[Format, ...] = ("xlsx", "csv")
MARKS = [*"=+-@'\"，,;　=“”0179aZ甲乙丙丁", "𠮷", "😀", "NULL", "007", "1E5", "_x0041_", "是"]


def _text(field: fields.Field[Any], chance: random.Random) -> str:
    limits = [one for one in field.validators if isinstance(one, ma.validate.Length)]
    most = min([one.max for one in limits if one.max is not None] + [12])
    return "".join(chance.choices(MARKS, k=chance.randint(1, most)))[:most]


def _whole(field: fields.Field[Any], chance: random.Random) -> int:
    ranges = [one for one in field.validators if isinstance(one, ma.validate.Range)]
    low = max([one.min for one in ranges if one.min is not None] + [0])
    high = min([one.max for one in ranges if one.max is not None] + [10**9])
    return chance.randint(low, chance.choice([min(high, low + 9), high]))


def _code(_: fields.Field[Any], chance: random.Random) -> str:
    return chance.choice(["BF-H-440203-2026-00001", "007", "a_b.c-9", "1", "0000123"])


MAKERS: tuple[tuple[type[fields.Field[Any]], Callable[..., Any]], ...] = (
    (RegionCode, lambda _, c: c.choice(["440203", "440203103", build.VILLAGE, "010203"])),
    (CreditCode, lambda _, __: build.credit_code()),
    (IdNumber, lambda _, __: build.id_number()),
    (Key, lambda _, __: str(new_id())),
    (Code, _code),
    (EnumField, lambda field, c: c.choice([one.value for one in field.enum])),
    (Day, lambda _, c: (date(1950, 1, 1) + timedelta(c.randrange(50_000))).isoformat()),
    (Flag, lambda _, c: c.random() < 0.5),
    (Year, lambda _, c: c.randint(2000, 2100)),
    (QuantityField, lambda _, c: f"{c.randrange(10**6)}.{c.randrange(1000):03d}"),
    (Money, lambda _, c: c.randrange(10**9)),
    (fields.Integer, _whole),
    (fields.String, _text),
)
"""What fills a cell, by the kind of its field; the first that fits."""


def _filled(sheet: Sheet, chance: random.Random) -> dict[str, Any]:
    """Fill in a row that the list's schema takes."""
    schema = sheet.schema
    assert schema is not None
    by_column = {one.data_key or name: one for name, one in schema.fields.items()}
    for _ in range(TRIES):
        row: dict[str, Any] = {}
        for column in sheet.columns:
            field = by_column[column.name]
            if field.required or chance.random() < 0.7:
                make = next(make for kind, make in MAKERS if isinstance(field, kind))
                row[column.name] = make(field, chance)
        try:
            schema.load(row)
        except ma.ValidationError:
            continue
        return row
    raise AssertionError(f"{sheet.name}: no row was taken; teach MAKERS what it holds")


def _data_set(sheet: Sheet, chance: random.Random) -> list[dict[str, Any]]:
    """Give rows of which no two are the same to the list."""
    rows: dict[Any, dict[str, Any]] = {}
    names = sheet.unique or tuple(column.name for column in sheet.columns)
    for _ in range(chance.randint(1, ROWS)):
        row = _filled(sheet, chance)
        rows[tuple(row.get(name) for name in names)] = row
    return list(rows.values())


def _written(sheet: Sheet, rows: list[dict[str, Any]], kind: Format) -> bytes:
    whole = [{column.name: row.get(column.name) for column in sheet.columns} for row in rows]
    into = BytesIO()
    write(into, sheet, whole, format=kind)
    return into.getvalue()


def _read(sheet: Sheet, content: bytes) -> list[dict[str, Any]]:
    """Read a list; gives what its columns say."""
    schema = sheet.schema
    assert schema is not None
    names = {name: one.data_key or name for name, one in schema.fields.items()}
    chunks = list(Reading(content, sheet).chunks())
    assert [fault.as_json() for one in chunks for fault in one.faults] == []
    records = [_said(row.record) for one in chunks for row in one.rows]
    return [{names[name]: value for name, value in one.items() if name in names} for one in records]


def _said(record: Any) -> dict[str, Any]:
    """Give a record by its fields, whatever it was made into."""
    return dict(record) if isinstance(record, Mapping) else dict(vars(record))


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every list's schema give what it loaded as it is."""
    for sheet in IMPORTED.values():
        monkeypatch.setattr(type(sheet.schema), "makes", None)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", sorted(IMPORTED))
def test_every_list_goes_out_comes_in_and_goes_out_the_same(
    plain: None, name: str, kind: Format
) -> None:
    del plain
    sheet, chance = IMPORTED[name], random.Random(f"{name} {kind}")
    for _ in range(DATA_SETS):
        meant = [_loaded(sheet, row) for row in _data_set(sheet, chance)]
        rows = [{key: _json(value) for key, value in row.items()} for row in meant]
        first = _written(sheet, rows, kind)
        read = _read(sheet, first)
        assert read == meant, rows
        again = [{key: _json(value) for key, value in row.items()} for row in read]
        assert _written(sheet, again, kind) == first


def _loaded(sheet: Sheet, row: dict[str, Any]) -> dict[str, Any]:
    """Give what a row says, as the list's schema understands it."""
    schema = sheet.schema
    assert schema is not None
    said = _said(schema.load(row))
    names = {name: one.data_key or name for name, one in schema.fields.items()}
    return {names[name]: value for name, value in said.items() if name in names}


def test_a_list_that_comes_back_changed_would_be_seen(
    plain: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del plain
    monkeypatch.setattr("kernel.sheets.sources.bared", lambda text: text)
    sheet, chance = IMPORTED["organisations"], random.Random(7)
    changed = 0
    for _ in range(DATA_SETS):
        rows = _data_set(sheet, chance)
        changed += [row["name"] for row in _read(sheet, _written(sheet, rows, "csv"))] != [
            row["name"] for row in rows
        ]
    assert changed > 0
