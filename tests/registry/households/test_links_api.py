"""Doors to benefit links: who links whom, once a way, and how a link ends."""

from __future__ import annotations

from uuid import uuid1

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.households.models.links import BenefitLink
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

PATH, LINKS = "/api/v1/households", "/api/v1/benefit-links"


def _office() -> str:
    home = build.organisation(OrganisationKind.AUTHORITY)
    return build.token_of(build.user(home, [Role.COUNTY_REVIEWER]))


def _clerk(home: Organisation) -> str:
    return build.token_of(build.user(home, [Role.COOP_CLERK]))


def _link(household: Household, organisation: Organisation, **changes: object) -> dict[str, object]:
    return {
        "household_id": str(household.id),
        "organisation_id": str(organisation.id),
        "way": "favourable_purchase",
        "since_on": "2026-01-01",
        "terms": "按约定价收购",
        **changes,
    }


def test_a_clerk_links_a_household_once_a_way_and_sees_it_from_then_on(client: Client) -> None:
    household, coop = build.household(), build.organisation()
    token = _clerk(coop)
    assert client.get(f"{PATH}/{household.id}", token=token).status_code == 404
    made = client.post(LINKS, json=_link(household, coop), token=token)
    assert made.status_code == 201
    assert made.json is not None
    assert (made.json["way"], made.json["until_on"]) == ("favourable_purchase", None)
    assert client.get(f"{PATH}/{household.id}", token=token).status_code == 200
    again = client.post(LINKS, json=_link(household, coop), token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "benefit_link_in_force")
    other = client.post(LINKS, json=_link(household, coop, way="jobs"), token=token)
    assert other.status_code == 201
    page = client.get(f"{LINKS}?household_id={household.id}", token=token).json
    assert page is not None
    assert [one["way"] for one in page["items"]] == ["jobs", "favourable_purchase"]
    ours = client.get(f"{LINKS}?organisation_id={coop.id}", token=token).json
    assert ours == page
    none = client.get(f"{LINKS}?organisation_id={uuid1()}", token=token).json
    assert none == {"items": [], "next_cursor": None}
    assert client.get(LINKS, token=_clerk(build.organisation())).json == none


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"household_id": str(uuid1())}, 404, "not_found"),
        ({"organisation_id": str(uuid1())}, 404, "not_found"),
        ({"way": "charity"}, 422, "invalid"),
        ({"terms": ""}, 422, "invalid"),
        ({"terms": "付给 6228480402564890018"}, 422, "identity_in_text"),
        ({"since_on": "yesterday"}, 422, "invalid"),
    ],
)
def test_a_link_is_refused(
    client: Client, db_session: Session, changes: dict[str, object], status: int, code: str
) -> None:
    household, coop = build.household(), build.organisation()
    answer = client.post(LINKS, json=_link(household, coop, **changes), token=_clerk(coop))
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)
    assert db_session.scalar(select(func.count(BenefitLink.id))) == 0


def test_nobody_links_for_another_organisation(client: Client) -> None:
    household, coop = build.household(), build.organisation()
    body = _link(household, coop)
    assert client.post(LINKS, json=body, token=_clerk(build.organisation())).status_code == 404
    assert client.post(LINKS, json=body, token=_office()).status_code == 403
    assert client.post(LINKS, json=body).status_code == 401


def test_a_link_ends_once_and_may_begin_again_that_day(client: Client) -> None:
    household, coop = build.household(), build.organisation()
    token = _clerk(coop)
    link = build.benefit_link(household, coop)
    path = f"{LINKS}/{link.id}/end"
    backwards = client.post(path, json={"until_on": "2025-01-01"}, token=token)
    assert (backwards.status_code, backwards.json and backwards.json["code"]) == (
        422,
        "period_backwards",
    )
    stranger = _clerk(build.organisation())
    assert client.post(path, json={"until_on": "2026-02-01"}, token=stranger).status_code == 404
    done = client.post(path, json={"until_on": "2026-02-01"}, token=token)
    assert (done.status_code, done.json and done.json["until_on"]) == (200, "2026-02-01")
    again = client.post(path, json={"until_on": "2026-03-01"}, token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "benefit_link_ended")
    early = client.post(LINKS, json=_link(household, coop, since_on="2026-01-31"), token=token)
    assert early.status_code == 409
    anew = client.post(LINKS, json=_link(household, coop, since_on="2026-02-01"), token=token)
    assert anew.status_code == 201


def test_a_unit_links_nobody(client: Client) -> None:
    collective = build.organisation(OrganisationKind.BUDGET_UNIT)
    answer = client.post(LINKS, json=_link(build.household(), collective), token=_clerk(collective))
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, "link_party_unfit")
