"""The survey file of a reconciliation: previewed, refused by cell, compared, decided by list."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from itertools import count
from typing import Any
from uuid import uuid1

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import db
from kernel.imports.commands import SMALL_ROWS, advance_import
from kernel.sheets.writing import write
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.models.households import Household, HouseholdState
from registry.households.models.reconciliations import ReconciliationDifference
from registry.households.schemas.sheets import DIFFERENCES, SURVEYS
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

RUNS, IMPORTS = "/api/v1/reconciliations", "/api/v1/imports"
OUTSIDE = "440204101801"
BODY = {"region_code": build.WUJIANG, "survey": "2026 年入户核查", "surveyed_on": "2026-02-01"}
_keys = count(1)


@pytest.fixture
def author(db_session: Session) -> str:
    del db_session
    build.village()
    return _reviewer()


def _reviewer(region_code: str = build.WUJIANG) -> str:
    office = build.organisation(OrganisationKind.AUTHORITY, region_code)
    return build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))


def _of(household: Household, **changes: Any) -> dict[str, Any]:
    names = ("village_code", "head_name", "id_number", "members", "able_labour", "willing")
    same = {name: getattr(household, name) for name in names}
    return {**same, "class": household.household_class.value, **changes}


def _new(**changes: Any) -> dict[str, Any]:
    return {
        "village_code": build.VILLAGE,
        "head_name": "何示九",
        "id_number": build.id_number(),
        "members": 3,
        "able_labour": 1,
        "class": "marginal",
        "willing": True,
        **changes,
    }


def _sheet(rows: list[dict[str, Any]], *, kind: Any = "xlsx") -> bytes:
    into = BytesIO()
    write(into, SURVEYS, rows, format=kind)
    return into.getvalue()


def _open(client: Any, token: str) -> str:
    headers = {"Idempotency-Key": f"run-{next(_keys)}", "Authorization": f"Bearer {token}"}
    made = client.post(RUNS, json=BODY, headers=headers)
    assert made.status_code == 201, made.json
    assert (made.json["is_compared"], made.json["register_households"]) == (False, 0)
    return str(made.json["id"])


def _hand_in(
    client: Any, token: str, content: bytes, run_id: str | None, name: str = "surveys"
) -> Any:
    fields = {"list": name, "file": (BytesIO(content), "survey.bin")}
    subject = {} if run_id is None else {"subject_id": run_id}
    return client.post(
        IMPORTS,
        data={**fields, **subject},
        content_type="multipart/form-data",
        headers={"Idempotency-Key": f"key-{next(_keys)}", "Authorization": f"Bearer {token}"},
    )


def _commit(client: Client, token: str, made: Any) -> Any:
    assert made.status_code == 201, made.json
    assert made.json["state"] == "checked", made.json
    return client.post(f"{IMPORTS}/{made.json['id']}/commit", token=token)


def _differences(session: Session) -> int:
    return session.scalar(select(func.count(ReconciliationDifference.id))) or 0


@pytest.mark.parametrize("as_file", ["xlsx", "csv", "gb18030"])
def test_a_survey_file_is_compared_decided_and_accounted_for(
    client: Client, db_session: Session, author: str, as_file: str
) -> None:
    same, gone, differs = (build.household() for _ in range(3))
    elsewhere = build.household(OUTSIDE)
    kept = (gone.code, elsewhere.code)
    new = _new()
    rows = [_of(same), _of(differs, members=5), new]
    content = _sheet(rows, kind="xlsx" if as_file == "xlsx" else "csv")
    if as_file == "gb18030":
        content = content.decode("utf-8-sig").encode("gb18030")
    run_id = _open(client, author)
    made = _hand_in(client, author, content, run_id)
    assert (made.json["subject_id"], made.json["rows"], made.json["faults"]) == (run_id, 3, [])
    assert new["id_number"] not in str(made.json)
    assert "何示九" not in str(made.json)
    assert _differences(db_session) == 0
    assert _commit(client, author, made).json["state"] == "committed"
    answer: Any = client.get(f"{RUNS}/{run_id}", token=author)
    view = answer.json
    figures = [view[f"{name}_households"] for name in ("register", "survey", "same")]
    assert (figures, view["is_compared"], view["undecided"]) == ([3, 3, 1], True, 3)
    answer = client.get(f"{RUNS}/{run_id}/differences", token=author)
    listed = answer.json["items"]
    assert {(one["kind"], one["household_code"], one["survey_line"]) for one in listed} == {
        ("only_register", gone.code, None),
        ("fields_differ", differs.code, 3),
        ("only_survey", None, 4),
    }
    plan = {"only_register": "remove", "fields_differ": "take_survey", "only_survey": "add"}
    decider = _reviewer()
    for one in listed:
        body = {"decision": plan[one["kind"]], "reason": "入户核对"}
        path = f"/api/v1/reconciliation-differences/{one['id']}/decision"
        refused: Any = client.post(path, json=body, token=author)
        assert refused.json["code"] == "same_person"
        assert client.post(path, json=body, token=decider).status_code == 200
    closed: Any = client.post(f"{RUNS}/{run_id}/close", token=decider)
    assert (closed.status_code, closed.json["after_households"]) == (200, 3)
    states = {
        one.code: one.state for one in db_session.scalars(select(Household)) if one.code in kept
    }
    assert states == {gone.code: HouseholdState.EXITED, elsewhere.code: HouseholdState.LISTED}
    assert db_session.scalar(select(func.count(Household.id))) == 5


def test_what_is_wrong_with_a_survey_is_told_by_its_cell(
    client: Client, db_session: Session, author: str
) -> None:
    build.village(OUTSIDE)
    good = _new()
    rows = [
        good,
        _new(village_code=OUTSIDE),
        _new(village_code="440203103999"),
        _new(able_labour=9),
        {**good, "head_name": "何示八"},
    ]
    run_id = _open(client, author)
    made = _hand_in(client, author, _sheet(rows), run_id)
    places = {(one["row"], one["column"], one["code"]) for one in made.json["faults"]}
    assert (made.json["state"], places) == (
        "faulty",
        {
            (3, "A", "survey_outside"),
            (4, "A", "region_unknown"),
            (5, "E", "labour_above_members"),
            (6, "C", "duplicate_row"),
        },
    )
    refused = client.post(f"{IMPORTS}/{made.json['id']}/commit", token=author)
    assert refused.status_code == 409
    view: Any = client.get(f"{RUNS}/{run_id}", token=author).json
    assert (view["is_compared"], _differences(db_session)) == (False, 0)


def test_a_survey_belongs_to_a_run_that_awaits_it(client: Client, author: str) -> None:
    run_id, content = _open(client, author), _sheet([_new()])
    for subject, status in ((None, 422), (str(uuid1()), 404)):
        assert _hand_in(client, author, content, subject).status_code == status
    assert _hand_in(client, author, content, run_id, "households").status_code == 422
    stranger = _reviewer("440204")
    assert _hand_in(client, stranger, content, run_id).status_code == 404
    first = _hand_in(client, author, content, run_id)
    second = _hand_in(client, author, _sheet([_new(), _new()]), run_id)
    assert _commit(client, author, first).json["state"] == "committed"
    late = _commit(client, author, second)
    assert (late.json["state"], late.json["faults"][0]["code"]) == ("faulty", "survey_taken")
    third = _hand_in(client, author, _sheet([_new()]), run_id)
    assert (third.status_code, third.json["code"]) == (409, "survey_taken")


def test_the_same_file_may_be_the_survey_of_a_later_run(client: Client, author: str) -> None:
    household = build.household()
    content = _sheet([_of(household)])
    for _ in range(2):
        run_id = _open(client, author)
        assert _commit(client, author, _hand_in(client, author, content, run_id)).json["rows"] == 1
        closed: Any = client.post(f"{RUNS}/{run_id}/close", token=author)
        assert (closed.status_code, closed.json["same_households"]) == (200, 1)


def test_a_run_whose_survey_never_comes_is_withdrawn(client: Client, author: str) -> None:
    run_id = _open(client, author)
    second = client.post(
        RUNS, json=BODY, token=author, headers={"Idempotency-Key": f"run-{next(_keys)}"}
    )
    assert (second.json or {})["code"] == "reconciliation_open"
    closed: Any = client.post(f"{RUNS}/{run_id}/close", token=author)
    assert (closed.status_code, closed.json["is_compared"]) == (200, False)
    late = _hand_in(client, author, _sheet([_new()]), run_id)
    assert (late.status_code, late.json["code"]) == (409, "reconciliation_closed")
    assert _open(client, author) != run_id


def test_differences_go_out_as_a_list_and_come_in_decided(
    client: Client, db_session: Session, author: str
) -> None:
    build.household()
    run_id = _open(client, author)
    _commit(client, author, _hand_in(client, author, _sheet([_new(), _new()]), run_id))
    decider = _reviewer()
    out = client.get(f"{RUNS}/{run_id}/differences/export?format=csv", token=decider)
    assert out.status_code == 200
    assert "何示" not in out.text
    header, *lines = csv.reader(StringIO(out.data.decode("utf-8-sig")))
    filled = [[*line[:5], "不新增" if line[3] else "保留", "核对无误"] for line in lines]

    def listed(rows: list[list[str]]) -> bytes:
        into = StringIO()
        csv.writer(into).writerows([header, *rows])
        return into.getvalue().encode()

    bare = _hand_in(
        client, decider, listed([[*filled[0][:6], ""]]), None, "reconciliation_decisions"
    )
    assert [one["code"] for one in bare.json["faults"]] == ["decision_reason_missing"]
    own = _hand_in(client, author, listed(filled), None, "reconciliation_decisions")
    assert {one["code"] for one in own.json["faults"]} == {"same_person"}
    some = [filled[0], lines[1], lines[2]]
    made = _hand_in(client, decider, listed(some), None, "reconciliation_decisions")
    assert _commit(client, decider, made).json["state"] == "committed"
    assert client.get(f"{RUNS}/{run_id}", token=decider).json["undecided"] == 2  # type: ignore[index]
    made = _hand_in(client, decider, listed(filled), None, "reconciliation_decisions")
    assert _commit(client, decider, made).json["state"] == "committed"
    view: Any = client.get(f"{RUNS}/{run_id}", token=decider).json
    assert (view["undecided"], view["by_decision"]["ignore"]) == (0, 2)
    other = [[*filled[0][:5], "新增" if filled[0][3] else "退出", "改判"]]
    again = _hand_in(client, decider, listed(other), None, "reconciliation_decisions")
    assert [one["code"] for one in again.json["faults"]] == ["difference_decided"]
    assert DIFFERENCES.columns[0].zh in out.text
    assert _differences(db_session) == 3


def test_a_large_survey_is_taken_by_its_task_and_shows_its_progress(fresh: Flask) -> None:
    rows = SMALL_ROWS * 2 + 500
    with fresh.app_context():
        build.village()
        token = _reviewer()
        build.household()
        db.session.commit()
    client = fresh.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    run_id = _open(client, token)
    made = _hand_in(client, token, _sheet([_new() for _ in range(rows)], kind="csv"), run_id)
    assert made.json["state"] == "received"
    path = f"{IMPORTS}/{made.json['id']}"
    step: Callable[[], int] = lambda: advance_import(now=clock.now())  # noqa: E731 - one unit of work
    with fresh.app_context():
        run(step)
    checked: Any = client.get(path, headers=headers).json
    assert (checked["state"], checked["done"]) == ("checked", rows)
    assert client.post(f"{path}/commit", headers=headers).json["state"] == "accepted"  # type: ignore[index]
    with fresh.app_context():
        run(step)
        assert (
            db.session.execute(text("SELECT count(*) FROM reconciliation_difference")).scalar_one()
            == rows + 1
        )
    view: Any = client.get(f"{RUNS}/{run_id}", headers=headers).json
    assert (view["register_households"], view["survey_households"]) == (1, rows)
