"""Doors to consents, to help that is counted twice, and to what links gave in a year."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid1

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.households.models.links import BenefitLink, BenefitWay
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

LINKS, CONSENTS = "/api/v1/benefit-links", "/api/v1/household-consents"
pytestmark = pytest.mark.usefixtures("db_session")


def _office(role: Role, region_code: str = build.WUJIANG) -> str:
    home = build.organisation(OrganisationKind.AUTHORITY, region_code)
    return build.token_of(build.user(home, [role]))


def _clerk(home: Organisation) -> str:
    return build.token_of(build.user(home, [Role.COOP_CLERK]))


def _consent(client: Client, token: str, household: Household, coop: Organisation) -> Any:
    path = f"/api/v1/households/{household.id}/consents"
    return client.post(path, json={"organisation_id": str(coop.id)}, token=token)


def _link(client: Client, token: str, household: Household, coop: Organisation, **more: Any) -> Any:
    body = {
        "household_id": str(household.id),
        "organisation_id": str(coop.id),
        "way": "favourable_purchase",
        "since_on": "2026-01-01",
        "terms": "按约定价收购",
        **more,
    }
    return client.post(LINKS, json=body, token=token)


def test_a_seller_of_another_county_links_a_household_that_agreed(
    client: Client, db_session: Session
) -> None:
    household, far = build.household(), build.organisation(region_code=build.XINGGUO)
    cadre, clerk = _office(Role.VILLAGE_CADRE), _clerk(far)
    refused = _link(client, clerk, household, far)
    assert (refused.status_code, refused.json["code"]) == (404, "not_found")
    given = _consent(client, cadre, household, far)
    assert (given.status_code, given.json["until_on"]) == (201, None)
    again = _consent(client, cadre, household, far)
    assert (again.status_code, again.json["code"]) == (409, "consent_in_force")
    made = _link(client, clerk, household, far)
    assert made.status_code == 201
    kept = db_session.scalars(select(BenefitLink.consent_id)).one()
    assert str(kept) == given.json["id"]
    assert client.get(f"/api/v1/households/{household.id}", token=clerk).status_code == 200
    other = build.organisation(region_code=build.XINGGUO)
    assert _link(client, _clerk(other), household, other).status_code == 404


def test_a_consent_is_taken_back_once_and_links_that_stand_go_on(client: Client) -> None:
    household, far = build.household(), build.organisation(region_code=build.XINGGUO)
    cadre, clerk = _office(Role.VILLAGE_CADRE), _clerk(far)
    first, second = build.household(), household
    for one in (first, second):
        assert _consent(client, cadre, one, far).status_code == 201
    assert _link(client, clerk, first, far).status_code == 201
    consents = [_consent(client, cadre, one, build.organisation()) for one in (first, second)]
    path = f"{CONSENTS}/{consents[0].json['id']}/withdraw"
    stranger = _office(Role.VILLAGE_CADRE, "440204")
    assert client.post(path, token=stranger).status_code == 404
    done: Any = client.post(path, token=cadre)
    assert (done.status_code, done.json["until_on"] is not None) == (200, True)
    again: Any = client.post(path, token=cadre)
    assert (again.status_code, again.json["code"]) == (409, "consent_withdrawn")
    links: Any = client.get(LINKS, token=clerk).json
    assert [one["until_on"] for one in links["items"]] == [None]


def test_without_a_consent_in_force_nobody_far_links(client: Client, db_session: Session) -> None:
    household, far = build.household(), build.organisation(region_code=build.XINGGUO)
    cadre, clerk = _office(Role.VILLAGE_CADRE), _clerk(far)
    given = _consent(client, cadre, household, far)
    assert client.post(f"{CONSENTS}/{given.json['id']}/withdraw", token=cadre).status_code == 200
    assert _link(client, clerk, household, far).status_code == 404
    assert db_session.scalar(select(func.count(BenefitLink.id))) == 0
    assert _consent(client, cadre, household, far).status_code == 201
    assert _link(client, clerk, household, far).status_code == 201


def test_a_consent_is_the_villages_to_record(client: Client) -> None:
    household, coop = build.household(), build.organisation()
    assert _consent(client, _clerk(coop), household, coop).status_code == 403
    assert _consent(client, _office(Role.COUNTY_REVIEWER), household, coop).status_code == 403
    stranger = _office(Role.VILLAGE_CADRE, "440204")
    assert _consent(client, stranger, household, coop).status_code == 404
    cadre = _office(Role.VILLAGE_CADRE)
    unit = build.organisation(OrganisationKind.BUDGET_UNIT)
    unfit = _consent(client, cadre, household, unit)
    assert (unfit.status_code, unfit.json["code"]) == (422, "link_party_unfit")
    path = f"/api/v1/households/{household.id}/consents"
    unknown = client.post(path, json={"organisation_id": str(uuid1())}, token=cadre)
    assert unknown.status_code == 404


def test_a_later_link_of_one_way_begins_where_the_last_one_ends(client: Client) -> None:
    household, coop = build.household(), build.organisation()
    clerk = _clerk(coop)
    build.benefit_link(household, coop, since_on=date(2025, 1, 1), until_on=date(2026, 2, 1))
    for since_on, status in (("2026-01-31", 409), ("2026-02-01", 201), ("2027-01-01", 409)):
        made = _link(client, clerk, household, coop, since_on=since_on)
        assert made.status_code == status, since_on
        if status == 409:
            assert made.json["code"] == "benefit_link_in_force"


def test_two_that_count_one_household_in_one_way_are_told_by_its_code(client: Client) -> None:
    household, one, other = build.household(), build.organisation(), build.organisation()
    terms = {"product": "脐橙", "yearly_quantity": "500.000", "unit": "kg"}
    ids = set()
    for coop in (one, other):
        made = _link(client, _clerk(coop), household, coop, **terms)
        assert made.status_code == 201
        ids.add(made.json["id"])
    assert _link(client, _clerk(other), household, other, way="jobs").status_code == 201
    county = _office(Role.COUNTY_REVIEWER)
    path = "/api/v1/benefit-double-counts?region=440203&on=2026-03-02"
    answer: Any = client.get(path, token=county)
    (found,) = answer.json["items"]
    assert found["household_code"] == household.code
    assert {found["benefit_link_id"], found["other_benefit_link_id"]} == ids
    assert (found["same_quantity"], found["way"]) == (True, "favourable_purchase")
    assert "何示一" not in answer.text
    early: Any = client.get(path.replace("2026-03-02", "2025-12-31"), token=county).json
    assert early["items"] == []
    mine: Any = client.get(f"{path}&organisation_id={one.id}", token=_clerk(one)).json
    assert len(mine["items"]) == 1
    third = build.organisation()
    assert client.get(path, token=_clerk(third)).json == {"items": [], "next_cursor": None}
    stranger = _office(Role.COUNTY_REVIEWER, "440204")
    assert client.get(path, token=stranger).json == {"items": [], "next_cursor": None}


def test_a_year_of_links_is_held_against_what_they_promised(client: Client) -> None:
    coop = build.organisation()
    clerk = _clerk(coop)
    proved, bare = build.household(), build.household()
    made = _link(client, clerk, proved, coop, since_on="2025-03-01", promised_fen=500_000)
    assert (
        _link(client, clerk, bare, coop, since_on="2025-06-01", promised_fen=300_000).status_code
        == 201
    )
    build.benefit_link(build.household(), coop, BenefitWay.JOBS, since_on=date(2026, 1, 1))
    results = f"{LINKS}/{made.json['id']}/results"
    for year, fen, status in ((2024, 1, 422), (2025, 100, 201), (2025, 450_000, 201)):
        done: Any = client.post(results, json={"year": year, "benefit_fen": fen}, token=clerk)
        assert done.status_code == status
    stranger = _clerk(build.organisation())
    body = {"year": 2025, "benefit_fen": 1}
    assert client.post(results, json=body, token=stranger).status_code == 404
    figures = {
        "organisation_id": str(coop.id),
        "year": 2025,
        "links": 2,
        "households": 2,
        "promised_fen": 800_000,
        "benefit_fen": 450_000,
        "proved_households": 1,
        "unproved_links": 1,
    }
    for token in (clerk, _office(Role.COUNTY_REVIEWER)):
        answer: Any = client.get("/api/v1/benefit-evaluations?year=2025", token=token).json
        assert answer["items"] == [figures]
    none: Any = client.get("/api/v1/benefit-evaluations?year=2025", token=stranger).json
    assert none["items"] == []
