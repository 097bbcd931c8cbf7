"""Lists of households: previewed, refused by cell, taken in whole, exported masked."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import Any

import pytest
from python_calamine import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import db
from kernel.sheets.writing import write
from registry.accounts.models import Role
from registry.households.models.households import Household, HouseholdChange
from registry.households.models.links import BenefitLink
from registry.households.schemas.sheets import BENEFIT_LINKS, HOUSEHOLDS
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

PATH = "/api/v1/imports"
_keys = count(1)


def row(**changes: Any) -> dict[str, Any]:
    filled = {
        "village_code": build.VILLAGE,
        "head_name": "何示一",
        "id_number": build.id_number(),
        "members": 4,
        "able_labour": 2,
        "class": "registered",
        "willing": True,
        "phone": "13800001234",
        "bank_card": "6228480402564890018",
    }
    return {**filled, **changes}


def sheet(rows: list[dict[str, Any]], *, kind: str = "xlsx", of: Any = HOUSEHOLDS) -> bytes:
    into = BytesIO()
    write(into, of, rows, format=kind)  # type: ignore[arg-type]
    return into.getvalue()


def hand_in(client: Client, token: str, content: bytes, name: str = "households") -> Any:
    body = (
        f'--x\r\nContent-Disposition: form-data; name="list"\r\n\r\n{name}\r\n--x\r\n'
        'Content-Disposition: form-data; name="file"; filename="list.bin"\r\n\r\n'
    ).encode() + content
    return client.post(
        PATH,
        data=body + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        headers={"Idempotency-Key": f"import-{next(_keys)}"},
        token=token,
    )


@pytest.fixture
def cadre(client: Client) -> str:
    del client
    build.village()
    office = build.organisation(OrganisationKind.AUTHORITY)
    return build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))


def households(session: Session) -> int:
    return session.scalar(select(func.count(Household.id))) or 0


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_list_is_previewed_then_taken_in_whole(
    client: Client, cadre: str, db_session: Session, kind: str, written: Any
) -> None:
    rows = [row(), row(willing=False, phone=None, bank_card=None)]
    made = hand_in(client, cadre, sheet(rows, kind=kind))
    assert made.status_code == 201, made.json
    assert (made.json["state"], made.json["rows"], made.json["faults"]) == ("checked", 2, [])
    assert households(db_session) == 0
    shown = str(made.json["preview"])
    assert "何********" not in shown
    assert rows[0]["id_number"] not in shown
    assert "何示一" not in shown
    assert made.json["headers"][0] == "村代码"
    done: Any = client.post(f"{PATH}/{made.json['id']}/commit", token=cadre)
    assert done.status_code == 200, done.json
    assert done.json["state"] == "committed"
    assert households(db_session) == 2
    assert db_session.scalar(select(func.count(HouseholdChange.id))) == 2
    found = db_session.scalars(select(Household).order_by(Household.code)).first()
    assert found is not None
    assert (found.head_name, found.id_number) == ("何示一", rows[0]["id_number"])
    assert found.version == 1
    again: Any = client.post(f"{PATH}/{made.json['id']}/commit", token=cadre)
    assert (again.status_code, again.json["state"]) == (200, "committed")
    assert households(db_session) == 2
    actions = [one.action for one in written() if one.outcome == "done"]
    assert actions.count("register_household") == 2
    assert actions.count("commit_import") == 1


def test_one_bad_cell_keeps_the_whole_list_out(
    client: Client, cadre: str, db_session: Session
) -> None:
    content = sheet([row(), row(members=1, able_labour=3), row(village_code="440203103999")])
    made = hand_in(client, cadre, content)
    assert made.status_code == 201
    assert (made.json["state"], made.json["fault_count"]) == ("faulty", 2)
    places = [(one["sheet"], one["row"], one["column"], one["code"]) for one in made.json["faults"]]
    assert places == [
        ("农户名册", 3, "E", "labour_above_members"),
        ("农户名册", 4, "A", "region_unknown"),
    ]
    refused: Any = client.post(f"{PATH}/{made.json['id']}/commit", token=cadre)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert households(db_session) == 0
    listed = client.get(f"{PATH}/{made.json['id']}/faults", token=cadre)
    assert listed.data.startswith("\ufeff工作表,行,列".encode())
    assert "labour_above_members" in listed.text


def test_a_household_that_stands_already_is_a_fault_of_its_cell(
    client: Client, cadre: str, db_session: Session
) -> None:
    number = build.id_number()
    build.household(number=number)
    made = hand_in(client, cadre, sheet([row(), row(id_number=number)]))
    (fault,) = made.json["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (3, "C", "id_number_taken")
    assert number not in str(made.json)
    assert households(db_session) == 1


def test_what_was_taken_since_the_check_keeps_the_whole_list_out(
    client: Client, cadre: str, db_session: Session
) -> None:
    rows = [row(), row()]
    made = hand_in(client, cadre, sheet(rows))
    build.household(number=rows[1]["id_number"])
    db.session.commit()
    done: Any = client.post(f"{PATH}/{made.json['id']}/commit", token=cadre)
    assert (done.status_code, done.json["state"]) == (200, "faulty")
    assert done.json["faults"][0]["row"] == 3
    assert households(db_session) == 1
    rechecked = hand_in(client, cadre, sheet(rows))
    assert rechecked.json["id"] == made.json["id"]
    assert rechecked.json["state"] == "faulty"


def test_the_same_file_is_the_same_import(client: Client, cadre: str) -> None:
    content = sheet([row()])
    first, second = hand_in(client, cadre, content), hand_in(client, cadre, content)
    assert first.json == second.json


def test_a_list_is_imported_by_its_roles_and_seen_by_its_organisation(
    client: Client, cadre: str
) -> None:
    clerk = build.token_of(build.user(build.organisation(), [Role.COOP_CLERK]))
    content = sheet([row()])
    assert hand_in(client, clerk, content).status_code == 403
    assert hand_in(client, cadre, content, "no-such-list").status_code == 422
    made = hand_in(client, cadre, content)
    other = build.token_of(
        build.user(build.organisation(OrganisationKind.AUTHORITY), [Role.COUNTY_REVIEWER])
    )
    for token in (clerk, other):
        assert client.get(f"{PATH}/{made.json['id']}", token=token).status_code == 404
        assert client.post(f"{PATH}/{made.json['id']}/commit", token=token).status_code == 404
        listed = client.get(PATH, token=token).json
        assert listed is not None
        assert listed["items"] == []
    mine = client.get(PATH, token=cadre).json
    assert mine is not None
    assert [one["id"] for one in mine["items"]] == [made.json["id"]]


def test_another_county_is_out_of_reach(client: Client, db_session: Session) -> None:
    build.village()
    office = build.organisation(OrganisationKind.AUTHORITY, "440204")
    token = build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))
    made = hand_in(client, token, sheet([row()]))
    assert made.json["faults"][0]["code"] == "forbidden"
    assert made.json["faults"][0]["column"] == "A"
    assert households(db_session) == 0


def test_the_template_is_accepted_once_it_is_filled(client: Client, cadre: str) -> None:
    given = client.get(f"{PATH}/templates/households", token=cadre)
    assert given.status_code == 200
    headers = load_workbook(BytesIO(given.data)).get_sheet_by_index(0).to_python()[0]
    assert headers[:2] == ["村代码*", "户主姓名*"]
    empty = hand_in(client, cadre, given.data)
    assert [one["code"] for one in empty.json["faults"]] == ["no_rows"]
    assert client.get(f"{PATH}/templates/none", token=cadre).status_code == 404


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_register_is_exported_masked_and_in_scope(
    client: Client, cadre: str, kind: str
) -> None:
    inside = build.household()
    outside = build.household(village_code=build.village("440204001801", "别处").code)
    answer = client.get(f"/api/v1/households/export?format={kind}", token=cadre)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if kind == "csv":
        text = answer.data.decode("utf-8-sig")
    else:
        text = str(load_workbook(BytesIO(answer.data)).get_sheet_by_index(0).to_python())
    assert inside.code in text
    assert outside.code not in text
    assert inside.id_number not in text
    assert "6228480402564890018" not in text
    assert "何**" in text


def test_links_are_imported_by_their_codes(client: Client, db_session: Session) -> None:
    coop = build.organisation()
    token = build.token_of(build.user(coop, [Role.COOP_CLERK]))
    household = build.household()
    rows = [
        {
            "household_code": household.code,
            "way": "jobs",
            "since_on": "2026-01-01",
            "terms": "用工",
        },
        {
            "household_code": household.code,
            "credit_code": coop.credit_code,
            "way": "technique",
            "since_on": "2026-01-01",
            "terms": "=培训",
        },
    ]
    filled = [{"credit_code": None, **one} for one in rows]
    made = hand_in(client, token, sheet(filled, kind="csv", of=BENEFIT_LINKS), "benefit_links")
    assert made.json["state"] == "checked", made.json
    assert db_session.scalar(select(func.count(BenefitLink.id))) == 0
    done: Any = client.post(f"{PATH}/{made.json['id']}/commit", token=token)
    assert done.json["state"] == "committed"
    links = db_session.scalars(select(BenefitLink).order_by(BenefitLink.id)).all()
    assert [link.terms for link in links] == ["用工", "=培训"]
    exported = client.get("/api/v1/benefit-links/export?format=csv", token=token)
    assert "'=培训" in exported.text
    made = hand_in(client, token, sheet(filled, of=BENEFIT_LINKS), "benefit_links")
    assert {one["code"] for one in made.json["faults"]} == {"benefit_link_in_force"}
    rows_of = db_session.scalars(
        select(audit.AuditRow.action).where(audit.AuditRow.action == "link_household")
    ).all()
    assert len(rows_of) == 2
