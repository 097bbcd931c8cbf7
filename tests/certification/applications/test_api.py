"""The doors to applications: each status, body and code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOW, Cast
from tests.conftest import Client

PATH = "/api/v1/certification/applications"


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def people(client: Client) -> Cast:
    del client  # it brings the transaction
    return build.cast()


class Door:
    """Requests of one person."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.token = client, token

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> TestResponse:
        """Post JSON, with an Idempotency-Key where one is given."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(PATH + path, json=body, token=self.token, headers=headers)

    def get(self, path: str = "") -> TestResponse:
        """Read a path below the applications."""
        return self.client.get(PATH + path, token=self.token)

    def patch(self, path: str, body: Any, version: int | None) -> TestResponse:
        """Edit a version."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.client.patch(PATH + path, json=body, token=self.token, headers=headers)


@pytest.fixture
def clerk(client: Client, people: Cast) -> Door:
    return Door(client, registry.token_of(people.clerk))


def reviewer(client: Client, people: Cast, level: str) -> Door:
    return Door(client, registry.token_of(people.reviewers[level]))


def code_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.json["code"] if response.json else ""


def problem_of(response: TestResponse) -> tuple[int, str, str]:
    assert response.json is not None
    return response.status_code, response.json["code"], response.json["errors"][0]["pointer"]


def drafted(clerk: Door, people: Cast) -> dict[str, Any]:
    made = clerk.post("", build.body(people), key=str(new_id())).json
    assert made is not None
    return dict(made)


def test_a_draft_is_answered_with_everything_in_it(clerk: Door, people: Cast) -> None:
    body = build.body(people)
    response = clerk.post("", body, key="one")
    assert response.status_code == 201
    made = response.json
    assert made is not None
    assert {name: made[name] for name in body} == body
    assert made["status"] == "draft"
    assert made["number"] == "BF-A-2026-440203-000001"
    assert made["holder"]["id"] == str(people.holder.id)
    assert made["review_chain"] == ["town", "county", "city", "province"]
    assert (made["steps"], made["notice"], made["submitted_at"]) == ([], None, None)
    assert response.headers["ETag"] == '"1"'
    again = clerk.post("", body, key="one")
    assert again.json == made
    assert again.headers["Idempotency-Replayed"] == "true"
    assert code_of(clerk.post("", body)) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"scheme_code": "none"}, (422, "invalid", "/scheme_code")),
        ({"category_code": "none"}, (422, "invalid", "/category_code")),
        ({"origin_region_code": "440203199"}, (422, "region_unknown", "/origin_region_code")),
        ({"origin_region_code": "440203"}, (422, "origin_too_wide", "/origin_region_code")),
        ({"origin_region_code": "110101"}, (422, "origin_not_admitted", "/origin_region_code")),
        ({"yearly_quantity": "0"}, (422, "invalid", "/yearly_quantity")),
        ({"yearly_quantity": 5}, (422, "invalid", "/yearly_quantity")),
        ({"unit": "box", "yearly_quantity": "1.5"}, (422, "invalid", "/yearly_quantity")),
        ({"unit": "stone"}, (422, "invalid", "/unit")),
        ({"unit_price_fen": 0}, (422, "invalid", "/unit_price_fen")),
        ({"unit_price_fen": 6.8}, (422, "invalid", "/unit_price_fen")),
        ({"goods_value_fen": -1}, (422, "invalid", "/goods_value_fen")),
        ({"document_ids": [str(UUID(int=1))]}, (422, "document_unknown", "/document_ids/0")),
        (
            {"benefit_link_ids": [str(UUID(int=1))]},
            (422, "benefit_link_missing", "/benefit_link_ids/0"),
        ),
        ({"benefit_link_ids": []}, (422, "benefit_link_missing", "/benefit_link_ids")),
        ({"pledge": False}, (422, "pledge_missing", "/pledge")),
        ({"pledge": "yes"}, (422, "invalid", "/pledge")),
        ({"product_name": "110101199003078515"}, (422, "identity_in_text", "/product_name")),
        ({"colour": "red"}, (422, "unknown_field", "/colour")),
    ],
)
def test_a_draft_that_cannot_be_taken_says_which_field(
    clerk: Door, people: Cast, change: dict[str, Any], answer: tuple[int, str, str]
) -> None:
    response = clerk.post("", build.body(people, **change), key="one")
    assert problem_of(response) == answer
    listed = clerk.get().json
    assert listed == {"items": [], "next_cursor": None}


def test_who_may_not_draft(client: Client, people: Cast) -> None:
    body = build.body(people)
    agent = registry.organisation(OrganisationKind.TRADING_AGENT)
    door = Door(client, registry.token_of(registry.user(agent, [Role.COOP_CLERK])))
    assert code_of(door.post("", body, key="one")) == (403, "holder_not_admitted")
    town = reviewer(client, people, "town")
    assert code_of(town.post("", body, key="one")) == (403, "forbidden")
    nobody = client.post(PATH, json=body)
    assert code_of(nobody) == (401, "unauthenticated")


def test_an_edit_wants_the_version_it_edits(clerk: Door, people: Cast) -> None:
    path = f"/{drafted(clerk, people)['id']}"
    change = {"product_name": "演示糙米"}
    assert code_of(clerk.patch(path, change, None)) == (428, "precondition_required")
    edited = clerk.patch(path, change, 1)
    assert (edited.status_code, edited.headers["ETag"]) == (200, '"2"')
    assert edited.json is not None
    assert edited.json["product_name"] == "演示糙米"
    assert code_of(clerk.patch(path, change, 1)) == (412, "version_stale")
    assert problem_of(clerk.patch(path, {"pledge": False}, 2)) == (
        422,
        "pledge_missing",
        "/pledge",
    )
    clerk.post(f"{path}/submit")
    assert code_of(clerk.patch(path, change, 3)) == (409, "wrong_state")


def test_the_whole_way_to_the_notice(client: Client, clerk: Door, people: Cast) -> None:
    path = f"/{drafted(clerk, people)['id']}"
    sent = clerk.post(f"{path}/submit").json
    assert sent is not None
    assert (sent["status"], sent["round"]) == ("submitted", 1)
    assert [(one["level"], one["decision"]) for one in sent["steps"]] == [
        ("town", None),
        ("county", None),
        ("city", None),
        ("province", None),
    ]
    expected = ["town_checked", "county_checked", "city_checked", "in_notice"]
    for level, status in zip(build.LEVELS, expected, strict=True):
        answer = reviewer(client, people, level).post(
            f"{path}/reviews", {"decision": "pass", "opinion": "材料齐全"}
        )
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["status"] == status
    seen = clerk.get(path).json
    assert seen is not None
    assert [one["status"] for one in seen["steps"]] == [*expected[:3], "province_checked"]
    assert seen["steps"][0]["reviewer_id"] == str(people.reviewers["town"].id)
    notice = seen["notice"]
    assert (notice["opens_on"], notice["closes_on"]) == ("2026-11-05", "2026-11-13")
    assert notice["objections"] == []
    client.post(
        f"/api/v1/notices/{notice['id']}/objections",
        json={"text": "产地存疑", "contact": "demo@example.org"},
    )
    seen = clerk.get(path).json
    assert seen is not None
    (objection,) = seen["notice"]["objections"]
    assert (objection["text"], objection["reply"]) == (None, None)
    assert "contact" not in objection
    office = reviewer(client, people, "province").get(path).json
    assert office is not None
    assert office["notice"]["objections"][0]["text"] == "产地存疑"
    assert "demo@example.org" not in str(office)


def test_a_review_in_the_wrong_hands(client: Client, clerk: Door, people: Cast) -> None:
    path = f"/{drafted(clerk, people)['id']}"
    passing = {"decision": "pass", "opinion": "材料齐全"}
    town, county = (reviewer(client, people, level) for level in ("town", "county"))
    assert code_of(town.post(f"{path}/reviews", passing)) == (409, "wrong_state")
    clerk.post(f"{path}/submit")
    assert code_of(clerk.post(f"{path}/reviews", passing)) == (403, "forbidden")
    assert code_of(county.post(f"{path}/reviews", passing)) == (409, "wrong_state")
    abroad = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
    user = registry.user(abroad, [Role.COUNTY_REVIEWER])
    stranger = Door(client, registry.token_of(user))
    assert code_of(stranger.post(f"{path}/reviews", passing)) == (404, "not_found")
    unfit = registry.user(
        registry.organisation(OrganisationKind.AUTHORITY, "440200"), [Role.COUNTY_REVIEWER]
    )
    misplaced = Door(client, registry.token_of(unfit))
    assert code_of(misplaced.post(f"{path}/reviews", passing)) == (403, "forbidden")
    odd = town.post(f"{path}/reviews", {"decision": "maybe", "opinion": ""})
    assert code_of(odd) == (422, "invalid")
    told = {"decision": "pass", "opinion": "户主 110101199003078515"}
    assert problem_of(town.post(f"{path}/reviews", told)) == (
        422,
        "identity_in_text",
        "/opinion",
    )
    assert clerk.get(path).json["status"] == "submitted"  # type: ignore[index]


def test_author_and_holder_do_not_review(client: Client, clerk: Door, people: Cast) -> None:
    path = f"/{drafted(clerk, people)['id']}/reviews"
    clerk.post(path.replace("reviews", "submit"))
    town = people.reviewers["town"]
    collective = registry.user(people.holder, [Role.TOWN_CHECKER])
    passing = {"decision": "pass", "opinion": "材料齐全"}
    door = Door(client, registry.token_of(collective))
    assert code_of(door.post(path, passing)) == (403, "own_organisation")
    assert Door(client, registry.token_of(town)).post(path, passing).status_code == 200


def test_a_list_shows_what_is_in_sight_in_pages(client: Client, clerk: Door, people: Cast) -> None:
    for _ in range(3):
        drafted(clerk, people)
    newest = drafted(clerk, people)
    clerk.post(f"/{newest['id']}/submit")
    first = clerk.get("?limit=3").json
    assert first is not None
    assert [len(first["items"]), first["items"][0]["id"]] == [3, newest["id"]]
    rest = clerk.get(f"?limit=3&cursor={first['next_cursor']}").json
    assert rest is not None
    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)
    waiting = reviewer(client, people, "city").get("?status=submitted").json
    assert waiting is not None
    assert [one["id"] for one in waiting["items"]] == [newest["id"]]
    stranger = Door(client, registry.token_of(build.cast().clerk))
    assert stranger.get().json == {"items": [], "next_cursor": None}
    assert code_of(stranger.get(f"/{newest['id']}")) == (404, "not_found")
    assert code_of(clerk.get("?status=none")) == (422, "invalid")


def test_a_withdrawal_and_what_comes_after_it(clerk: Door, people: Cast) -> None:
    path = f"/{drafted(clerk, people)['id']}"
    withdrawn = clerk.post(f"{path}/withdraw")
    assert withdrawn.json is not None
    assert (withdrawn.status_code, withdrawn.json["status"]) == (200, "withdrawn")
    assert code_of(clerk.post(f"{path}/withdraw")) == (409, "wrong_state")
    assert code_of(clerk.post(f"{path}/submit")) == (409, "wrong_state")
    assert code_of(clerk.post(f"/{new_id()}/submit")) == (404, "not_found")


def test_papers_that_are_missing_or_lapsed_stop_the_submission(clerk: Door, people: Cast) -> None:
    body = build.body(people)
    body["document_ids"] = body["document_ids"][:1]
    made = clerk.post("", body, key="one").json
    assert made is not None
    answer = clerk.post(f"/{made['id']}/submit")
    assert problem_of(answer) == (422, "papers_missing", "/document_ids")
    until = NOW.date() + timedelta(days=1)
    short = registry.document(people.holder, people.clerk, "test_report", until)
    body["document_ids"].append(str(short.id))
    other = clerk.post("", body, key="two").json
    assert other is not None
    with clock.stopped(NOW + timedelta(days=1)):
        answer = clerk.post(f"/{other['id']}/submit")
    assert problem_of(answer) == (422, "paper_lapsed", "/document_ids/1")
