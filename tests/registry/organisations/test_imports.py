"""Organisations come in as a list: the supervising one by its code, or by its name and region."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.sheets.writing import write
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.schemas import ORGANISATIONS
from tests.builders import registry as build
from tests.conftest import Client

IMPORTS = "/api/v1/imports"
EMPTY = dict.fromkeys(one.name for one in ORGANISATIONS.columns)
_keys = count(1)


@pytest.fixture
def admin(db_session: Session) -> str:
    del db_session
    return build.token_of(build.administrator())


def _unit(name: str, **more: Any) -> dict[str, Any]:
    code = {"credit_code": build.credit_code(), "region_code": build.WUJIANG}
    return {**EMPTY, **code, "name": name, "kind": "budget_unit", **more}


def _hand_in(client: Client, token: str, *rows: dict[str, Any]) -> Any:
    into = BytesIO()
    write(into, ORGANISATIONS, rows, format="xlsx")
    data = {"list": "organisations", "file": (BytesIO(into.getvalue()), "list.xlsx")}
    headers = {"Idempotency-Key": f"units-{next(_keys)}"}
    made = client.post(IMPORTS, data=data, headers=headers, token=token)
    assert made.status_code == 201, made.json
    return made.json


def test_a_supervising_unit_is_named_by_code_or_by_name_and_region(
    client: Client, db_session: Session, admin: str
) -> None:
    bureau = build.organisation(OrganisationKind.BUDGET_UNIT, name="演示教育局")
    far = build.organisation(OrganisationKind.BUDGET_UNIT, build.XINGGUO, name="演示远方局")
    school = _unit("演示一小")
    made = _hand_in(
        client,
        admin,
        {**school, "supervising_credit_code": bureau.credit_code, "supervising_name": "不看此名"},
        _unit("演示二小", supervising_name="演示教育局"),
        _unit("演示三小", supervising_name="演示远方局", supervising_region_code=build.XINGGUO),
        _unit("演示分校", supervising_credit_code=school["credit_code"]),
        _unit("演示四小", supervising_id=str(bureau.id)),
        _unit("演示五小"),
    )
    assert made["state"] == "checked", made["faults"]
    done: Any = client.post(f"{IMPORTS}/{made['id']}/commit", token=admin).json
    assert done["state"] == "committed"
    rows = db_session.scalars(select(Organisation).where(Organisation.name.like("演示%")))
    found = {one.name: one for one in rows}
    first = found["演示一小"]
    assert {name: found[name].supervising_id for name in found if name[-1] in "小校"} == {
        "演示一小": bureau.id,
        "演示二小": bureau.id,
        "演示三小": far.id,
        "演示分校": first.id,
        "演示四小": bureau.id,
        "演示五小": None,
    }
    assert found["演示分校"].lineage == f"{first.lineage}{found['演示分校'].id}/"


def test_a_supervising_unit_that_is_not_one_is_told_by_its_cell(
    client: Client, db_session: Session, admin: str
) -> None:
    for _ in range(2):
        build.organisation(OrganisationKind.BUDGET_UNIT, name="演示同名局")
    build.organisation(OrganisationKind.BUDGET_UNIT, build.XINGGUO, name="演示远方局")
    before = db_session.query(Organisation).count()
    made = _hand_in(
        client,
        admin,
        _unit("演示甲", supervising_credit_code=build.credit_code()),
        _unit("演示乙", supervising_name="演示远方局"),
        _unit("演示丙", supervising_name="演示同名局"),
        _unit("演示丁", supervising_credit_code="91440203MA0000000X"),
    )
    places = [(one["row"], one["header"], one["code"]) for one in made["faults"]]
    assert sorted(places) == [
        (2, "主管单位统一社会信用代码", "supervisor_unknown"),
        (3, "主管单位名称", "supervisor_unknown"),
        (4, "主管单位名称", "supervisor_ambiguous"),
        (5, "主管单位统一社会信用代码", "credit_code_invalid"),
    ]
    assert made["state"] == "faulty"
    assert db_session.query(Organisation).count() == before
