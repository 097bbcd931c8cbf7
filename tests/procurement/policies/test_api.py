"""The doors to the share policies, and the policies that come with the program."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from kernel import clock
from kernel.database import db
from procurement.policies.commands import load_policies
from procurement.policies.models import SharePolicy
from tests.conftest import Client

RESOLVE = "/api/v1/procurement/policies/resolve"


def resolve(client: Client, region: str, year: int, **query: str) -> dict[str, Any]:
    answer = client.get(RESOLVE, query_string={"region": region, "year": year, **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.mark.parametrize(
    ("region", "year", "code", "floor_bp", "carried"),
    [
        ("000000", 2021, "nation-2021", 1000, False),
        ("360732", 2026, "nation-2021", 1000, False),
        ("440203", 2021, "guangdong-2021", 3000, False),
        ("440203", 2022, "guangdong-2022", 3000, False),
        ("440203", 2023, "guangdong-2022", 3000, True),
        ("440203", 2024, "guangdong-2022", 3000, True),
        ("440203", 2025, "guangdong-2025", 3000, False),
        ("440203", 2026, "guangdong-2025", 3000, True),
    ],
)
def test_the_policy_in_force_is_given_with_its_source(
    client: Client, region: str, year: int, code: str, floor_bp: int, *, carried: bool
) -> None:
    found = resolve(client, region, year, situation="own")
    assert found["in_force"] is True
    assert (found["code"], found["floor_bp"], found["carried"]) == (code, floor_bp, carried)
    assert found["denominator"] == "canteen_food_total"
    assert found["counting_origin_kinds"] == ["national_832"]
    assert found["counting_order_kinds"] == ["reserved_share", "priority"]
    assert found["source"]
    assert set(found["why"]) == {"zh", "en"}


def test_the_national_floor_cites_its_document(client: Client) -> None:
    found = resolve(client, "360732", 2026)
    assert "财库〔2021〕19号" in found["source"]
    assert found["year_until"] is None
    assert {one["reason"] for one in found["losing"]} == {"year_after"}


def test_the_losing_candidates_are_shown(client: Client) -> None:
    losing = resolve(client, "440203", 2025)["losing"]
    assert {one["policy"]["code"]: one["reason"] for one in losing} == {
        "nation-2021": "wider",
        "nation-2024": "year_after",
        "central-2023": "year_after",
        "guangdong-2021": "year_after",
        "guangdong-2022": "year_after",
    }
    assert all(one["why"]["zh"] and one["why"]["en"] for one in losing)


def test_before_2021_no_policy_is_in_force(client: Client) -> None:
    found = resolve(client, "440203", 2020, situation="none")
    assert found["in_force"] is False
    assert "floor_bp" not in found
    assert found["filing_deadline_on"] is None


def test_filing_days_are_known_for_two_years(client: Client) -> None:
    days = {
        year: resolve(client, "440203", year)["filing_deadline_on"] for year in range(2021, 2027)
    }
    assert {year: day for year, day in days.items() if day} == {
        2021: "2021-06-30",
        2024: "2024-02-20",
    }


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"year": "2025"}, "/region"),
        ({"region": "440203"}, "/year"),
        ({"region": "44", "year": "2025"}, "/region"),
        ({"region": "440203", "year": "25"}, "/year"),
        ({"region": "440203", "year": "2025", "situation": "hungry"}, "/situation"),
    ],
)
def test_a_bad_question_names_its_field(
    client: Client, query: dict[str, str], pointer: str
) -> None:
    answer = client.get(RESOLVE, query_string=query)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]


def test_policies_are_listed_for_everybody(client: Client) -> None:
    answer = client.get("/api/v1/procurement/policies")
    assert answer.status_code == 200
    codes = [one["code"] for one in answer.get_json()["items"]]
    assert codes == sorted(codes)
    assert len(codes) == 16
    assert all(one["source"] and one["standing"] for one in answer.get_json()["items"])
    first = client.get("/api/v1/procurement/policies?region=440000&limit=2").get_json()
    rest = client.get(
        "/api/v1/procurement/policies",
        query_string={"region": "440000", "cursor": first["next_cursor"]},
    ).get_json()
    assert [one["code"] for one in rest["items"]] == ["guangdong-2025"]
    assert rest["next_cursor"] is None


@pytest.mark.usefixtures("db_session")
def test_loading_twice_changes_nothing() -> None:
    before = db.session.execute(select(func.count(SharePolicy.id))).scalar_one()
    load_policies(clock.now())
    assert db.session.execute(select(func.count(SharePolicy.id))).scalar_one() == before == 16
