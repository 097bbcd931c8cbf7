"""Helpers stand by villages and households: without overlap, without gap, and not by too many."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.households.models.pairings import PartyKind
from registry.households.models.settings import RegisterSetting, SettingName
from registry.households.queries import gaps as queries
from registry.households.rules.pairings import gaps, is_overloaded, lacking
from registry.organisations.models import Ending, Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.conftest import NOW

D = date
PAIRINGS, GAPS = "/api/v1/pairings", "/api/v1/pairings/gaps"


@pytest.fixture
def cadre(db_session: Session) -> str:
    del db_session
    build.village()
    office = build.organisation(OrganisationKind.AUTHORITY)
    return build.token_of(build.user(office, [Role.VILLAGE_CADRE]))


def _helper() -> Organisation:
    return build.organisation(OrganisationKind.BUDGET_UNIT, build.XINGGUO)


def _pair(client: Client, token: str, helper: Organisation, **more: Any) -> tuple[int, Any]:
    body = {
        "kind": "designated_aid",
        "helper_id": str(helper.id),
        "village_code": build.VILLAGE,
        "since_on": "2026-01-01",
        "source": "结对帮扶方案",
        **more,
    }
    answer = client.post(PAIRINGS, json=body, token=token)
    return answer.status_code, answer.json


@pytest.mark.parametrize(
    ("periods", "found"),
    [
        ([], [(D(2026, 1, 1), D(2027, 1, 1))]),
        ([(D(2020, 1, 1), None)], []),
        ([(D(2026, 1, 1), D(2026, 6, 1)), (D(2026, 6, 1), None)], []),
        ([(D(2026, 1, 1), D(2026, 6, 1)), (D(2026, 6, 2), None)], [(D(2026, 6, 1), D(2026, 6, 2))]),
        (
            [(D(2026, 3, 1), D(2026, 4, 1)), (D(2026, 2, 1), D(2026, 9, 1))],
            [(D(2026, 1, 1), D(2026, 2, 1)), (D(2026, 9, 1), D(2027, 1, 1))],
        ),
        ([(D(2025, 1, 1), D(2025, 6, 1)), (D(2027, 1, 1), None)], [(D(2026, 1, 1), D(2027, 1, 1))]),
    ],
)
def test_a_gap_is_what_no_period_covers(periods: Any, found: Any) -> None:
    assert gaps(periods, since_on=D(2026, 1, 1), until_on=D(2027, 1, 1)) == found


def test_five_households_are_a_load_six_too_many_and_an_industry_needs_three_partners() -> None:
    assert [n for n in range(1, 8) if is_overloaded(n, most=5)] == [6, 7]
    assert lacking({PartyKind.ENTERPRISE}) == [PartyKind.SALES_ENTITY, PartyKind.TECHNICIAN]
    assert lacking(set(PartyKind)) == []


def test_the_same_two_are_not_paired_twice_at_once(client: Client, cadre: str) -> None:
    helper = _helper()
    status, made = _pair(client, cadre, helper, until_on="2026-07-01")
    assert status == 201
    assert made["pairing"]["until_on"] == "2026-07-01"
    status, refused = _pair(client, cadre, helper, since_on="2026-06-30")
    assert (status, refused["code"]) == (409, "pairing_overlaps")
    assert _pair(client, cadre, helper, since_on="2026-07-01")[0] == 201
    assert _pair(client, cadre, _helper())[0] == 201


def test_the_database_itself_refuses_an_overlap(client: Client, cadre: str) -> None:
    assert _pair(client, cadre, _helper())[0] == 201
    copied = text(
        "INSERT INTO pairing SELECT gen_random_uuid(), kind, helper_id, helper_user_id,"
        " village_code, household_id, since_on, until_on, source, created_at, version FROM pairing"
    )
    with pytest.raises(IntegrityError, match="ex_pairing_period"), db.session.begin_nested():
        db.session.execute(copied)


def test_the_sixth_household_is_a_warning_and_no_refusal(client: Client, cadre: str) -> None:
    helper = _helper()
    for number in range(1, 7):
        status, made = _pair(client, cadre, helper, household_id=str(build.household().id))
        assert status == 201
        assert (made["helper_households"], made["overloaded"]) == (number, number > 5)
    report = client.get(f"{PAIRINGS}/loads?region=440203", token=cadre).json
    assert report is not None
    assert [(one["helper_id"], one["households"]) for one in report["items"]] == [
        (str(helper.id), 6)
    ]
    totals = client.get(f"{PAIRINGS}/totals", token=cadre).json
    assert totals is not None
    assert totals["by_kind"]["designated_aid"] == 6
    own = RegisterSetting(
        id=new_id(),
        name=SettingName.HELPER_HOUSEHOLDS,
        region_code="440203",
        value=6,
        in_force_from_on=D(2026, 1, 1),
        is_assumed=False,
        source="区方案",
    )
    db.session.add(own)
    db.session.flush()
    for region, above in (("440203", 0), ("440200", 1)):
        counted: Any = client.get(f"{PAIRINGS}/loads?region={region}", token=cadre).json
        assert len(counted["items"]) == above


def test_a_gap_in_the_period_is_reported(client: Client, cadre: str) -> None:
    first, second = _helper(), _helper()
    _, made = _pair(client, cadre, first)
    path = f"{PAIRINGS}/{made['pairing']['id']}/end"
    body = {"until_on": "2026-06-01"}
    assert client.post(path, json=body, token=cadre).status_code == 428
    tag = {"If-Match": "*"}
    assert client.post(path, json=body, token=cadre, headers=tag).status_code == 200
    again = client.post(path, json=body, token=cadre, headers=tag)
    assert (again.status_code, (again.json or {})["code"]) == (409, "pairing_ended")
    asked = f"{GAPS}?region=440203&since_on=2026-01-01&until_on=2027-01-01"
    rest = {"village_code": build.VILLAGE, "household_id": None, "household_code": None}
    found = [{**rest, "since_on": "2026-06-01", "until_on": "2027-01-01"}]
    assert client.get(asked, token=cadre).json == {"items": found, "next_cursor": None}
    assert _pair(client, cadre, second, since_on="2026-06-01")[0] == 201
    assert client.get(asked, token=cadre).json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("ahead", [2, 2_000])
def test_gaps_come_in_pages_by_place_however_few_households_a_page_looks_at(
    client: Client, cadre: str, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    monkeypatch.setattr(queries, "AHEAD", ahead)
    helper, second = _helper(), build.village("440203103999", "第二村").code
    homes = [build.household(place) for place in [build.VILLAGE, second] * 5]
    build.household(second)  # never paired: no gap
    for number, home in enumerate(homes):
        periods = [("2026-02-01", "2026-03-01"), ("2026-04-01", None)]
        for since_on, until_on in [("2025-01-01", None)] if number in (2, 3) else periods:
            more = {"village_code": home.village_code, "household_id": str(home.id)}
            made = _pair(client, cadre, helper, since_on=since_on, until_on=until_on, **more)
            assert made[0] == 201
    assert _pair(client, cadre, helper, village_code=second, since_on="2026-05-01")[0] == 201
    months = [(D(2026, 1, 1), D(2026, 2, 1)), (D(2026, 3, 1), D(2026, 4, 1))]
    places = [(one.village_code, one.code) for one in homes if one not in homes[2:4]]
    meant = sorted(
        [(*place, *month) for place in places for month in months]
        + [(second, "", D(2026, 1, 1), D(2026, 5, 1))]
    )
    for limit in (3, 50):
        assert _gaps(client, cadre, limit=limit) == [
            (*one[:2], *map(str, one[2:])) for one in meant
        ]
    county = build.token_of(build.user(_office_of("440204"), [Role.COUNTY_REVIEWER]))
    assert _gaps(client, county, limit=50) == []


def _office_of(region_code: str) -> Organisation:
    return build.organisation(OrganisationKind.AUTHORITY, region_code)


def _gaps(client: Client, token: str, *, limit: int) -> list[tuple[str, str, str, str]]:
    asked = f"{GAPS}?region=440203&since_on=2026-01-01&until_on=2027-01-01&limit={limit}"
    found: list[Any] = []
    cursor = ""
    while True:
        page: Any = client.get(asked + cursor, token=token).json
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return [
        (one["village_code"], one["household_code"] or "", one["since_on"], one["until_on"])
        for one in found
    ]


def test_a_named_village_that_nobody_stands_by_is_a_gap(client: Client, cadre: str) -> None:
    build.designation()
    asked = f"{GAPS}?region=440203&since_on=2026-01-01&until_on=2026-02-01"
    found = client.get(asked, token=cadre).json
    assert found is not None
    assert [one["village_code"] for one in found["items"]] == [build.VILLAGE]


def test_a_pairing_is_refused_that_cannot_be(client: Client, cadre: str) -> None:
    helper, ended = _helper(), _helper()
    ended.ended_on, ended.ending = NOW.date(), Ending.ABOLISHED
    elsewhere = build.village("360732100201", "演示远村").code
    stranger = build.user(build.organisation(), [Role.COOP_CLERK])
    household = build.household(elsewhere)
    for who, more, refusal in (
        (ended, {}, (422, "helper_unknown")),
        (helper, {"helper_user_id": str(stranger.id)}, (422, "helper_unknown")),
        (helper, {"village_code": elsewhere}, (403, "forbidden")),
        (helper, {"village_code": build.LONGGUI}, (422, "region_unfit")),
        (helper, {"kind": "enterprise_village"}, (422, "pairing_parties_unfit")),
        (helper, {"until_on": "2026-01-01"}, (422, "period_backwards")),
        (helper, {"household_id": str(household.id)}, (404, "not_found")),
    ):
        status, refused = _pair(client, cadre, who, **more)
        assert (status, refused["code"]) == refusal
    assert db.session.execute(text("SELECT count(*) FROM pairing")).scalar_one() == 0


def test_helpers_see_their_own_pairings_and_no_others(client: Client, cadre: str) -> None:
    helper, other = _helper(), _helper()
    assert _pair(client, cadre, helper)[0] == 201
    for one, seen in ((helper, 1), (other, 0)):
        token = build.token_of(build.user(one, [Role.UNIT_ADMIN]))
        listed = client.get(PAIRINGS, token=token).json
        assert listed is not None
        assert len(listed["items"]) == seen


def test_the_matrix_names_the_partner_an_industry_lacks(client: Client, cadre: str) -> None:
    parties = {"sales_entity": _helper(), "enterprise": build.organisation()}
    for kind, organisation in parties.items():
        body = {
            "region_code": build.WUJIANG,
            "industry": "水果",
            "party_kind": kind,
            "organisation_id": str(organisation.id),
            "since_on": "2026-01-01",
            "source": "产业结对表",
        }
        assert client.post("/api/v1/industry-pairings", json=body, token=cadre).status_code == 201
        again = client.post("/api/v1/industry-pairings", json=body, token=cadre)
        assert (again.json or {})["code"] == "pairing_overlaps"
    found = client.get("/api/v1/industry-pairings/matrix", token=cadre).json
    assert found is not None
    assert [(one["industry"], one["lacking"]) for one in found["items"]] == [
        ("水果", ["technician"])
    ]
