"""The platform's hours and days: set from a day on, with what they rest on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.calendar import shanghai_day
from procurement.approvals.commands.terms import next_due
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.procurement import NOW
from tests.conftest import Client

PATH = "/api/v1/procurement/approval-terms"
SAID: dict[str, Any] = {"code": "wait_hours", "value": 4, "source": "测试办法第 1 号"}
DAY = timedelta(days=1)


def test_hours_hold_from_their_day_on(client: Client) -> None:
    token = registry.token_of(registry.administrator())
    tomorrow = SAID | {"from_on": shanghai_day(NOW + DAY).isoformat()}
    with clock.stopped(NOW):
        answer = client.post(PATH, json=tomorrow, token=token)
    assert (answer.status_code, answer.get_json()) == (201, tomorrow)
    waits = [next_due(now=now) - now for now in (NOW, NOW + DAY)]
    assert waits == [timedelta(hours=48), timedelta(hours=4)]


def test_everybody_signed_in_sees_them_and_only_the_platform_sets_them(client: Client) -> None:
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    token = registry.token_of(registry.user(unit, [Role.UNIT_ADMIN]))
    shown = client.get(PATH, token=token).get_json()["items"]
    assert {one["code"]: one["value"] for one in shown} == {"wait_hours": 48, "split_days": 30}
    assert client.get(PATH).status_code == 401
    assert client.post(PATH, json=SAID, token=token).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"value": 0}, "term_unfit"),
        ({"value": 8_761}, "term_unfit"),
        ({"code": "split_days", "value": 3_661}, "term_unfit"),
        ({"from_on": "2020-01-01"}, "term_backdated"),
        ({"source": f"经办人 {registry.id_number()}"}, "identity_in_text"),
    ],
)
def test_what_does_not_fit_is_refused(client: Client, wrong: dict[str, Any], code: str) -> None:
    token = registry.token_of(registry.administrator())
    answer = client.post(PATH, json=SAID | wrong, token=token)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert len(client.get(PATH, token=token).get_json()["items"]) == 2


def test_one_number_begins_on_one_day(client: Client) -> None:
    token = registry.token_of(registry.administrator())
    assert client.post(PATH, json=SAID, token=token).status_code == 201
    again = client.post(PATH, json=SAID | {"value": 5}, token=token)
    assert (again.status_code, again.get_json()["code"]) == (409, "term_taken")
