"""The doors to orders: each status, body and code."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from kernel.database import db
from kernel.idempotency import IdempotencyKey
from kernel.identity import new_id
from procurement.approvals.models import ApprovalThreshold
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, PRICE, Scene, body_of, figures, held, new_order
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

pytestmark = pytest.mark.usefixtures("stopped")


def body(there: Scene, *quantities: str, **changes: Any) -> dict[str, Any]:
    return body_of(new_order(there, *(quantities or ("10",)), **changes))


def threshold(there: Scene) -> None:
    limit = ApprovalThreshold(
        id=new_id(),
        unit_id=there.unit.id,
        amount_fen=PRICE,
        from_on=date(2026, 1, 1),
        source="test",
        created_at=NOW,
    )
    db.session.add(limit)
    db.session.flush()


def test_a_placed_order_answers_with_states_totals_and_holds(there: Scene, buyer: Door) -> None:
    answer = buyer.post("/orders", body(there, "10", "2"))
    made = json_of(answer, 201)
    assert answer.headers["ETag"] == '"1"'
    assert made["number"].startswith("BF-O-2026-440203-")
    expected = {
        "kind": "reserved_share",
        "buyer_id": str(there.unit.id),
        "bound_unit_id": str(there.unit.id),
        "supplier_id": str(there.cooperative.id),
        "author_id": str(there.buyer.id),
        "year": 2026,
        "fund": "canteen",
        "pay_mode": "goods_first",
        "order_status": "placed",
        "fulfilment_status": "unshipped",
        "payment_status": "unpaid",
        "goods_fen": 12 * PRICE,
        "freight_fen": 0,
        "total_fen": 12 * PRICE,
        "accepted_fen": 0,
        "paid_fen": 0,
        "refunded_fen": 0,
        "expires_at": None,
        "dedication": None,
        "version": 1,
    }
    assert {name: made[name] for name in expected} == expected
    assert [(one["quantity"], one["unit"], one["amount_fen"]) for one in made["lines"]] == [
        ("10.000", "kg", 10 * PRICE),
        ("2.000", "kg", 2 * PRICE),
    ]
    first, second = (line["id"] for line in made["lines"])
    number = there.certificate.number
    [lot] = marketplace.lots_of(there.listing_id)
    assert made["holds"] == {
        "quota": [{"origin_kind": "provincial_village", "amount_fen": 12 * PRICE}],
        "capacity": [
            {
                "order_line_id": line_id,
                "certificate_number": number,
                "quantity": quantity,
                "unit": "kg",
            }
            for line_id, quantity in ((first, "10.000"), (second, "2.000"))
        ],
        "stock": [
            {"order_line_id": line_id, "lot_id": str(lot.id), "quantity": quantity, "unit": "kg"}
            for line_id, quantity in ((first, "10.000"), (second, "2.000"))
        ],
    }
    assert made["delivery"]["contact"] == "何" + "*" * 14


def test_the_same_key_gives_the_same_order_and_no_contact_is_kept(
    there: Scene, buyer: Door
) -> None:
    first = buyer.post("/orders", body(there), key="k1")
    again = buyer.post("/orders", body(there), key="k1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json == again.json
    assert figures(there) == held(10 * PRICE, "10", "10")
    other = buyer.post("/orders", body(there, "11"), key="k1")
    assert code_of(other) == (422, "idempotency_key_reused")
    kept = db.session.scalars(select(IdempotencyKey.body)).all()
    assert kept
    assert not any(b"13800001234" in (one or b"") for one in kept)


def test_a_key_is_required(there: Scene, buyer: Door) -> None:
    answer = buyer.post("/orders", body(there), key=None)
    assert code_of(answer) == (400, "idempotency_key_required")


def test_who_may_not_place_is_told_before_the_body_is_read(client: Client, there: Scene) -> None:
    assert code_of(Door(client).post("/orders", {"not": "read"})) == (401, "unauthenticated")
    for user in (there.clerk, there.approver):
        assert code_of(Door(client, user).post("/orders", {})) == (403, "forbidden")


@pytest.mark.parametrize(
    ("scene", "quantity", "code"),
    [
        ({"ceiling": 9 * PRICE}, "10", "quota_exceeded"),
        ({"capacity": "9"}, "10", "capacity_exceeded"),
        ({"stock": "9"}, "10", "stock_short"),
    ],
)
def test_each_gate_refuses_with_its_code_and_figures(
    client: Client, scene: dict[str, Any], quantity: str, code: str
) -> None:
    there = marketplace.scene(**scene)
    answer = Door(client, there.buyer).post("/orders", body(there, quantity))
    assert code_of(answer) == (409, code)
    figures_shown = json_of(answer, 409)["figures"]
    available = figures_shown.get("available_fen", figures_shown.get("available"))
    assert str(available) in {str(9 * PRICE), "9.000"}
    assert figures(there) == held()


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"extra": 1}, "unknown_field", "/extra"),
        ({"lines": []}, "invalid", "/lines"),
        ({"lines": [{"quantity": "1"}]}, "invalid", "/lines/0/listing_id"),
        ({"year": 2025}, "year_not_open", "/year"),
        ({"kind": "commissioned_farming"}, "plot_not_adopted", "/kind"),
        ({"kind": "gift"}, "invalid", "/kind"),
        ({"kind": "purchase_instead_of_donation"}, "dedication_missing", "/dedication"),
        (
            {"dedication": {"village_codes": ["440203103801"]}},
            "dedication_unexpected",
            "/dedication",
        ),
        ({"dedication": {}}, "invalid", "/dedication"),
        ({"delivery": {}}, "invalid", "/delivery/address"),
        ({"pay_mode": None}, "invalid", "/pay_mode"),
    ],
)
def test_what_cannot_be_taken_is_named(
    there: Scene, buyer: Door, changes: dict[str, Any], code: str, pointer: str
) -> None:
    answer = buyer.post("/orders", body(there) | changes)
    assert problem_of(answer) == (422, code, pointer)
    assert figures(there) == held()


@pytest.mark.parametrize("quantity", [10, "10.0001", "-1", "0", "1e3", "", None, "99999999999999"])
def test_a_quantity_is_text_with_three_places(there: Scene, buyer: Door, quantity: Any) -> None:
    wrong = [{"listing_id": str(there.listing_id), "quantity": quantity}]
    answer = buyer.post("/orders", body(there) | {"lines": wrong})
    assert problem_of(answer) == (422, "invalid", "/lines/0/quantity")


def test_off_step_unknown_listing_and_foreign_unit(client: Client, there: Scene) -> None:
    buyer = Door(client, there.buyer)
    answer = buyer.post("/orders", body(there, "1.5"))
    assert problem_of(answer) == (422, "quantity_off_step", "/lines/0/quantity")
    unknown = [{"listing_id": str(new_id()), "quantity": "1"}]
    answer = buyer.post("/orders", body(there) | {"lines": unknown})
    assert problem_of(answer) == (422, "invalid", "/lines/0/listing_id")
    stranger = registry.organisation(OrganisationKind.BUDGET_UNIT)
    answer = buyer.post("/orders", body(there) | {"bound_unit_id": str(stranger.id)})
    absent = buyer.post("/orders", body(there) | {"bound_unit_id": str(new_id())})
    assert code_of(answer) == code_of(absent) == (404, "not_found")


def test_the_way_of_an_order_through_its_doors(client: Client, there: Scene) -> None:
    threshold(there)
    buyer, approver, clerk = (
        Door(client, one) for one in (there.buyer, there.approver, there.clerk)
    )
    made = json_of(buyer.post("/orders", body(there)), 201)
    path = f"/orders/{made['id']}"
    assert made["order_status"] == "pending_approval"
    assert code_of(buyer.post(f"{path}/approve")) == (403, "forbidden")
    assert code_of(clerk.post(f"{path}/confirm")) == (409, "wrong_state")
    assert code_of(approver.post(f"{path}/approve", version=9)) == (412, "version_stale")
    approved = approver.post(f"{path}/approve", version=1)
    assert (json_of(approved)["order_status"], approved.headers["ETag"]) == ("placed", '"2"')
    assert json_of(clerk.post(f"{path}/confirm"))["order_status"] == "confirmed"
    assert problem_of(buyer.post(f"{path}/cancel", {"reason": "迟" * 501})) == (
        422,
        "invalid",
        "/reason",
    )
    ended = json_of(buyer.post(f"{path}/cancel", {"reason": "菜单调整"}))
    assert (ended["order_status"], ended["close_reason"]) == ("cancelled", "菜单调整")
    assert ended["holds"] == {"quota": [], "capacity": [], "stock": []}
    assert figures(there) == held()


def test_one_person_does_not_order_and_approve(client: Client, there: Scene) -> None:
    threshold(there)
    both = registry.user(there.unit, [Role.CANTEEN_BUYER, Role.UNIT_APPROVER])
    door = Door(client, both)
    made = json_of(door.post("/orders", body(there)), 201)
    for act, said in (("approve", None), ("reject", {"reason": "超出计划"})):
        assert code_of(door.post(f"/orders/{made['id']}/{act}", said)) == (409, "same_person")
    other = Door(client, there.approver)
    rejected = json_of(other.post(f"/orders/{made['id']}/reject", {"reason": "超出计划"}))
    assert rejected["order_status"] == "cancelled"


def test_an_order_is_shown_to_its_sides_and_hidden_from_others(
    client: Client, there: Scene
) -> None:
    made = json_of(Door(client, there.buyer).post("/orders", body(there)), 201)
    path = f"/orders/{made['id']}"
    for user in (there.buyer, there.clerk):
        shown = json_of(Door(client, user).get(path))
        assert shown["delivery"]["contact"] == "何示一 13800001234"
        assert {name: shown[name] for name in made if name != "delivery"} == {
            name: made[name] for name in made if name != "delivery"
        }
    office = registry.organisation(OrganisationKind.AUTHORITY)
    watcher = Door(client, registry.user(office, [Role.MONITOR]))
    assert json_of(watcher.get(path))["delivery"]["contact"] is None
    stranger = Door(client, marketplace.scene().buyer)
    assert code_of(stranger.get(path)) == (404, "not_found")
    assert code_of(stranger.post(f"{path}/cancel", {"reason": "x"})) == (404, "not_found")


def test_orders_are_listed_in_pages_the_newest_first(client: Client, there: Scene) -> None:
    buyer = Door(client, there.buyer)
    made = [json_of(buyer.post("/orders", body(there, "1")), 201)["id"] for _ in range(3)]
    first = json_of(buyer.get("/orders", limit=2))
    rest = json_of(buyer.get("/orders", limit=2, cursor=first["next_cursor"]))
    found = [one["id"] for one in first["items"] + rest["items"]]
    assert (sorted(found), rest["next_cursor"]) == (sorted(made), None)
    assert "delivery" not in first["items"][0]
    assert json_of(buyer.get("/orders", order_status="confirmed"))["items"] == []
    assert problem_of(buyer.get("/orders", colour="red")) == (422, "unknown_field", "/colour")
