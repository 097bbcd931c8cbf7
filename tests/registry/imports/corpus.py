"""Files as they should never come: families of broken, hostile and careless lists (X1)."""

# ruff: noqa: E501 - one family a line
from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from stdnum.cn import ric

from registry.households.schemas.sheets import HOUSEHOLDS
from tests.builders import registry as build

HEADERS = [column.zh for column in HOUSEHOLDS.columns]
PER_FAMILY = 12
Values = list[Any]


@dataclass(frozen=True)
class Broken:
    """One file, the family it is of, and the codes one of which it must be refused with."""

    family: str
    content: bytes
    codes: frozenset[str]


def values(**changes: Any) -> Values:
    row = dict(
        zip(
            HEADERS,
            [build.VILLAGE, "何示一", build.id_number(), 4, 2, "建档立卡户", "是", "", ""],
            strict=True,
        )
    )
    return [*{**row, **changes}.values()]


def xlsx(rows: list[Values], touch: Callable[[Any, Any], None] | None = None) -> bytes:
    into = BytesIO()
    book = xlsxwriter.Workbook(into, {"strings_to_formulas": False, "in_memory": True})
    page = book.add_worksheet("农户名册")
    for number, row in enumerate([HEADERS, *rows]):
        for index, cell in enumerate(row):
            write = page.write_string if isinstance(cell, str) else page.write
            write(number, index, cell)
    if touch is not None:
        touch(book, page)
    book.close()
    return into.getvalue()


def text(rows: list[Values], *, headers: list[str] | None = None, end: str = "\r\n") -> str:
    lines = [headers or HEADERS, *rows]
    return "".join(",".join(map(str, line)) + end for line in lines)


def rezipped(
    content: bytes,
    change: Callable[[zipfile.ZipFile, str, bytes], bytes | None],
    extra: dict[str, bytes] | None = None,
) -> bytes:
    into = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as old,
        zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            kept = change(old, name, old.read(name))
            if kept is not None:
                new.writestr(name, kept)
        for name, body in (extra or {}).items():
            new.writestr(name, body)
    return into.getvalue()


def with_entries(**extra: bytes) -> bytes:
    return rezipped(xlsx([values()]), lambda _, __, body: body, extra)


def in_sheet(old: bytes, new: bytes) -> bytes:
    return rezipped(
        xlsx([values()]),
        lambda _, name, body: body.replace(old, new) if name.endswith("sheet1.xml") else body,
    )


def in_part(part: str, old: bytes, new: bytes) -> bytes:
    return rezipped(
        xlsx([values()]), lambda _, name, body: body.replace(old, new) if name == part else body
    )


def lying(content: bytes, chance: random.Random) -> bytes:
    """Change the sizes that the directory states."""
    place = content.rindex(b"PK\x01\x02")
    return content[: place + 24] + chance.randbytes(3) + b"\0" + content[place + 28 :]


def _number(number: float) -> Callable[[Any, Any], None]:
    return lambda _, page: page.write_number(1, 2, number)


DTD = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
RELATION = b'<Relationship Id="rX" TargetMode="External" Target="http://x.invalid" Type="t/image"/>'
RELATIONS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
ZIPPED = with_entries
Make = Callable[[int, random.Random], bytes]


def _csv(**changes: Any) -> bytes:
    return text([values(**changes)]).encode()


def _header(headers: list[str]) -> bytes:
    return text([values()], headers=headers).encode()


def _merged(row: int) -> Callable[[int, random.Random], bytes]:
    def make(number: int, _: random.Random) -> bytes:
        span = (row, number % 6, row, number % 6 + 2)
        return xlsx([values(), values()], lambda __, page: page.merge_range(*span, "并"))

    return make


def _with_hidden(visible: str, *, hidden: str) -> bytes:
    """Give a workbook of two sheets; the list stands in the one of its name, else in the hidden."""
    into = BytesIO()
    book = xlsxwriter.Workbook(into, {"in_memory": True})
    shown, other = book.add_worksheet(visible), book.add_worksheet(hidden)
    for page, row in ((shown, ["甲"]), (other, ["乙"])):
        page.write_row(0, 0, row)
    page = shown if visible == HOUSEHOLDS.zh else other
    for number, row in enumerate([HEADERS, values()]):
        for index, cell in enumerate(row):
            page.write(number, index, cell)
    other.hide()
    shown.activate()
    book.close()
    return into.getvalue()


def large(rows: int, *, last: Values | None = None, kind: str = "xlsx") -> bytes:
    """Give a long list, of which one wants to be another than it is."""
    lines = [values(身份证号=serial_id(number)) for number in range(rows)]
    if last is not None:
        lines[-1] = last
    return xlsx(lines) if kind == "xlsx" else text(lines).encode()


def serial_id(number: int) -> str:
    """Give the identity number of one of many persons."""
    day = f"{1940 + number // 1000 % 60}{1 + number // 60_000 % 12:02d}12"
    body = f"440203{day}{number % 1000:03d}"
    return str(body + ric.calc_check_digit(body + "0"))


def _cut(content: bytes, number: int) -> bytes:
    return content[: len(content) * (number + 1) // (PER_FAMILY + 2)]


FAMILIES: dict[str, tuple[Make, str]] = {
    "truncated": (lambda n, _: _cut(xlsx([values()]), n), "damaged not_a_workbook not_a_sheet"),
    "lying sizes": (lambda _, r: lying(xlsx([values()]), r), "damaged unpacks_too_large ratio_too_high"),
    "ratio bomb": (lambda n, _: with_entries(**{"xl/media.xml": b"<a>" + b" " * (2 + n) * 2**20}), "ratio_too_high"),
    "nested archive": (lambda n, _: with_entries(**{f"xl/media/{n}.png": xlsx([])}), "nested_archive"),
    "nested by name": (lambda n, _: with_entries(**{f"xl/{n}.zip": b"x"}), "nested_archive"),
    "many entries": (lambda n, _: with_entries(**{f"xl/{k}.txt": b"" for k in range(100 + n)}), "too_many_entries"),
    "unsafe names": (lambda n, _: with_entries(**{["../", "/", "xl/../../", "c:/"][n % 4] + f"{n}.xml": b"<a/>"}), "unsafe_name"),
    "macros": (lambda n, _: with_entries(**{f"xl/{'x' * n}vbaProject.bin": b"x"}), "macros"),
    "macro type": (lambda n, _: in_part(TYPES, b"sheet.main", b"sheet.macroEnabled.main" + b" " * n), "macros"),
    "encrypted or old": (lambda n, _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(n * 100), "encrypted_or_old"),
    "external links": (lambda n, _: with_entries(**{f"xl/externalLinks/externalLink{n}.xml": b"<a/>"}), "external_links"),
    "external relation": (lambda n, _: in_part(RELATIONS, b"</Relationships>", RELATION.replace(b"rX", b"r%d" % (90 + n)) + b"</Relationships>"), "external_links"),
    "xxe": (lambda n, _: in_part(["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"][n % 4], b"?>\n", b"?>\n" + DTD), "entities"),
    "no workbook": (lambda n, _: rezipped(xlsx([values()]), lambda _, name, body: None if "workbook" in name else body, {f"a{n}.txt": b""}), "not_a_workbook"),
    "10^6 columns": (lambda n, _: in_sheet(b'r="A2"', b'r="%s2"' % [b"XFD", b"ZZZ", b"CW", b"DA"][n % 4]), "too_many_columns"),
    "10^6 rows": (lambda n, _: in_sheet(b'<row r="2"', b'<row r="%d"' % (1_000_000 + n)), "too_many_rows"),
    "merged header": (_merged(0), "merged_header"),
    "merged cells": (_merged(1), "merged_cells"),
    "hidden row": (lambda n, _: xlsx([values()] * (n + 1), lambda __, page: page.set_row(1, None, None, {"hidden": True})), "hidden_row"),
    "hidden column": (lambda n, _: xlsx([values()], lambda __, page: page.set_column(n % 9, n % 9, None, None, {"hidden": True})), "hidden_column"),
    "two sheets": (lambda n, _: rezipped(xlsx([values()], lambda book, __: book.add_worksheet(f"乙{n}")), lambda _, name, body: body.replace("农户名册".encode(), "甲".encode()) if name == "xl/workbook.xml" else body), "no_sheet"),
    "hidden sheet": (lambda n, _: _with_hidden(f"乙{n}", hidden=HOUSEHOLDS.zh), "no_sheet missing_column no_rows"),
    "formula": (lambda n, _: xlsx([values()], lambda __, page: page.write_formula(1, n % 9, "=1+1")), "formula"),
    "formula with a kept value": (lambda n, _: xlsx([values()], lambda __, page: page.write_formula(1, n % 9, "=A9", None, "4")), "formula"),
    "date as number": (lambda n, _: xlsx([values()], lambda book, page: page.write_datetime(1, [1, 2, 3][n % 3], date(2026, 1, 2), book.add_format({"num_format": "yyyy-mm-dd"}))), "not_text not_whole"),
    "identity as number": (lambda n, _: xlsx([values()], _number(44020319500312 + n)), "number_not_text"),
    "identity in 1.2E+17": (lambda n, _: xlsx([values()], _number(4.40203195003120e17 + n * 1000)), "scientific_notation"),
    "identity as 1.2E+17 text": (lambda n, _: _csv(身份证号=f"4.4{n}E+17"), "scientific_notation"),
    "card in 6.2E+18": (lambda n, _: _csv(银行卡号=f"6.2284{n}e18"), "scientific_notation"),
    "wrong encoding": (lambda n, r: _csv() + b"\xff\xff" + r.randbytes(4 + n) + b"\xff\n", "wrong_encoding nul"),
    "utf-16 without mark": (lambda n, _: text([values()] * (n + 1)).encode("utf-16-le"), "nul"),
    "cut utf-16": (lambda n, _: (text([values()] * (n + 1)).encode("utf-16"))[:-1], "wrong_encoding"),
    "open quotes": (lambda n, _: _csv() + b'"' + b"x," * n + b'\n"a"b', "bad_quotes"),
    "nul": (lambda n, _: _csv(户主姓名="何\0" + "示" * n), "nul"),
    "10 MB cell": (lambda n, _: _csv(户主姓名="何" * ((2 + n) * 300_000)), "cell_too_long"),
    "huge shared string": (lambda n, _: in_part("xl/sharedStrings.xml", "何示一".encode(), b"x" * (40_000 + n)), "cell_too_long ratio_too_high"),
    "duplicate rows": (lambda n, _: text([row := values(), *[values() for _ in range(n)], row]).encode(), "duplicate_row"),
    "duplicate header": (lambda n, _: _header([*HEADERS[:8], HEADERS[n % 8]]), "duplicate_header"),
    "missing column": (lambda n, _: _header([*HEADERS[: n % 6], "", *HEADERS[n % 6 + 1 :]]), "missing_column"),
    "extra column": (lambda n, _: _header([*HEADERS, f"备注{n}"]), "extra_column"),
    "wrong template": (lambda n, _: xlsx([values()], lambda book, __: book.define_name("bangfu_template", f'="households.{n + 2}"')), "wrong_template"),
    "other format as xlsx": (lambda n, _: [b"%PDF-1.7,", b"<html>,", b'{"a":1,}', b"<?xml?>,"][n % 4] + bytes(f"{n}", "ascii"), "not_a_sheet"),
    "no rows": (lambda n, _: text([], headers=HEADERS).encode() + b",,,,,,,,\r\n" * n, "no_rows"),
    "bad identity": (lambda n, _: _csv(身份证号=f"11010519491231{n:03d}Q"), "id_number_invalid"),
    "missing value": (lambda n, _: _csv(**{HEADERS[n % 6]: ""}), "missing_value"),
    "not a choice": (lambda n, _: _csv(户类型=f"别的{n}"), "not_choice"),
    "not a number": (lambda n, _: _csv(家庭人口=f"{n}人"), "not_whole"),
    "not yes or no": (lambda n, _: _csv(有帮扶意愿=f"或许{n}"), "not_flag"),
}  # fmt: skip


def broken_files(seed: int = 7) -> Iterator[Broken]:
    chance = random.Random(seed)
    for family, (make, codes) in FAMILIES.items():
        for number in range(PER_FAMILY):
            content = make(number, chance)
            yield Broken(family, content, frozenset(codes.split()))


def careless_files() -> Iterator[tuple[str, bytes]]:
    """Files that people send every day and that are right all the same."""
    rows = [values(), values(户主姓名="𠮷😀示"), values(户主姓名='"何，示"')]
    for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        yield name, text(rows).encode(name)
    for name, end in (("unix", "\n"), ("mac", "\r"), ("mixed", "\r\n")):
        yield name, text(rows, end=end).encode()
    yield (
        "mixed ends",
        text(rows[:2]).encode() + text(rows[2:], end="\n").encode().partition(b"\n")[2],
    )
    yield (
        "full-width digits",
        _csv(家庭人口="４", 劳动力人数="２", 村代码="４４０２０３１０３８０１"),
    )
    yield "code as a number", xlsx([values(村代码=440203103801, 联系电话=13800001234)])

    yield "a hidden sheet beside", _with_hidden(HOUSEHOLDS.zh, hidden="草稿")
    yield "english headers", text([values()], headers=[c.en for c in HOUSEHOLDS.columns]).encode()
    yield "any order", text([values()[::-1]], headers=HEADERS[::-1]).encode()
