"""Goods at the door: taken in by weight, turned away with picture and reason, and on paper."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from decimal import Decimal
from typing import Any

import pytest

from kernel.crypto import public_keys, verify
from kernel.identity import new_id
from marketplace.deliveries.models.goods import ReceiptPhoto, Weighing
from marketplace.orders.models.contracts import OrderContract
from registry.accounts.models import Role
from registry.documents.queries import is_subject_in_sight
from tests.builders import marketplace, registry
from tests.builders.deliveries import photo
from tests.builders.marketplace import NOW, PRICE, Figures, Scene, counts, figures, lines_of
from tests.builders.offers import set_terms
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

D = Decimal


pytestmark = pytest.mark.usefixtures("stopped")


@pytest.fixture
def stock() -> str:
    return "300"


class Arrived:
    """A confirmed order of 100 kg, all of it sent, at its doors."""

    def __init__(self, client: Client, there: Scene) -> None:
        self.order_id = marketplace.confirmed(there, "100").order.id
        marketplace.ship(there, self.order_id, "100")
        [line] = lines_of(self.order_id)
        self.path, self.line_id = f"/orders/{self.order_id}", str(line.id)
        self.buyer, self.clerk = Door(client, there.buyer), Door(client, there.clerk)

    def weigh(self, weighed: str, **said: Any) -> Any:
        """Take in what the scale says."""
        line = {"order_line_id": self.line_id, "weighed_quantity": weighed, **said}
        return self.buyer.post(f"{self.path}/receipts", {"lines": [line]})


@pytest.fixture
def arrived(client: Client, there: Scene) -> Arrived:
    return Arrived(client, there)


def test_within_the_tolerance_all_is_paid_and_no_more(there: Scene, arrived: Arrived) -> None:
    taken = json_of(arrived.weigh("100.4"), 201)
    assert (taken["fulfilment_status"], taken["accepted_fen"]) == ("accepted", 100 * PRICE)
    [scale] = taken["weighings"]
    assert (scale["sent_quantity"], scale["weighed_quantity"]) == ("100.000", "100.400")
    assert scale["tolerance_bp"] == 100
    assert figures(there).capacity == (D(0), D(100))


def test_what_is_missing_comes_free_on_all_three_gates_at_once(
    there: Scene, arrived: Arrived
) -> None:
    assert problem_of(arrived.weigh("90")) == (422, "over_tolerance", "/lines/0/weighed_quantity")
    assert (figures(there).stock, counts(Weighing)["weighing"]) == ((D(0), D(100)), 0)
    taken = json_of(arrived.weigh("90", rejected_quantity="5", reason_code="weight"), 201)
    assert taken["accepted_fen"] == 85 * PRICE
    [line] = taken["lines"]
    assert (line["rejected_quantity"], line["reason_code"]) == ("15.000", "weight")
    assert figures(there) == Figures((85 * PRICE, 0), (D(0), D(85)), (D(0), D(85)))


def test_a_picture_is_seen_by_both_sides_and_by_nobody_else(
    client: Client, there: Scene, arrived: Arrived
) -> None:
    seen = str(photo(there.by("buyer"), arrived.order_id))
    said = {"rejected_quantity": "3", "reason_code": "spoiled", "photo_ids": [seen]}
    taken = json_of(arrived.weigh("100", **said), 201)
    assert [one["document_id"] for one in taken["photos"]] == [seen]
    [shown] = json_of(arrived.clerk.get(f"{arrived.path}/receipts"))["items"]
    assert (shown["photos"], shown["lines"][0]["reason_code"]) == (taken["photos"], "spoiled")
    stranger = registry.user(registry.organisation(), [Role.COOP_CLERK])
    others = {"clerk": there.clerk, "buyer": there.buyer, "stranger": stranger}
    answers = {
        name: Door(client, user).get(f"/documents/{seen}/content").status_code
        for name, user in others.items()
    }
    assert answers == {"clerk": 200, "buyer": 200, "stranger": 404}
    unseen = registry.actor_of(stranger)
    assert not is_subject_in_sight(unseen, kind="delivery", subject_id=arrived.order_id)


def test_a_picture_of_something_else_is_refused(there: Scene, arrived: Arrived) -> None:
    other = marketplace.confirmed(there, "1").order.id
    foreign = str(photo(there.by("buyer"), other))
    for wrong in (foreign, str(new_id())):
        answer = arrived.weigh("100", photo_ids=[wrong])
        assert problem_of(answer) == (422, "photo_unfit", "/lines/0/photo_ids/0")
    assert counts(ReceiptPhoto) == {"receipt_photo": 0}


def test_readings_raise_the_flag_on_the_shipment(client: Client, there: Scene) -> None:
    set_terms(there, storage_band="chilled", storage_min_c=0, storage_max_c=4)
    cold = Arrived(client, there)
    [sent] = json_of(cold.buyer.get(f"{cold.path}/shipments"))["items"]
    path = f"/shipments/{sent['id']}/temperatures"
    reading = {"device": "T1", "read_at": NOW.isoformat(), "tenths_c": 81}
    [chain] = json_of(cold.clerk.post(path, {"readings": [reading]}), 201)["items"]
    assert (chain["storage_band"], chain["breached_at"] is not None) == ("chilled", True)
    [shown] = json_of(cold.buyer.get(f"{cold.path}/shipments"))["items"]
    assert shown["cold_chains"] == [chain]
    assert [one["tenths_c"] for one in json_of(cold.buyer.get(path))["items"]] == [81]
    assert code_of(cold.clerk.post(path, {"readings": [reading]})) == (409, "reading_known")
    later = {**reading, "read_at": "2026-06-02T00:00:00Z"}
    answer = cold.clerk.post(path, {"readings": [later]})
    assert problem_of(answer) == (422, "reading_out_of_time", "/readings/0/read_at")


def test_the_form_of_an_acceptance_is_printed(arrived: Arrived) -> None:
    taken = json_of(arrived.weigh("90", reason_code="other", reason="少十公斤"), 201)
    first, again = (arrived.clerk.get(f"/receipts/{taken['id']}/acceptance") for _ in range(2))
    assert (first.mimetype, first.data[:5]) == ("application/pdf", b"%PDF-")
    assert first.data == again.data
    assert code_of(arrived.clerk.get(f"/receipts/{new_id()}/acceptance")) == (404, "not_found")


def test_a_contract_is_what_both_sides_signed(client: Client, there: Scene) -> None:
    buyer, clerk = Door(client, there.buyer), Door(client, there.clerk)
    order = marketplace.placed(there, "10").order
    path = f"/orders/{order.id}"
    assert code_of(buyer.get(f"{path}/contract")) == (409, "wrong_state")
    json_of(clerk.post(f"{path}/confirm"))
    paper = buyer.get(f"{path}/contract")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert paper.data == clerk.get(f"{path}/contract").data
    signed = json_of(clerk.get(f"{path}/contract/statement"))
    content = signed["statement"].encode()
    assert signed["digest"] == hashlib.sha256(content).hexdigest()
    key = public_keys()[signed["key_id"]]
    seal = b64decode(signed["signature"])
    assert verify(content, signature=seal, public_key=key)
    assert not verify(content + b" ", signature=seal, public_key=key)
    said = json.loads(content)
    assert (said["number"], said["total_fen"]) == (order.number, 10 * PRICE)
    assert [one["quantity"] for one in said["lines"]] == ["10.000"]
    hands = [(one["side"], one["act"], one["user_id"]) for one in said["signatures"]]
    assert hands == [
        ("buyer", "placed", str(there.buyer.id)),
        ("supplier", "confirmed", str(there.clerk.id)),
    ]
    assert "何示一" not in signed["statement"]
    stranger = Door(client, marketplace.scene().clerk)
    assert code_of(stranger.get(f"{path}/contract")) == (404, "not_found")
    assert counts(OrderContract) == {"order_contract": 1}
