"""X1: whatever file comes, nothing is partly written, the place is named, memory is bounded."""

from __future__ import annotations

import resource
import time
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.imports.commands import advance_import
from kernel.sheets.faults import SENTENCES
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.households.test_imports import hand_in
from tests.registry.imports.corpus import FAMILIES, Broken, broken_files, careless_files

MOST_GROWTH_KB = 300 * 1024
MOST_SECONDS = 10.0
LEAST_FILES = 300
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


def test_every_fault_speaks_both_languages() -> None:
    for zh, en in SENTENCES.values():
        assert zh
        assert en
