"""Households move and split: the code stays, the history tells, help and pairings go on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.households.models.links import BenefitLink
from registry.households.models.members import HouseholdMember
from registry.households.rules.members import sex_of
from registry.organisations.models import OrganisationKind
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.conftest import Client
from tests.promises import broken
from tests.registry.households import casework

PATH = "/api/v1/households"
OTHER, FAR = "440203103802", "440204101801"
TODAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
ANY = {"If-Match": "*"}


@pytest.fixture(autouse=True)
def _villages(db_session: Session) -> Any:
    del db_session
    build.village(OTHER, "演示新村")
    build.village(FAR, "演示远村")
    with clock.stopped(TODAY):
        yield


def _office(role: Role = Role.COUNTY_REVIEWER, region_code: str = build.WUJIANG) -> str:
    home = build.organisation(OrganisationKind.AUTHORITY, region_code)
    return build.token_of(build.user(home, [role]))


def _move(client: Client, household: Household, token: str, to: str = OTHER, **more: Any) -> Any:
    path, body = f"{PATH}/{household.id}/move", {"village_code": to}
    return client.post(path, json=body, token=token, headers=more.get("headers", ANY))


def test_a_household_moves_with_its_code_links_and_pairings(
    client: Client, db_session: Session
) -> None:
    household, coop = build.household(), build.organisation()
    link = build.benefit_link(household, coop)
    helper = build.organisation(OrganisationKind.BUDGET_UNIT)
    household_id, code, link_id = str(household.id), household.code, link.id
    token = _office()
    pairing = {
        "kind": "designated_aid",
        "helper_id": str(helper.id),
        "village_code": build.VILLAGE,
        "household_id": household_id,
        "since_on": "2026-01-01",
        "source": "结对帮扶方案",
    }
    assert client.post("/api/v1/pairings", json=pairing, token=token).status_code == 201
    moved = _move(client, household, token)
    assert (moved.status_code, moved.json["code"], moved.json["village_code"]) == (200, code, OTHER)
    history: Any = client.get(f"{PATH}/{household_id}/history", token=token).json
    assert [(one["reason"], one["left_village_code"]) for one in history["items"]] == [
        ("registered", None),
        ("moved", build.VILLAGE),
    ]
    listed: Any = client.get("/api/v1/pairings?region=440203", token=token).json
    assert [(one["village_code"], one["until_on"]) for one in listed["items"]] == [
        (OTHER, None),
        (build.VILLAGE, "2026-03-02"),
    ]
    gaps: Any = client.get(
        "/api/v1/pairings/gaps?region=440203&since_on=2026-01-01&until_on=2027-01-01", token=token
    ).json
    assert gaps == {"items": [], "next_cursor": None}
    assert db_session.get_one(BenefitLink, link_id).until_on is None
    again = client.post(
        f"{PATH}/{household_id}/move", json={"village_code": OTHER}, token=token, headers=ANY
    )
    assert (again.status_code, (again.json or {})["code"]) == (409, "same_village")
    assert broken(INVARIANTS) == []


def test_the_figures_of_a_past_day_are_of_where_households_lived_then(client: Client) -> None:
    household = build.household()
    county, city, stranger = (
        _office(),
        _office(Role.CITY_REVIEWER, "440200"),
        _office(region_code="440204"),
    )

    def counted(token: str, region: str, on: date) -> int:
        path = f"/api/v1/household-coverage/totals?region={region}&on={on}"
        answer: Any = client.get(path, token=token).json
        uncovered: Any = client.get(
            f"/api/v1/household-coverage/uncovered?region={region}&on={on}", token=token
        ).json
        assert len(uncovered["items"]) == answer["households"]
        return int(answer["households"])

    before, after = date(2026, 3, 1), date(2026, 3, 2)
    assert _move(client, household, city, FAR).status_code == 200
    assert [counted(city, "440203", on) for on in (before, after)] == [1, 0]
    assert [counted(city, "440204", on) for on in (before, after)] == [0, 1]
    assert [counted(county, "440203", on) for on in (before, after)] == [1, 0]
    assert [counted(stranger, "440204", on) for on in (before, after)] == [0, 1]


def test_a_move_is_refused_that_cannot_be(client: Client, db_session: Session) -> None:
    household = build.household()
    county = _office()
    for to, status, code in (
        (FAR, 403, "forbidden"),
        ("440203103999", 422, "region_unknown"),
        (build.LONGGUI, 422, "region_unfit"),
        (build.VILLAGE, 409, "same_village"),
    ):
        answer = _move(client, household, county, to)
        assert (answer.status_code, answer.json["code"]) == (status, code)
    stale = _move(client, household, county, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert _move(client, household, county, headers={}).status_code == 428
    assert _move(client, household, _office(region_code="440204")).status_code == 404
    clerk = build.token_of(build.user(build.organisation(), [Role.COOP_CLERK]))
    assert _move(client, household, clerk).status_code == 403
    key = household.id
    casework.opened(casework.cast(), key)
    answer = _move(client, household, county)
    assert (answer.status_code, answer.json["code"]) == (409, "case_open")
    assert db_session.get_one(Household, key).village_code == build.VILLAGE


def _member(client: Client, household: Household, token: str, **changes: Any) -> str:
    number = build.id_number(build.VILLAGE)
    body = {
        "name": "何示二",
        "document_number": number,
        "relation": "other",
        "sex": sex_of(number).value,
        "health": "healthy",
        "labour": "able",
        "joined_on": "2026-01-01",
        **changes,
    }
    made = client.post(f"{PATH}/{household.id}/members", json=body, token=token)
    assert made.status_code == 201, made.json
    return str((made.json or {})["id"])


def _split(client: Client, household: Household, token: str, *members: Any, able: int = 1) -> Any:
    listed = [{"member_id": one, "relation": relation} for one, relation in members]
    body = {"members": listed, "able_labour": able}
    return client.post(f"{PATH}/{household.id}/split", json=body, token=token, headers=ANY)


def test_members_found_a_household_of_their_own(client: Client, db_session: Session) -> None:
    household, coop = build.household(), build.organisation()
    build.benefit_link(household, coop)
    old_id, old_code = household.id, household.code
    token = _office()
    head = _member(client, household, token, relation="head", name="何示一")
    son, child = _member(client, household, token), _member(client, household, token)
    founded = _split(client, household, token, (son, "head"), (child, "other"))
    assert founded.status_code == 201, founded.json
    new = founded.json
    assert new["code"] != old_code
    assert (new["members"], new["able_labour"], new["state"]) == (2, 1, "listed")
    assert (new["class"], new["village_code"]) == ("registered", build.VILLAGE)
    old: Any = client.get(f"{PATH}/{old_id}", token=token).json
    assert (old["members"], old["able_labour"], old["code"]) == (2, 1, old_code)
    left: Any = client.get(f"{PATH}/{old_id}/members", token=token).json["items"]  # type: ignore[index]
    assert {one["id"]: one["left_reason"] for one in left} == {
        head: None,
        son: "split",
        child: "split",
    }
    joined: Any = client.get(f"{PATH}/{new['id']}/members", token=token).json["items"]  # type: ignore[index]
    assert [(one["relation"], one["joined_on"]) for one in joined] == [
        ("head", "2026-03-02"),
        ("other", "2026-03-02"),
    ]
    for key, reason_id in ((old_id, new["id"]), (new["id"], str(old_id))):
        history: Any = client.get(f"{PATH}/{key}/history", token=token).json
        last = history["items"][-1]
        assert (last["reason"], last["reason_id"]) == ("split", reason_id)
    links = select(func.count(BenefitLink.id)).where(BenefitLink.household_id == new["id"])
    assert db_session.scalar(links) == 0
    assert broken(INVARIANTS) == []


def test_a_split_is_refused_that_cannot_be(client: Client, db_session: Session) -> None:
    household = build.household()
    token = _office()
    head = _member(client, household, token, relation="head")
    son, child = _member(client, household, token), _member(client, household, token)
    fresh_one = _member(client, household, token, joined_on="2026-03-02")
    stranger = _member(client, build.household(), token)
    unfit = (422, "split_unfit")
    for members, able, refusal in (
        ([(son, "other")], 1, unfit),
        ([(son, "head"), (child, "head")], 1, unfit),
        ([(stranger, "head")], 1, unfit),
        ([(head, "head")], 1, unfit),
        ([(son, "head")], 2, unfit),
        ([(son, "head"), (child, "other"), (fresh_one, "other")], 0, unfit),
        ([(fresh_one, "head")], 1, (422, "period_backwards")),
    ):
        answer = _split(client, household, token, *members, able=able)
        assert (answer.status_code, answer.json["code"]) == refusal, members
    answer = _split(client, household, _office(region_code="440204"), (son, "head"))
    assert answer.status_code == 404
    assert db_session.scalar(select(func.count(Household.id))) == 2
    assert (
        db_session.scalar(
            select(func.count(HouseholdMember.id)).where(HouseholdMember.left_on.is_not(None))
        )
        == 0
    )
