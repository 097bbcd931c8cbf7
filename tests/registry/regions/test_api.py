"""Doors to the list of regions."""

from __future__ import annotations

import pytest

from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

OFFICE = OrganisationKind.AUTHORITY


def _token(role: Role, region_code: str = build.WUJIANG) -> str:
    kind = OrganisationKind.PLATFORM if role is Role.PLATFORM_ADMIN else OFFICE
    return build.token_of(build.user(build.organisation(kind, region_code), [role]))


def test_anyone_reads_a_region_with_its_designations(client: Client) -> None:
    answer = client.get("/api/v1/regions/360732")
    assert answer.status_code == 200
    body = answer.json
    assert body is not None
    (designation,) = body.pop("designations")
    assert body == {
        "code": "360732",
        "name": "兴国县",
        "level": "county",
        "parent_code": "360700",
        "valid_from_on": None,
        "valid_until_on": None,
        "successor_code": None,
    }
    assert designation["kind"] == "national_832"
    assert designation["name_at_listing"] == "兴国县"
    assert designation["valid_from_on"] == "2014-01-01"


@pytest.mark.parametrize("code", ["999999", "x", "44%00", "440203%27"])
def test_a_region_that_is_not_there_is_missing(client: Client, code: str) -> None:
    answer = client.get(f"/api/v1/regions/{code}")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "not_found"


def test_provinces_are_listed_without_a_parent_and_in_pages(client: Client) -> None:
    first = client.get("/api/v1/regions?limit=30").json
    assert first is not None
    assert [one["code"] for one in first["items"]][:3] == ["110000", "120000", "130000"]
    rest = client.get(f"/api/v1/regions?limit=30&cursor={first['next_cursor']}").json
    assert rest is not None
    assert len(first["items"]) + len(rest["items"]) == 34
    assert rest["next_cursor"] is None


def test_the_towns_of_a_county_are_listed(client: Client) -> None:
    page = client.get("/api/v1/regions?parent=440203&limit=100").json
    assert page is not None
    names = [one["name"] for one in page["items"]]
    assert names == [
        "新华街道", "惠民街道", "西联镇", "西河镇", "重阳镇", "龙归镇", "江湾镇",
    ]  # fmt: skip


def test_a_bad_parent_or_cursor_is_unacceptable(client: Client) -> None:
    for query in ("parent=44", "cursor=forged", "unknown=1"):
        answer = client.get(f"/api/v1/regions?{query}")
        assert answer.status_code == 422, query


def test_a_county_office_adds_a_village_once(client: Client) -> None:
    token = _token(Role.COUNTY_REVIEWER)
    body = {"code": build.VILLAGE, "name": "演示石岭村"}
    made = client.post("/api/v1/regions", json=body, token=token)
    assert made.status_code == 201
    assert made.json is not None
    assert (made.json["level"], made.json["parent_code"]) == ("village", build.LONGGUI)
    again = client.post("/api/v1/regions", json=body, token=token)
    assert again.status_code == 409
    assert again.json is not None
    assert again.json["code"] == "region_code_taken"
    assert client.get(f"/api/v1/regions/{build.VILLAGE}").status_code == 200


@pytest.mark.parametrize(
    ("role", "code", "status", "problem"),
    [
        (Role.TOWN_CHECKER, build.VILLAGE, 403, "forbidden"),
        (Role.COUNTY_REVIEWER, "360732100801", 403, "forbidden"),
        (Role.COUNTY_REVIEWER, "440203999801", 422, "region_unknown"),
        (Role.COUNTY_REVIEWER, "440203103", 422, "region_unfit"),
        (Role.PLATFORM_ADMIN, "4402031038", 422, "invalid"),
    ],
)
def test_a_village_is_refused(
    client: Client, role: Role, code: str, status: int, problem: str
) -> None:
    answer = client.post("/api/v1/regions", json={"code": code, "name": "演示"}, token=_token(role))
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["code"] == problem
    assert client.get(f"/api/v1/regions/{code}").status_code in {
        404,
        200 if len(code) == 9 else 404,
    }


def test_nobody_adds_a_village_without_signing_in(client: Client) -> None:
    answer = client.post("/api/v1/regions", json={"code": build.VILLAGE, "name": "演示"})
    assert answer.status_code == 401


def test_a_province_designates_a_village_of_its_own_once(client: Client) -> None:
    build.village()
    body = {
        "kind": "provincial_village",
        "region_code": build.VILLAGE,
        "valid_from_on": "2016-01-01",
        "source": "粤扶〔演示〕1号",
    }
    token = _token(Role.PROVINCE_REVIEWER, "440000")
    made = client.post("/api/v1/designations", json=body, token=token)
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["name_at_listing"] == "演示石岭村"
    again = client.post("/api/v1/designations", json=body, token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "designation_exists")
    elsewhere = client.post(
        "/api/v1/designations", json=body, token=_token(Role.PROVINCE_REVIEWER, "360000")
    )
    assert elsewhere.status_code == 403
    county = client.post("/api/v1/designations", json=body, token=_token(Role.COUNTY_REVIEWER))
    assert county.status_code == 403
    page = client.get(f"/api/v1/regions/{build.VILLAGE}").json
    assert page is not None
    assert len(page["designations"]) == 1
