"""Selling costs a certified product's supplier nothing; what was charged anyway is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kernel import clock
from kernel.audit import AuditRow
from tests.builders import certification, marketplace
from tests.builders.marketplace import NOW, Scene
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

SAID = {
    "kind": "platform",
    "amount_fen": 30_000,
    "charged_by": "某某平台",
    "charged_on": "2026-06-01",
}


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there(client: Client) -> Scene:
    del client  # it brings the transaction
    return marketplace.scene(stock="0")


def test_what_is_free_is_said_aloud(client: Client) -> None:
    told = json_of(Door(client).get("/fees"))
    assert told["free"] == ["onboarding", "platform", "display"]
    assert told["allowed"] == ["testing", "payment_channel", "deposit"]
    assert "S18" in told["source"]


def test_a_charge_for_what_is_free_is_an_error_until_something_becomes_of_it(
    client: Client, there: Scene, written: Callable[[], list[AuditRow]]
) -> None:
    clerk = Door(client, there.clerk)
    made = json_of(clerk.post("/fee-reports", SAID), 201)
    assert (made["is_error"], made["resolution"]) == (True, None)
    allowed = json_of(clerk.post("/fee-reports", {**SAID, "kind": "testing"}), 201)
    assert allowed["is_error"] is False
    reviewer = Door(client, certification.reviewer_of("county"))
    listed = json_of(reviewer.get("/fee-reports", is_error="true", is_open="true"))["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    path = f"/fee-reports/{made['id']}/resolve"
    assert code_of(clerk.post(path, {"resolution": "已退"})) == (403, "forbidden")
    assert json_of(reviewer.post(path, {"resolution": "已退"}))["resolution"] == "已退"
    assert code_of(reviewer.post(path, {"resolution": "再"})) == (409, "fee_resolved")
    assert json_of(reviewer.get("/fee-reports", is_error="true", is_open="true"))["items"] == []
    actions = [row.action for row in written()]
    assert (actions.count("fee_reported"), actions.count("fee_resolved")) == (2, 1)


def test_others_do_not_see_it(client: Client, there: Scene) -> None:
    json_of(Door(client, there.clerk).post("/fee-reports", SAID), 201)
    stranger = Door(client, marketplace.scene(stock="0").clerk)
    assert json_of(stranger.get("/fee-reports"))["items"] == []


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"charged_on": "2026-06-02"}, "invalid", "/charged_on"),
        ({"amount_fen": 0}, "invalid", "/amount_fen"),
        ({"kind": "bribe"}, "invalid", "/kind"),
        ({"charged_by": "6222021234567890123"}, "identity_in_text", "/charged_by"),
    ],
)
def test_what_cannot_be_is_named(
    client: Client, there: Scene, change: dict[str, Any], code: str, pointer: str
) -> None:
    answer = Door(client, there.clerk).post("/fee-reports", {**SAID, **change})
    assert problem_of(answer) == (422, code, pointer)
