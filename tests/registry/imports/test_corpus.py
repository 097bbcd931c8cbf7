"""X1: whatever file comes, nothing is partly written, the place is named, memory is bounded."""

from __future__ import annotations

import gc
import re
import resource
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.clients import elsewhere
from kernel import clock
from kernel.database import db
from kernel.imports.commands import advance_import
from kernel.sheets.faults import SENTENCES, SheetRefused
from kernel.sheets.loading import Reading
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.households.schemas.sheets import BENEFIT_LINKS, HOUSEHOLDS
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.households.test_imports import hand_in
from tests.registry.imports.corpus import (
    FAMILIES,
    Broken,
    broken_files,
    careless_files,
    large,
    serial_id,
    values,
)

T = TypeVar("T")
DAY = date(2026, 1, 2)

MOST_GROWTH_KB = 300 * 1024
MOST_SECONDS = 10.0
LEAST_FILES = 300
LONG = 100_000
FILE_LEVEL = frozenset(
    {
        "not_a_sheet", "damaged", "encrypted_or_old", "too_many_entries", "unpacks_too_large",
        "ratio_too_high", "nested_archive", "unsafe_name", "macros", "external_links", "entities",
        "not_a_workbook", "no_sheet", "wrong_template", "wrong_encoding",
    }
)  # fmt: skip
"""What is wrong with the file as a whole has no cell."""


@pytest.fixture
def cadre(client: Client) -> str:
    del client
    build.village()
    office = build.organisation(OrganisationKind.AUTHORITY)
    return build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))


def found(answer: Any) -> list[tuple[str, Any, Any]]:
    if answer.status_code in {200, 201}:
        return [(one["code"], one["row"], one["sheet"]) for one in answer.json["faults"]]
    figures = answer.json["figures"]
    return [(figures["fault"], figures["row"], figures["sheet"])]


def judge(broken: Broken, answer: Any) -> str | None:
    """Say what is wrong with the answer to a broken file."""
    if answer.status_code not in {200, 201, 422}:
        return f"{broken.family}: {answer.status_code} {answer.text[:200]}"
    if answer.status_code != 422 and answer.json["state"] != "faulty":
        return f"{broken.family}: {answer.json['state']}"
    faults = found(answer)
    right = [one for one in faults if one[0] in broken.codes]
    if not right:
        return f"{broken.family}: {faults[:3]} instead of {sorted(broken.codes)}"
    code, row, sheet = right[0]
    if code not in FILE_LEVEL and (row in {None, "-"} or sheet in {None, "-"}):
        return f"{broken.family}: {code} without a place"
    return None


def test_no_broken_file_is_partly_written(client: Client, cadre: str, db_session: Session) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wrong, slowest, count = [], 0.0, 0
    for broken in broken_files():
        begun = time.monotonic()
        answer: Any = hand_in(client, cadre, broken.content)
        if answer.status_code == 201 and answer.json["state"] == "received":
            assert run(lambda: advance_import(now=clock.now())) == 1
            path = f"/api/v1/imports/{answer.json['id']}"
            answer = client.get(path, token=cadre)
        slowest = max(slowest, time.monotonic() - begun)
        count += 1
        fault = judge(broken, answer)
        if fault is not None:
            wrong.append(fault)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert wrong == []
    assert (count >= LEAST_FILES, len(FAMILIES) >= 20) == (True, True)
    assert db_session.scalar(select(func.count(Household.id))) == 0
    assert grown < MOST_GROWTH_KB
    assert slowest < MOST_SECONDS


def test_careless_files_are_read_as_they_are_meant(client: Client, cadre: str) -> None:
    states = {}
    for name, content in careless_files():
        answer = hand_in(client, cadre, content)
        assert answer.status_code == 201, (name, answer.json)
        states[name] = (answer.json["state"], answer.json["faults"])
    assert {name: one for name, one in states.items() if one[0] != "checked"} == {}


def test_a_judge_that_saw_nothing_would_be_noticed(client: Client, cadre: str) -> None:
    (_, content), *_ = careless_files()
    answer = hand_in(client, cadre, content)
    for broken in (Broken("fine", content, frozenset({"formula"})),):
        assert judge(broken, answer) is not None


def _grown_by(work: Callable[[], T]) -> tuple[T, int]:
    """Run something in a process of its own; gives by how many kB its memory grew at the most."""
    status = Path("/proc/self/status")

    def kilobytes(name: str) -> int:
        found = re.search(rf"{name}:\s+(\d+) kB", status.read_text(encoding="ascii"))
        assert found is not None
        return int(found[1])

    def measured() -> tuple[T, int]:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = kilobytes("VmRSS")
        answer = work()
        return answer, kilobytes("VmHWM") - before

    return elsewhere(measured)


def _read_whole(content: bytes) -> tuple[int, list[dict[str, Any]]]:
    """Read a list to its end; gives its rows, and its first faults."""
    rows, faults = 0, list[dict[str, Any]]()
    try:
        for chunk in Reading(content, HOUSEHOLDS).chunks():
            rows += len(chunk.rows)
            faults += [one.as_json() for one in chunk.faults[: 3 - len(faults)]]
    except SheetRefused as refused:
        faults.append(refused.fault.as_json())
    return rows, faults


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("rows", [2_500, pytest.param(LONG, marks=pytest.mark.faults)])
def test_a_long_list_is_read_whole_or_refused_by_its_last_cell_in_bounded_memory(
    rows: int, kind: str
) -> None:
    good = large(rows, kind=kind)
    read_good, grown = _grown_by(lambda: _read_whole(good))
    assert (read_good, grown < MOST_GROWTH_KB) == ((rows, []), True)
    wrong = large(rows, last=values(身份证号="440203194001120007"), kind=kind)
    (read, faults), grown = _grown_by(lambda: _read_whole(wrong))
    assert (read, [(one["row"], one["column"]) for one in faults]) == (rows - 1, [(rows + 1, "C")])
    assert grown < MOST_GROWTH_KB
    again = large(rows, last=values(身份证号=serial_id(0)), kind=kind)
    (read, faults), grown = _grown_by(lambda: _read_whole(again))
    assert [one["code"] for one in faults] == ["duplicate_row"]
    assert (read, grown < MOST_GROWTH_KB) == (rows - 1, True)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_of_a_hundred_thousand_rows_with_one_wrong_cell_nothing_is_written(
    client: Client, cadre: str, record_property: Callable[[str, object], None], kind: str
) -> None:
    for code, last in {
        "id_number_invalid": values(身份证号="440203194001120007"),
        "duplicate_row": values(身份证号=serial_id(0)),
        "region_unknown": values(村代码="440203103999"),
    }.items():
        broken = Broken("100 k rows", large(LONG, last=last, kind=kind), frozenset({code}))
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        answer: Any = hand_in(client, cadre, broken.content)
        assert answer.json["state"] == "received"
        assert run(lambda: advance_import(now=clock.now())) == 1
        answer = client.get(f"/api/v1/imports/{answer.json['id']}", token=cadre)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        record_property(code, f"{time.monotonic() - begun:.1f} s, {grown // 1024} MB more")
        assert judge(broken, answer) is None
        assert [one[:2] for one in found(answer)] == [(code, LONG + 1)]
        assert db.session.scalar(select(func.count(Household.id))) == 0
        assert grown < MOST_GROWTH_KB


def test_hostile_files_take_no_memory_to_refuse() -> None:
    def refuse_all() -> int:
        return sum(not _read_whole(broken.content)[0] for broken in broken_files())

    _, grown = _grown_by(refuse_all)
    assert grown < MOST_GROWTH_KB


def test_what_takes_memory_would_be_measured() -> None:
    size, grown = _grown_by(lambda: len(b"x" * MOST_GROWTH_KB * 1024))
    assert grown * 1024 > size * 0.9


@pytest.mark.parametrize("system", [False, True], ids=["1900", "1904"])
def test_a_day_is_the_day_that_is_shown(*, system: bool) -> None:
    into = BytesIO()
    book = xlsxwriter.Workbook(into, {"date_1904": system, "in_memory": True})
    page = book.add_worksheet(BENEFIT_LINKS.zh)
    row = {"household_code": "BF-H-1", "way": "jobs", "terms": "用工", "since_on": DAY}
    page.write_row(0, 0, [column.zh for column in BENEFIT_LINKS.columns])
    for index, column in enumerate(BENEFIT_LINKS.columns):
        cell = row.get(column.name)
        if isinstance(cell, date):
            page.write_datetime(1, index, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
        elif cell:
            page.write_string(1, index, cell)
    book.close()
    (chunk,) = Reading(into.getvalue(), BENEFIT_LINKS).chunks()
    assert [fault.as_json() for fault in chunk.faults] == []
    assert chunk.rows[0].record.since_on == DAY


def test_every_fault_speaks_both_languages() -> None:
    for zh, en in SENTENCES.values():
        assert zh
        assert en
