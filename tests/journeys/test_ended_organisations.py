"""An organisation ends: nothing new is bought from it or for it, and what was accepted goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from kernel.audit import AuditRow
from kernel.database import db
from kernel.unit_of_work import run
from marketplace.catalogue.models.listings import ListingStatus
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import TODAY, body_of, lines_of, listing_of, new_order
from tests.journeys.market import Market, accepted, opened
from tests.marketplace.doors import Door, code_of, json_of

UNIT = OrganisationKind.BUDGET_UNIT
DAY = {"effective_on": TODAY.isoformat(), "source": "编办〔2026〕1号"}


@pytest.fixture
def market(fresh: Flask) -> Iterator[Market]:
    with opened(fresh) as made:
        yield made


def door_of(market: Market, organisation: Organisation, role: Role) -> Door:
    return Door(market.public.client, run(lambda: registry.user(organisation, [role])))


def end(market: Market, one: Organisation, act: str, successor: Organisation | None = None) -> None:
    """Let the platform's administrator merge or abolish an organisation."""
    platform = run(lambda: registry.organisation(OrganisationKind.PLATFORM, "000000"))
    admin = door_of(market, platform, Role.PLATFORM_ADMIN)
    body = DAY | ({"successor_id": str(successor.id)} if successor else {})
    json_of(admin.post(f"/organisations/{one.id}/{act}", body, version=1))


def abolish(market: Market) -> None:
    end(market, market.scene.cooperative, "abolish")


def merge(market: Market) -> None:
    end(market, market.scene.cooperative, "merge", run(registry.organisation))


def seen_by_its_own(market: Market) -> tuple[str, str | None]:
    shown = json_of(market.clerk.get(f"/listings/{market.scene.listing_id}"))
    return shown["status"], shown["blocked_for"]


def blockings() -> int:
    wanted = AuditRow.action == "listing_blocked"
    return run(lambda: db.session.scalar(select(func.count()).where(wanted)) or 0)


@pytest.mark.parametrize("ending", [merge, abolish])
def test_the_next_order_from_a_seller_that_ended_is_refused(market: Market, ending: Any) -> None:
    listing = f"/listings/{market.scene.listing_id}"
    assert market.found() == [str(market.scene.listing_id)]
    ending(market)
    for _ in range(2):
        answer = market.order()
        assert code_of(answer) == (409, "supplier_ended")
        assert answer.json["figures"]["ended_on"] == TODAY.isoformat()
        assert market.found() == []
        assert code_of(market.public.get(listing)) == (404, "not_found")
        market.hear_news()
    assert seen_by_its_own(market) == ("blocked", "supplier")
    assert market.broken_promises() == []


@pytest.mark.parametrize("ending", [merge, abolish])
def test_what_a_seller_that_ended_had_accepted_is_delivered_and_paid(
    market: Market, ending: Any
) -> None:
    order = f"/orders/{accepted(market)}"
    waiting = json_of(market.order(), 201)["id"]
    ending(market)
    market.hear_news()
    line = str(run(lambda: lines_of(order.removeprefix("/orders/")))[0].id)  # type: ignore[arg-type]
    sent = {"carrier": "演示冷链", "lines": [{"order_line_id": line, "quantity": "10"}]}
    json_of(market.clerk.post(f"{order}/shipments", sent | {"final": True}), 201)
    taken = {"order_line_id": line, "accepted_quantity": "10", "rejected_quantity": "0"}
    json_of(market.buyer.post(f"{order}/receipts", {"lines": [taken]}), 201)
    finance = door_of(market, market.scene.unit, Role.UNIT_FINANCE)
    manager = door_of(market, market.scene.cooperative, Role.COOP_MANAGER)
    money = {"method": "bank_transfer", "amount_fen": 30_000, "reference": "T1"}
    paid = json_of(finance.post(f"{order}/payments", money), 201)
    json_of(manager.post(f"/payments/{paid['id']}/confirm"))
    market.hear_news()
    shown = json_of(market.buyer.get(order))
    assert (shown["order_status"], shown["payment_status"]) == ("completed", "paid")
    assert code_of(market.clerk.post(f"/orders/{waiting}/confirm")) == (403, "organisation_closed")
    json_of(market.clerk.post(f"/orders/{waiting}/cancel", {"reason": "已合并"}))
    assert market.broken_promises() == []


@pytest.mark.parametrize("ending", [merge, abolish])
def test_nothing_is_offered_by_whom_has_ended(market: Market, ending: Any) -> None:
    ending(market)
    path = f"/listings/{market.scene.listing_id}"
    for door, body in ((f"{path}/publish", None), ("/listings", {}), ("/lots", {})):
        assert code_of(market.clerk.post(door, body)) == (403, "organisation_closed")


def test_its_certificates_are_suspended_for_good_and_once(market: Market) -> None:
    merge(market)
    number = f"/certificates/{market.scene.certificate.number}"
    assert json_of(market.public.get(number))["status"] == "in_force"
    for _ in range(2):
        market.hear_news()
        shown = json_of(market.public.get(number))
        assert shown["status"] == "suspended"
        assert [one["kind"] for one in shown["changes"]] == ["granted", "suspended"]
    assert blockings() == 1 or seen_by_its_own(market)[1] == "supplier"
    again = market.county.post(f"{market.certificate}/reinstate", {"reason": "复核"})
    assert code_of(again) == (409, "organisation_ended")
    json_of(market.county.post(f"{market.certificate}/revoke", {"reason": "主体灭失"}))
    market.hear_news()
    assert seen_by_its_own(market) == ("blocked", "supplier")
    assert market.broken_promises() == []


def test_a_blocked_listing_of_an_ended_seller_is_told_as_the_sellers(market: Market) -> None:
    market.stop("suspend")
    market.hear_news()
    assert seen_by_its_own(market) == ("blocked", "certificate")
    abolish(market)
    market.hear_news()
    assert seen_by_its_own(market) == ("blocked", "supplier")
    assert blockings() == 2


def test_other_sellers_go_on(market: Market) -> None:
    other = run(registry.organisation)
    end(market, other, "merge", market.scene.cooperative)
    market.hear_news()
    json_of(market.order(), 201)
    assert run(lambda: listing_of(market.scene.listing_id).status) is ListingStatus.LISTED


def order_for_the_school(door: Door, market: Market) -> Any:
    return door.post("/orders", body_of(new_order(market.scene, "1")))


def test_who_buys_for_a_merged_unit_is_told_its_successor(market: Market) -> None:
    heir, elsewhere = run(lambda: (registry.organisation(UNIT), registry.organisation(UNIT)))
    buyer = door_of(market, heir, Role.CANTEEN_BUYER)
    stranger = door_of(market, elsewhere, Role.CANTEEN_BUYER)
    assert code_of(order_for_the_school(buyer, market)) == (404, "not_found")
    end(market, market.scene.unit, "merge", heir)
    answer = order_for_the_school(buyer, market)
    assert code_of(answer) == (409, "unit_ended")
    assert answer.json["figures"] == {
        "ended_on": TODAY.isoformat(),
        "successor_id": str(heir.id),
        "successor": heir.name,
    }
    assert heir.name in answer.json["detail"]
    (error,) = answer.json["errors"]
    assert (error["pointer"], error["code"]) == ("/bound_unit_id", "unit_ended")
    assert code_of(order_for_the_school(market.buyer, market)) == (403, "organisation_closed")
    assert code_of(order_for_the_school(stranger, market)) == (404, "not_found")


def test_a_contractor_of_a_merged_unit_is_told_its_successor(market: Market) -> None:
    kind = OrganisationKind.CANTEEN_CONTRACTOR
    heir = run(lambda: registry.organisation(UNIT))
    contractor = run(lambda: registry.organisation(kind, supervising=market.scene.unit))
    buyer = door_of(market, contractor, Role.CONTRACTOR_BUYER)
    json_of(order_for_the_school(buyer, market), 201)
    end(market, market.scene.unit, "merge", heir)
    answer = order_for_the_school(buyer, market)
    assert code_of(answer) == (409, "unit_ended")
    assert answer.json["figures"]["successor"] == heir.name


def test_who_buys_for_an_abolished_unit_is_told_that_nothing_took_its_place(
    market: Market,
) -> None:
    superior = run(lambda: registry.organisation(UNIT))
    school = run(lambda: registry.organisation(UNIT, supervising=superior))
    buyer = door_of(market, superior, Role.CANTEEN_BUYER)
    end(market, school, "abolish")
    wanted = body_of(new_order(market.scene, "1", bound_unit_id=school.id))
    refused: Any = buyer.post("/orders", wanted)
    assert code_of(refused) == (409, "unit_ended")
    assert refused.json["figures"]["successor_id"] is None
    assert "承接单位：无" in refused.json["detail"]


def test_what_a_merged_unit_ordered_is_taken_in_by_its_successor(market: Market) -> None:
    order = f"/orders/{accepted(market)}"
    heir = run(lambda: registry.organisation(UNIT))
    end(market, market.scene.unit, "merge", heir)
    market.hear_news()
    line = str(run(lambda: lines_of(order.removeprefix("/orders/")))[0].id)  # type: ignore[arg-type]
    sent = {"carrier": "演示冷链", "lines": [{"order_line_id": line, "quantity": "10"}]}
    json_of(market.clerk.post(f"{order}/shipments", sent | {"final": True}), 201)
    half = {"order_line_id": line, "accepted_quantity": "5", "rejected_quantity": "0"}
    for door in (door_of(market, heir, Role.CANTEEN_BUYER), market.buyer):
        json_of(door.post(f"{order}/receipts", {"lines": [half]}), 201)
    assert json_of(market.clerk.get(order))["fulfilment_status"] == "accepted"
