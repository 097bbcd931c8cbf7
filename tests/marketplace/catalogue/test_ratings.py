"""Buyers say what they think of goods they took in; suppliers answer once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.audit import AuditRow
from registry.accounts.models import Role
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, Scene, confirmed, lines_of, receive, ship
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

pytestmark = pytest.mark.usefixtures("stopped")


def taken_in(there: Scene) -> tuple[str, list[dict[str, Any]]]:
    """Take in the first of two lines; give the path of ratings and what is said of each line."""
    order_id = confirmed(there, "3", "2").order.id
    ship(there, order_id, "3")
    receive(there, order_id, ("3", "0"))
    said = [
        {"order_line_id": str(line.id), "goods": 4, "service": 5, "text": "新鲜"}
        for line in lines_of(order_id)
    ]
    return f"/orders/{order_id}/ratings", said


def marks(client: Client, there: Scene) -> dict[str, Any]:
    return dict(json_of(Door(client).get(f"/listings/{there.listing_id}"))["rating"])


def test_goods_are_rated_once_each_line_after_they_were_taken_in(
    client: Client, there: Scene, buyer: Door, written: Callable[[], list[AuditRow]]
) -> None:
    path, (first, second) = taken_in(there)
    assert marks(client, there) == {"count": 0, "goods": None, "service": None}
    made = json_of(buyer.post(path, first), 201)
    assert (made["goods"], made["service"], made["text"], made["reply"]) == (4, 5, "新鲜", None)
    assert code_of(buyer.post(path, second)) == (409, "not_yet_accepted")
    assert marks(client, there) == {"count": 1, "goods": "4.00", "service": "5.00"}
    other, (third, _) = taken_in(there)
    json_of(buyer.post(other, {**third, "goods": 1}), 201)
    assert marks(client, there) == {"count": 2, "goods": "2.50", "service": "5.00"}
    of_supplier = Door(client).get(f"/organisations/{there.cooperative.id}/rating")
    assert json_of(of_supplier) == marks(client, there)
    said = json_of(Door(client).get(f"/listings/{there.listing_id}/ratings"))["items"]
    assert [one["goods"] for one in said] == [1, 4]
    assert sum(row.action == "goods_rated" for row in written()) == 2


def test_a_line_is_rated_once(buyer: Door, client: Client, there: Scene) -> None:
    path, (first, _) = taken_in(there)
    json_of(buyer.post(path, first), 201)
    assert code_of(buyer.post(path, first)) == (409, "rated_already")
    assert marks(client, there)["count"] == 1


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"goods": 0}, "invalid", "/goods"),
        ({"goods": 6}, "invalid", "/goods"),
        ({"service": 4.5}, "invalid", "/service"),
        ({"text": "电话 6222021234567890123"}, "identity_in_text", "/text"),
        ({"order_line_id": "00000000-0000-0000-0000-000000000001"}, "invalid", "/order_line_id"),
    ],
)
def test_what_cannot_be_said_is_named(
    there: Scene, buyer: Door, change: dict[str, Any], code: str, pointer: str
) -> None:
    path, (first, _) = taken_in(there)
    assert problem_of(buyer.post(path, {**first, **change})) == (422, code, pointer)


def test_a_buyer_changes_it_for_fifteen_days(client: Client, there: Scene, buyer: Door) -> None:
    path, (first, _) = taken_in(there)
    made = json_of(buyer.post(path, first), 201)
    own, body = f"/ratings/{made['id']}", {"goods": 2, "service": 1}
    with clock.stopped(NOW + timedelta(days=15, seconds=-1)):
        assert code_of(buyer.patch(own, body)) == (428, "precondition_required")
        changed = json_of(buyer.patch(own, body, version=1))
        assert (changed["goods"], changed["text"], changed["version"]) == (2, "", 2)
        assert marks(client, there) == {"count": 1, "goods": "2.00", "service": "1.00"}
        colleague = registry.user(there.unit, [Role.CANTEEN_BUYER])
        assert (
            json_of(Door(client, colleague).patch(own, {**body, "text": "重评"}, version=2))[
                "version"
            ]
            == 3
        )
        stranger = Door(client, marketplace.scene().buyer)
        assert code_of(stranger.patch(own, body, version=3)) == (404, "not_found")
    with clock.stopped(NOW + timedelta(days=15)):
        assert code_of(buyer.patch(own, body, version=3)) == (409, "rating_closed")


def test_the_supplier_answers_once_and_then_both_are_silent(
    client: Client, there: Scene, buyer: Door
) -> None:
    path, (first, _) = taken_in(there)
    made = json_of(buyer.post(path, first), 201)
    own, clerk = f"/ratings/{made['id']}", Door(client, there.clerk)
    stranger = Door(client, marketplace.scene().clerk)
    assert code_of(stranger.post(f"{own}/reply", {"reply": "谢谢"})) == (404, "not_found")
    assert code_of(buyer.post(f"{own}/reply", {"reply": "谢谢"})) == (403, "forbidden")
    assert json_of(clerk.post(f"{own}/reply", {"reply": "谢谢"}))["reply"] == "谢谢"
    assert code_of(clerk.post(f"{own}/reply", {"reply": "再"})) == (409, "rating_answered")
    assert code_of(buyer.patch(own, {"goods": 1, "service": 1}, version=2)) == (
        409,
        "rating_answered",
    )
    assert marks(client, there)["goods"] == "4.00"


def test_only_who_bought_rates(client: Client, there: Scene) -> None:
    path, (first, _) = taken_in(there)
    stranger = Door(client, marketplace.scene().buyer)
    assert code_of(stranger.post(path, first)) == (404, "not_found")
    assert code_of(Door(client, there.clerk).post(path, first)) == (403, "forbidden")
