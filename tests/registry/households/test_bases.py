"""T-G1: every one of the 21 cities of Guangdong has a base, or is named as a gap."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.accounts.models import Role
from registry.organisations.models import Ending, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

BASES, COVERAGE = "/api/v1/assistance-bases", "/api/v1/assistance-bases/coverage?province=440000"
OFFICE = OrganisationKind.AUTHORITY


@pytest.fixture
def province(db_session: Session) -> str:
    del db_session
    office = build.organisation(OFFICE, "440000")
    return build.token_of(build.user(office, [Role.PROVINCE_REVIEWER]))


def _open(client: Client, token: str, city: str, **more: Any) -> tuple[int, Any]:
    body = {
        "city_code": city,
        "name": "消费扶贫创新创业基地",
        "operator_id": more.pop("operator_id", None) or str(build.organisation().id),
        "since_on": "2020-06-01",
        "source": "粤农扶组〔2020〕1号",
    }
    answer = client.post(BASES, json=body | more, token=token)
    return answer.status_code, answer.json


def test_t_g1_20_of_21_cities_are_not_enough(client: Client, province: str) -> None:
    empty: Any = client.get(COVERAGE, token=province).json
    cities = [one["city_code"] for one in empty["cities"]]
    assert (len(cities), cities[0], cities[-1]) == (21, "440100", "445300")
    assert (empty["covered"], empty["met"], empty["gaps"]) == (0, False, cities)
    operator_id = str(build.organisation().id)
    made = {city: _open(client, province, city, operator_id=operator_id)[1] for city in cities[1:]}
    asked = f"{COVERAGE}&on=2020-12-31"
    most: Any = client.get(asked, token=province).json
    assert (most["covered"], most["met"], most["gaps"]) == (20, False, ["440100"])
    assert _open(client, province, "440100")[0] == 201
    assert _open(client, province, "440100")[0] == 201
    whole: Any = client.get(asked, token=province).json
    assert (whole["covered"], whole["met"], whole["gaps"]) == (21, True, [])
    assert whole["cities"][0] == {"city_code": "440100", "name": "广州市", "bases": 2}
    assert client.get(f"{COVERAGE}&on=2020-05-31", token=province).json == {
        **empty,
        "as_of": "2020-05-31",
    }
    path = f"{BASES}/{made['445300']['id']}/end"
    closed = client.post(path, json={"until_on": "2020-12-01"}, token=province,
                         headers={"If-Match": "*"})  # fmt: skip
    assert (closed.status_code, (closed.json or {})["until_on"]) == (200, "2020-12-01")
    gap: Any = client.get(asked, token=province).json
    assert (gap["met"], gap["gaps"]) == (False, ["445300"])
    listed: Any = client.get(f"{BASES}?region=445300", token=province).json
    assert [one["until_on"] for one in listed["items"]] == ["2020-12-01"]


def test_a_base_is_of_a_city_of_the_own_region_and_closes_once(
    client: Client, province: str
) -> None:
    ended = build.organisation()
    ended.ended_on = date(2026, 1, 1)
    ended.ending = Ending.ABOLISHED
    for city, more, refusal in (
        ("440203", {}, (422, "region_unfit")),
        ("360700", {}, (403, "forbidden")),
        ("449900", {}, (422, "region_unknown")),
        ("440200", {"operator_id": str(ended.id)}, (422, "operator_unknown")),
    ):
        status, refused = _open(client, province, city, **more)
        assert (status, refused["code"]) == refusal
    asked = client.get(f"{BASES}/coverage?province=440200", token=province)
    assert (asked.status_code, (asked.json or {})["code"]) == (422, "region_unfit")
    _, made = _open(client, province, "440200")
    path, tag = f"{BASES}/{made['id']}/end", {"If-Match": "*"}
    for until_on, answered in (
        ("2020-06-01", (422, "period_backwards")),
        ("2020-06-02", (200, None)),
        ("2020-07-01", (409, "base_closed")),
    ):
        answer = client.post(path, json={"until_on": until_on}, token=province, headers=tag)
        assert (answer.status_code, (answer.json or {}).get("code")) == answered
    stranger = build.token_of(
        build.user(build.organisation(OFFICE, "440100"), [Role.CITY_REVIEWER])
    )
    answer = client.post(path, json={"until_on": "2021-01-01"}, token=stranger, headers=tag)
    assert answer.status_code == 403
