"""Work lists by due date, batches, and what a resubmission changed, by the doors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from certification.applications.models import Application, ApplicationReview
from kernel import clock
from kernel.database import db
from kernel.relay import run_due_deliveries
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOW, Cast
from tests.conftest import Client
from tests.transitions import rows_of, strangers

AT = "/api/v1/certification"
OUTCOME = ("application_id", "status", "code")
TABLES = ("application", "application_review", "notice")


@pytest.fixture
def people(client: Client) -> Iterator[Cast]:
    del client
    with clock.stopped(NOW):
        yield build.cast()


def token_of(people: Cast, level: str) -> str:
    return registry.token_of(people.reviewers[level])


def waiting(client: Client, token: str, **query: Any) -> list[Any]:
    """Give the numbers on a work list, each with whether it is late."""
    answer = client.get(f"{AT}/work-list", query_string=query, token=token)
    assert answer.json is not None
    assert answer.status_code == 200, answer.json
    return [(one["application"]["number"], one["is_overdue"]) for one in answer.json["items"]]


def test_a_work_list_begins_with_what_is_longest_overdue(client: Client, people: Cast) -> None:
    days = (0, 20, 10)
    late = {
        ago: build.submitted(people, NOW - timedelta(days=ago), product_name=f"米{ago}").number
        for ago in days
    }
    token = token_of(people, "town")
    assert waiting(client, token) == [(late[20], True), (late[10], True), (late[0], False)]
    assert waiting(client, token, overdue="true") == [(late[20], True), (late[10], True)]
    assert waiting(client, token, overdue="false") == [(late[0], False)]


def test_a_work_list_is_paged_without_a_gap(client: Client, people: Cast) -> None:
    made = [
        build.submitted(people, NOW - timedelta(days=ago), product_name=f"米{ago}").number
        for ago in (9, 8, 7, 7, 6)
    ]
    token, seen, cursor = token_of(people, "town"), [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        told = client.get(f"{AT}/work-list", query_string=query, token=token).json
        assert told is not None
        seen += [one["application"]["number"] for one in told["items"]]
        cursor = told["next_cursor"]
        if cursor is None:
            break
    assert seen == made


def test_only_the_office_whose_turn_it_is_finds_it(client: Client, people: Cast) -> None:
    made = build.submitted(people)
    tokens = {level: token_of(people, level) for level in build.LEVELS}
    for level in build.LEVELS:
        found = {one: bool(waiting(client, token)) for one, token in tokens.items()}
        assert found == {one: one == level for one in build.LEVELS}
        body = {"decision": "pass", "opinion": "材料齐全"}
        path = f"{AT}/applications/{made.id}/reviews"
        assert client.post(path, json=body, token=tokens[level]).status_code == 200
    assert waiting(client, tokens["province"]) == [(made.number, False)], (
        "to grant after the notice"
    )


def test_who_has_no_work_list(client: Client, people: Cast) -> None:
    build.submitted(people)
    for who, token in strangers().items():
        answer = client.get(f"{AT}/work-list", token=token)
        if token is None:
            assert answer.status_code == 401
        elif who.removeprefix("elsewhere ") not in {role.value for role in build_reviewers()}:
            assert answer.status_code == 403, who
        else:
            assert answer.json is not None
            assert len(answer.json["items"]) == (who == "town_checker"), who


def build_reviewers() -> list[Role]:
    return [role for role, _ in build.LEVELS.values()]


def item(made: Application, decision: str = "pass", **said: Any) -> dict[str, Any]:
    return {"application_id": str(made.id), "decision": decision, "opinion": "属实", **said}


def test_a_batch_keeps_one_opinion_each_in_the_order_asked(client: Client, people: Cast) -> None:
    one, two, three = (build.submitted(people, product_name=f"米{n}") for n in range(3))
    reasons = [{"pointer": "/specification", "text": "写明等级"}]
    items = [
        item(two, opinion="二号属实"),
        item(one, "return", opinion="一号退回", reasons=reasons),
        item(three, "reject", opinion="三号不符"),
    ]
    body, token = {"items": items}, token_of(people, "town")
    answer = client.post(f"{AT}/applications/batch-reviews", json=body, token=token)
    assert answer.json is not None
    told = [tuple(each[name] for name in OUTCOME) for each in answer.json["items"]]
    assert told == [
        (str(two.id), "town_checked", None),
        (str(one.id), "returned", None),
        (str(three.id), "rejected", None),
    ]  # fmt: skip
    rows = db.session.query(ApplicationReview).all()
    assert {(each.application_id, each.opinion) for each in rows} == {
        (two.id, "二号属实"), (one.id, "一号退回"), (three.id, "三号不符"),
    }  # fmt: skip


def test_a_batch_is_all_or_none_unless_asked_otherwise(client: Client, people: Cast) -> None:
    one, two = (build.submitted(people, product_name=f"米{n}") for n in range(2))
    draft = build.draft(people, product_name="米草")
    items = [item(one), item(draft), item(two)]
    path, token = f"{AT}/applications/batch-reviews", token_of(people, "town")
    db.session.commit()
    before = rows_of(TABLES)
    refused = client.post(path, json={"items": items}, token=token)
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (409, "batch_refused")
    assert [each["pointer"] for each in refused.json["errors"]] == ["/items/1"]
    assert rows_of(TABLES) == before
    taken = client.post(path, json={"items": items, "atomic": False}, token=token)
    assert taken.json is not None
    states = [(each["status"], each["code"]) for each in taken.json["items"]]
    assert states == [("town_checked", None), (None, "wrong_state"), ("town_checked", None)]


def test_the_same_application_twice_in_a_batch_is_decided_once(
    client: Client, people: Cast
) -> None:
    made = build.submitted(people)
    path, token = f"{AT}/applications/batch-reviews", token_of(people, "town")
    items = [item(made), item(made, "reject")]
    assert client.post(path, json={"items": items}, token=token).status_code == 409
    taken = client.post(path, json={"items": items, "atomic": False}, token=token).json
    assert taken is not None
    assert [each["code"] for each in taken["items"]] == [None, "wrong_state"]


def test_a_resubmission_shows_what_changed_and_what_was_left(client: Client, people: Cast) -> None:
    made = build.submitted(people)
    path, clerk = f"{AT}/applications/{made.id}", registry.token_of(people.clerk)
    reasons = [
        {"pointer": "/specification", "text": "写明等级"},
        {"pointer": "/unit_price_fen", "text": "高于市价"},
    ]
    body = {"decision": "return", "opinion": "请补正", "reasons": reasons}
    town = token_of(people, "town")
    assert client.post(f"{path}/reviews", json=body, token=town).status_code == 200
    edit = {"specification": "特级，散装", "product_name": "演示新米"}
    tag = {"If-Match": str(client.get(path, token=clerk).headers["ETag"])}
    assert client.patch(path, json=edit, token=clerk, headers=tag).status_code == 200
    assert client.post(f"{path}/submit", token=clerk).status_code == 200
    seen = client.get(f"{path}/versions", token=town).json
    assert seen is not None
    first, second = seen["items"]
    assert (first["round"], first["changes"], first["unanswered"]) == (1, [], [])
    assert first["contents"]["specification"] == "一级，散装"
    changes = {each["pointer"]: each for each in second["changes"]}
    assert set(changes) == {"/product_name", "/specification"}
    assert changes["/specification"]["after"] == "特级，散装"
    assert changes["/specification"]["reasons"] == ["写明等级"]
    assert changes["/product_name"]["reasons"] == []
    assert [each["pointer"] for each in second["unanswered"]] == ["/unit_price_fen"]
    stranger = registry.organisation(OrganisationKind.COOPERATIVE)
    other = registry.token_of(registry.user(stranger, [Role.COOP_CLERK]))
    assert client.get(f"{path}/versions", token=other).status_code == 404


def test_an_extended_notice_gives_the_decision_its_later_day(fresh: Flask) -> None:
    with fresh.app_context(), clock.stopped(NOW):
        people = run(build.cast)
        made = run(lambda: build.in_notice(people))
        application_id, notice_id = made.id, made.notice_id
        province = run(lambda: token_of(people, "province"))
        assert (str(made.due_on), made.status) == ("2026-11-19", "in_notice")
    client = fresh.test_client()
    headers = {"Authorization": f"Bearer {province}"}
    with clock.stopped(NOW):
        to = f"/api/v1/notices/{notice_id}/objections"
        lodged = client.post(to, json={"text": "产地存疑"})
        assert lodged.status_code == 201
        reply = {"reply": "情况属实", "upheld": True}
        path = f"{to}/{lodged.get_json()['id']}/reply"
        assert client.post(path, json=reply, headers=headers).status_code == 200
        assert due(client, headers, application_id) == "2026-11-19", "the news is still to come"
        with fresh.app_context():
            while run_due_deliveries():
                pass
        assert client.get(f"/api/v1/notices/{notice_id}").get_json()["closes_on"] == "2026-11-20"
        assert due(client, headers, application_id) == "2026-11-26"


def due(client: Any, headers: dict[str, str], application_id: object) -> str:
    (one,) = client.get(f"{AT}/work-list", headers=headers).get_json()["items"]
    assert one["application"]["id"] == str(application_id)
    return str(one["application"]["due_on"])
