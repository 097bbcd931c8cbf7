"""Doors to members, leaders, incomes and warnings: masked, in scope, by household code."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import Role
from registry.households.models.households import Household, VillageLeader
from registry.households.models.incomes import HouseholdIncome
from registry.households.models.members import HouseholdMember
from registry.households.rules.members import sex_of
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.households.casework import income_line

PATH, LEADERS = "/api/v1/households", "/api/v1/village-leaders"
WARNINGS = "/api/v1/relapse-warnings?region=440203&year=2025"
pytestmark = pytest.mark.usefixtures("db_session")
_keys = count(1)


def _office(role: Role = Role.VILLAGE_CADRE, region_code: str = build.WUJIANG) -> str:
    home = build.organisation(OrganisationKind.AUTHORITY, region_code)
    return build.token_of(build.user(home, [role]))


def _person(**changes: Any) -> dict[str, Any]:
    number = changes.pop("document_number", None) or build.id_number()
    return {
        "name": "何示金",
        "document_number": number,
        "relation": "other",
        "sex": sex_of(number).value,
        "health": "healthy",
        "labour": "able",
        "joined_on": "2026-01-01",
        **changes,
    }


def _add(client: Client, token: str, household: Household, body: dict[str, Any]) -> Any:
    return client.post(f"{PATH}/{household.id}/members", json=body, token=token)


def test_a_member_joins_masked_and_leaves_once(client: Client, db_session: Session) -> None:
    household, cadre = build.household(), _office()
    body = _person()
    made = _add(client, cadre, household, body)
    assert made.status_code == 201, made.json
    assert body["document_number"] not in made.text
    assert "何示金" not in made.text
    twice = _add(client, cadre, build.household(), body)
    assert (twice.status_code, twice.json["code"]) == (409, "member_present")
    path, leaving = f"/api/v1/household-members/{made.json['id']}/leave", {"reason": "moved"}
    late = {**leaving, "left_on": "2026-02-01"}
    assert client.post(path, json=late, token=cadre).status_code == 428
    tag = {"If-Match": made.headers["ETag"]}
    early = client.post(path, json={**leaving, "left_on": "2026-01-01"}, token=cadre, headers=tag)
    assert (early.status_code, (early.json or {})["code"]) == (422, "period_backwards")
    done = client.post(path, json=late, token=cadre, headers=tag)
    assert (done.status_code, (done.json or {})["left_reason"]) == (200, "moved")
    again = client.post(path, json=late, token=cadre, headers={"If-Match": "*"})
    assert (again.status_code, (again.json or {})["code"]) == (409, "member_left")
    assert _add(client, cadre, build.household(), body).status_code == 201
    listed = client.get(f"{PATH}/{household.id}/members", token=cadre)
    assert "何示金" not in listed.text
    assert db_session.scalar(select(func.count(HouseholdMember.id))) == 2


def test_a_member_is_refused_that_cannot_be(client: Client, db_session: Session) -> None:
    household, cadre = build.household(), _office()
    assert _add(client, cadre, household, _person(relation="head")).status_code == 201
    number = build.id_number()
    wrong_sex = "female" if sex_of(number).value == "male" else "male"
    wrong_relation = "daughter" if sex_of(number).value == "male" else "son"
    for body, refusal in (
        (_person(relation="head"), (409, "head_present")),
        (_person(document_number=number, sex=wrong_sex), (422, "sex_mismatch")),
        (_person(document_number=number, relation=wrong_relation), (422, "sex_mismatch")),
        (_person(health="disabled"), (422, "disability_incomplete")),
        (_person(disability_grade=2), (422, "disability_incomplete")),
    ):
        answer = _add(client, cadre, household, body)
        assert (answer.status_code, answer.json["code"]) == refusal
    stranger = _office(region_code="440204")
    assert _add(client, stranger, household, _person()).status_code == 404
    assert client.get(f"{PATH}/{household.id}/members", token=stranger).status_code == 404
    assert db_session.scalar(select(func.count(HouseholdMember.id))) == 1


def test_leaders_are_registered_masked_and_their_time_ends_once(
    client: Client, db_session: Session
) -> None:
    build.village()
    cadre = _office()
    body = {
        "village_code": build.VILLAGE,
        "name": "何示金",
        "id_number": build.id_number(),
        "trade": "茶叶种植",
        "since_on": "2026-01-01",
    }
    made: Any = client.post(LEADERS, json=body, token=cadre)
    assert (made.status_code, made.json["name"]) == (201, "何**")
    assert body["id_number"] not in made.text
    again: Any = client.post(LEADERS, json=body, token=cadre)
    assert (again.status_code, again.json["code"]) == (409, "leader_in_office")
    for changes, refusal in (
        ({"village_code": build.LONGGUI}, (422, "region_unfit")),
        ({"village_code": "440203103999"}, (422, "region_unknown")),
        ({"trade": "种茶 11010519491231002X"}, (422, "identity_in_text")),
    ):
        answer: Any = client.post(LEADERS, json={**body, **changes}, token=cadre)
        assert (answer.status_code, answer.json["code"]) == refusal
    path = f"{LEADERS}/{made.json['id']}/end"
    stranger = _office(region_code="440204")
    assert client.post(path, json={"until_on": "2026-03-01"}, token=stranger).status_code == 404
    backwards: Any = client.post(path, json={"until_on": "2026-01-01"}, token=cadre)
    assert (backwards.status_code, backwards.json["code"]) == (422, "period_backwards")
    assert client.post(path, json={"until_on": "2026-03-01"}, token=cadre).status_code == 200
    late: Any = client.post(path, json={"until_on": "2026-03-02"}, token=cadre)
    assert (late.status_code, late.json["code"]) == (409, "leader_left")
    anew: Any = client.post(LEADERS, json={**body, "since_on": "2026-03-01"}, token=cadre)
    assert anew.status_code == 201
    listed: Any = client.get(LEADERS, token=cadre)
    assert (len(listed.json["items"]), "何示金" in listed.text) == (2, False)
    assert client.get(LEADERS, token=stranger).json == {"items": [], "next_cursor": None}
    assert db_session.scalar(select(func.count(VillageLeader.id))) == 2


def _earn(client: Client, token: str, household: Household, fen: int, **more: Any) -> Any:
    body = {"year": 2025, "kind": "wage", "amount_fen": fen, "note": "务工收入", **more}
    headers = {"Idempotency-Key": f"income-{next(_keys)}"}
    path = f"{PATH}/{household.id}/incomes"
    return client.post(path, json=body, token=token, headers=headers)


def _year(client: Client, token: str, household: Household, year: int = 2025) -> Any:
    return client.get(f"{PATH}/{household.id}/income-year?year={year}", token=token).json


def test_a_year_is_held_against_the_line_in_force(client: Client) -> None:
    """T-S1: 3,999.99 a head is below the line of 4,000, 4,000.00 is not."""
    household, cadre = build.household(), _office()
    assert _earn(client, cadre, household, 1_599_996).status_code == 201
    bare = _year(client, cadre, household)
    assert (bare["standing"], bare["in_force"], bare["line_fen"]) == (
        "no_line_in_force",
        False,
        None,
    )
    income_line(400_000)
    found = _year(client, cadre, household)
    assert (found["per_head_fen"], found["line_fen"], found["warn_fen"]) == (
        399_999,
        400_000,
        600_000,
    )
    assert found["standing"] == "below_line"
    for fen, per_head, standing in (
        (4, 400_000, "near_line"),
        (799_996, 599_999, "near_line"),
        (4, 600_000, "above_line"),
    ):
        assert _earn(client, cadre, household, fen, kind="business").status_code == 201
        found = _year(client, cadre, household)
        assert (found["per_head_fen"], found["standing"]) == (per_head, standing)
    assert found["by_kind"] == {
        "wage": 1_599_996,
        "business": 800_004,
        "property": 0,
        "transfer": 0,
    }


def test_an_income_is_taken_back_whole_and_once(client: Client, db_session: Session) -> None:
    household, cadre = build.household(), _office()
    made = _earn(client, cadre, household, 500_000)
    path, body = f"/api/v1/household-incomes/{made.json['id']}/reverse", {"reason": "重复登记"}
    stranger = _office(region_code="440204")
    assert client.post(path, json=body, token=stranger).status_code == 404
    back: Any = client.post(path, json=body, token=cadre)
    assert (back.status_code, back.json["amount_fen"]) == (201, -500_000)
    again: Any = client.post(path, json=body, token=cadre)
    assert (again.status_code, again.json["code"]) == (409, "income_reversed")
    reversal = f"/api/v1/household-incomes/{back.json['id']}/reverse"
    third: Any = client.post(reversal, json=body, token=cadre)
    assert (third.status_code, third.json["code"]) == (409, "income_reversed")
    assert _year(client, cadre, household)["total_fen"] == 0
    for more, refusal in (
        ({"year": 2100}, (422, "year_not_begun")),
        ({"note": "户主 11010519491231002X"}, (422, "identity_in_text")),
    ):
        answer = _earn(client, cadre, household, 1, **more)
        assert (answer.status_code, answer.json["code"]) == refusal
    assert _earn(client, stranger, household, 1).status_code == 404
    assert db_session.scalar(select(func.count(HouseholdIncome.id))) == 2


def test_who_is_below_or_near_the_line_is_warned_of_by_code(client: Client) -> None:
    cadre = _office()
    below, near, above, unknown = (build.household() for _ in range(4))
    for household, fen in ((below, 1_599_996), (near, 1_600_000), (above, 2_400_000)):
        assert _earn(client, cadre, household, fen).status_code == 201
    bare: Any = client.get(WARNINGS, token=cadre).json
    assert (bare["in_force"], bare["items"]) == (False, [])
    income_line(400_000)
    answer: Any = client.get(WARNINGS, token=cadre)
    assert {(one["code"], one["standing"]) for one in answer.json["items"]} == {
        (below.code, "below_line"),
        (near.code, "near_line"),
    }
    assert unknown.code not in answer.text
    assert "何示一" not in answer.text
    assert below.id_number not in answer.text
    stranger: Any = client.get(WARNINGS, token=_office(region_code="440204")).json
    assert stranger["items"] == []


def test_coverage_is_told_by_code_and_never_by_name(client: Client) -> None:
    county = _office(Role.COUNTY_REVIEWER)
    household = build.household(head_name="何示金鸢")
    helper = build.organisation(OrganisationKind.BUDGET_UNIT, name="演示帮扶单位")
    for one in [household, *(build.household(head_name="何示金鸢") for _ in range(5))]:
        body = {
            "kind": "designated_aid",
            "helper_id": str(helper.id),
            "village_code": build.VILLAGE,
            "household_id": str(one.id),
            "since_on": "2026-01-01",
            "source": "结对帮扶方案",
        }
        assert client.post("/api/v1/pairings", json=body, token=county).status_code == 201
    answers: dict[str, Any] = {
        path: client.get(f"/api/v1/{path}?region=440203", token=county)
        for path in (
            "household-coverage/uncovered",
            "household-coverage/leader-gaps",
            "household-coverage/totals",
            "pairings/loads",
        )
    }
    for path, answer in answers.items():
        assert answer.status_code == 200, path
        assert "何示金鸢" not in answer.text
        assert household.id_number not in answer.text
    uncovered = answers["household-coverage/uncovered"].json["items"]
    assert household.code in {one["household_code"] for one in uncovered}
    gaps = answers["household-coverage/leader-gaps"].json["items"]
    assert [(one["village_code"], one["leaders"]) for one in gaps] == [(build.VILLAGE, 0)]
    loads = answers["pairings/loads"].json["items"]
    assert [(one["helper_id"], one["households"]) for one in loads] == [(str(helper.id), 6)]
