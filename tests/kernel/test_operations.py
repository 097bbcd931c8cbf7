"""The house answers for itself."""

from __future__ import annotations

from tests.conftest import Client


def test_a_process_says_that_it_answers(client: Client) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_a_migrated_database_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ready"


def test_an_unknown_address_is_a_problem_in_chinese_first(client: Client) -> None:
    answer = client.get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] == "not_found"
    assert answer.get_json()["title"] == "没有找到。"
    english = client.get("/api/v1/nothing-here", headers={"Accept-Language": "en"})
    assert english.get_json()["title"] == "Not found."
