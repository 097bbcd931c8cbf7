"""The tolerance of the scale: set by the platform from a day on, and what it changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from tests.builders import registry
from tests.builders.marketplace import NOW, PRICE, TODAY, Scene
from tests.conftest import Client
from tests.marketplace.deliveries.test_at_the_door import Arrived
from tests.marketplace.doors import Door, code_of, json_of, problem_of

pytestmark = pytest.mark.usefixtures("stopped")
PATH = "/delivery-terms"
SAID: dict[str, Any] = {"code": "weight_tolerance_bp", "value": 500, "source": "测试协议第 1 号"}
DAY = timedelta(days=1)


@pytest.fixture
def stock() -> str:
    return "300"


@pytest.fixture
def platform(client: Client) -> Door:
    return Door(client, registry.administrator())


def test_a_wider_tolerance_holds_from_its_day_on(
    client: Client, there: Scene, platform: Door
) -> None:
    tomorrow = SAID | {"from_on": (TODAY + DAY).isoformat()}
    assert json_of(platform.post(PATH, tomorrow), 201) == tomorrow
    arrived = Arrived(client, there)
    assert problem_of(arrived.weigh("96")) == (422, "over_tolerance", "/lines/0/weighed_quantity")
    with clock.stopped(NOW + DAY):
        taken = json_of(arrived.weigh("96"), 201)
    assert (taken["accepted_fen"], taken["weighings"][0]["tolerance_bp"]) == (100 * PRICE, 500)


def test_who_trades_sees_every_number_and_sets_none(
    client: Client, there: Scene, platform: Door
) -> None:
    json_of(platform.post(PATH, SAID), 201)
    for user in (there.buyer, there.clerk):
        shown = json_of(Door(client, user).get(PATH))
        assert [one["value"] for one in shown["items"]] == [500, 100]
        assert Door(client, user).post(PATH, SAID).status_code == 403
    cursor = json_of(platform.get(PATH, limit=1))["next_cursor"]
    [last] = json_of(platform.get(PATH, limit=1, cursor=cursor))["items"]
    assert last["source"] == "系统默认配置 / configured default"


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"value": -1}, (422, "term_unfit", "/value")),
        ({"value": 10_001}, (422, "term_unfit", "/value")),
        ({"from_on": (TODAY - DAY).isoformat()}, (422, "term_backdated", "/from_on")),
        ({"source": f"经办人 {registry.id_number()}"}, (422, "identity_in_text", "/source")),
    ],
)
def test_a_number_that_does_not_fit_changes_nothing(
    platform: Door, wrong: dict[str, Any], refused: tuple[int, str, str]
) -> None:
    assert problem_of(platform.post(PATH, SAID | wrong)) == refused
    assert [one["value"] for one in json_of(platform.get(PATH))["items"]] == [100]


def test_one_number_begins_on_one_day(platform: Door) -> None:
    json_of(platform.post(PATH, SAID), 201)
    assert code_of(platform.post(PATH, SAID | {"value": 600})) == (409, "term_taken")
