"""Pages of a cooperative: they show what the API gives, do what it lets do, and keep refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from console.widgets.formats import percent, quantity, yuan
from kernel import clock
from marketplace.catalogue.models.listings import PayMode
from registry.accounts.models import Role
from tests.builders import certification, marketplace, payouts, registry, settlement
from tests.builders.marketplace import NOW
from tests.builders.offers import picture
from tests.conftest import Client
from tests.console.visitor import Visitor


@pytest.fixture(autouse=True)
def _stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


def test_the_day_shows_what_waits_and_opens_for_its_roles_only(client: Client) -> None:
    there = marketplace.scene()
    order = marketplace.placed(there, "5")
    registry.document(there.cooperative, there.clerk, valid_until_on=date(2026, 6, 20))
    clerk = Visitor.of(client, there.clerk)
    page = clerk.open("/cooperative")
    (item,) = clerk.ask("/orders?order_status=placed")["items"]
    assert item["number"] in page
    assert yuan(item["total_fen"]) in page
    assert "还剩 19 天" in page
    Visitor.of(client, there.buyer).open("/cooperative", 403)
    other = registry.user(registry.organisation(), [Role.COOP_CLERK])
    assert item["number"] not in Visitor.of(client, other).open("/cooperative")
    Visitor.of(client, other).open(f"/cooperative/orders/{order.order.id}", 404)
    client.delete_cookie("bangfu_session")
    assert "/sign-in" in client.get("/cooperative").headers["Location"]


def test_an_order_is_taken_on_and_sent_by_lot_what_expires_first_first(client: Client) -> None:
    there = marketplace.scene(stock="0")
    by = there.by("clerk")
    marketplace.lot(there.listing_id, "4", by=by, expires_on=date(2026, 9, 1))
    marketplace.lot(there.listing_id, "6", by=by, expires_on=date(2026, 7, 1))
    order = marketplace.placed(there, "8").order
    clerk = Visitor.of(client, there.clerk)
    path = f"/cooperative/orders/{order.id}"
    assert clerk.send(f"{path}/confirm", "orders.confirm") == path
    page = clerk.open(f"{path}/ship")
    assert page.index("2026年7月1日") < page.index("2026年9月1日")
    refused = clerk.send(
        f"{path}/ship", "deliveries.ship", 422, carrier="顺丰", **{"lines-0-quantity": "9"}
    )
    assert 'value="9"' in refused
    assert 'value="顺丰"' in refused
    assert clerk.ask(f"/orders/{order.id}")["fulfilment_status"] == "unshipped"
    typed: dict[str, Any] = {"lines-0-quantity": "6", "lines-1-quantity": "2"}
    assert clerk.send(f"{path}/ship", "deliveries.ship", carrier="顺丰", **typed) == path
    shown = clerk.ask(f"/orders/{order.id}")
    assert shown["fulfilment_status"] == "shipped"
    page = clerk.open(path)
    assert yuan(shown["total_fen"]) in page
    assert quantity(shown["lines"][0]["shipped_quantity"]) in page
    assert clerk.open(f"{path}/ship").count("这张订单已全部发出。") == 1


def test_money_is_confirmed_by_the_manager_only(client: Client) -> None:
    there = settlement.market()
    order_id = settlement.ordered(there, "10", mode=PayMode.GOODS_FIRST)
    settlement.shipped(there, order_id, (10, there.lots[0]))
    settlement.received(there, order_id, "10")
    paid = settlement.paid(there, order_id, 30_000, confirm=False)
    path = f"/cooperative/payments/{paid.id}/confirm"
    clerk, manager = Visitor.of(client, there.clerk), Visitor.of(client, there.manager)
    clerk.open(path, 403)
    assert "确认到账" not in clerk.open(f"/cooperative/orders/{order_id}")
    assert yuan(30_000) in manager.open(path)
    assert manager.send(path, "settlement.confirm") == f"/cooperative/orders/{order_id}"
    assert manager.ask(f"/payments/{paid.id}")["status"] == "confirmed"


def test_a_lot_is_recorded_by_household_and_a_wrong_row_is_kept(client: Client) -> None:
    there = settlement.market()
    clerk = Visitor.of(client, there.clerk)
    codes = [one["code"] for one in clerk.ask("/households")["items"]]
    page = clerk.open("/cooperative/lots/new")
    assert all(code in page for code in codes)
    typed: dict[str, Any] = {
        "listing_id": str(there.listing_id),
        "harvested_on": "2026-05-30",
        "unit": "kg",
        "own_quantity": "2",
        "contributions-1-quantity": "12",
        "contributions-1-price": "zwölf",
    }
    before = len(clerk.ask("/lots")["items"])
    refused = clerk.send("/cooperative/lots/new", "lots.record", 422, **typed)
    assert 'value="zwölf"' in refused
    assert 'href="#f-contributions-0-farm_price_fen"' in refused
    assert 'id="f-contributions-0-farm_price_fen"' in refused
    assert len(clerk.ask("/lots")["items"]) == before
    typed["contributions-1-price"] = "18.50"
    made = clerk.send("/cooperative/lots/new", "lots.record", **typed)
    lot = clerk.ask(f"/lots/{made.rpartition('/')[2]}")
    assert [one["farm_price_fen"] for one in lot["contributions"]] == [1_850]
    page = clerk.open(made)
    assert lot["contributions"][0]["household_code"] in page
    assert yuan(1_850) in page


def test_a_lot_is_adjusted_split_and_paid(client: Client) -> None:
    there = settlement.market()
    proof = registry.document(there.cooperative, there.clerk, "payment_proof")
    clerk = Visitor.of(client, there.clerk)
    path = f"/cooperative/lots/{there.lots[0]}"
    clerk.send(f"{path}/adjust", "lots.adjust", kind="spoiled", quantity="3", reason="受潮")
    clerk.send(f"{path}/split", "lots.split", quantity="7", reason="分两处存放")
    clerk.send(f"{path}/pay", "lots.pay", paid_on="2026-06-01", document_id=str(proof.id))
    lot = clerk.ask(f"/lots/{there.lots[0]}")
    assert {one["paid_on"] for one in lot["contributions"]} == {"2026-06-01"}
    assert "受潮" in clerk.open(path)
    assert "没有找到" in clerk.open("/cooperative/lots/" + str(proof.id), 404)


def test_a_listing_is_described_priced_and_put_on_sale(client: Client) -> None:
    there = marketplace.scene()
    clerk = Visitor.of(client, there.clerk)
    new = "/cooperative/listings/new"
    typed: dict[str, Any] = {
        "certificate_id": str(there.certificate.id),
        "title": "演示碎米",
        "unit": "kg",
        "step": "5",
        "tiers__0__min_quantity": "50",
        "tiers__0__unit_price_fen": "24",
    }
    refused = clerk.send(new, "listings.create", 422, **typed)
    assert 'value="演示碎米"' in refused
    assert "f-unit_price_fen-error" in refused
    made = clerk.send(new, "listings.create", **typed, unit_price_fen="25.50")
    key = made.rpartition("/")[2]
    assert clerk.ask(f"/listings/{key}")["status"] == "draft"
    assert clerk.send(f"{made}/publish", "listings.publish") == made
    clerk.send(f"{made}/change", "listings.change", unit_price_fen="26")
    shown = clerk.ask(f"/listings/{key}")
    assert (shown["status"], shown["unit_price_fen"]) == ("listed", 2_600)
    assert [one["unit_price_fen"] for one in shown["tiers"]] == [2_400]
    page = clerk.open(made)
    assert yuan(2_600) in page
    assert yuan(2_550) in page
    clerk.send(f"{made}/delist", "listings.delist")
    assert clerk.ask(f"/listings/{key}")["status"] == "delisted"


def test_an_application_comes_back_with_its_reasons_at_the_fields(client: Client) -> None:
    people = certification.cast()
    clerk = Visitor.of(client, people.clerk)
    body = certification.body(people)
    typed: dict[str, Any] = {
        name: one for name, one in body.items() if one and not isinstance(one, bool)
    }
    typed |= {"unit_price_fen": "6.80", "goods_value_fen": "6800"}
    refused = clerk.send("/cooperative/applications/new", "applications.draft", 422, **typed)
    assert "f-pledge-error" in refused
    assert clerk.ask("/certification/applications")["items"] == []
    typed["pledge"] = "true"
    made = clerk.send("/cooperative/applications/new", "applications.draft", **typed)
    key = made.rpartition("/")[2]
    assert "已完成" in clerk.open(made)
    clerk.send(f"{made}/submit", "applications.submit")
    town = registry.token_of(people.reviewers["town"])
    reasons = [{"pointer": "/specification", "text": "请写明等级"}]
    verdict = {"decision": "return", "opinion": "退回", "reasons": reasons}
    client.post(f"/api/v1/certification/applications/{key}/reviews", json=verdict, token=town)
    assert "请写明等级" in clerk.open("/cooperative/applications/" + key)
    edit = clerk.open(f"{made}/edit")
    assert 'id="f-specification-hint">退回原因：请写明等级' in edit
    clerk.send(f"{made}/edit", "applications.edit", **{**typed, "specification": "特级"})
    clerk.send(f"{made}/submit", "applications.submit")
    assert "特级" in clerk.open(f"{made}/versions")


def test_capacity_used_is_that_of_the_api(client: Client) -> None:
    there = marketplace.scene(capacity="200")
    marketplace.confirmed(there, "50")
    clerk = Visitor.of(client, there.clerk)
    number = there.certificate.number
    (year,) = clerk.ask(f"/certificates/{number}/capacities")["items"]
    path = f"/cooperative/certificates/{number}"
    for page in (clerk.open("/cooperative/certificates"), clerk.open(path)):
        assert percent(year["used_bp"] / 10_000) in page
        assert quantity(year["declared"]) in page
    assert client.get(f"{path}/paper").data.startswith(b"%PDF")
    clerk.send(
        f"{path}/scope", "certificate_scope.ask",
        product_name="演示丝苗米", specification="特级", yearly_quantity="200", reason="升级",
    )  # fmt: skip
    assert "升级" in clerk.open(path)


def test_money_reaches_households_by_list_with_proof(client: Client) -> None:
    stage = payouts.paying()
    clerk = Visitor.of(client, stage.there.clerk)
    manager = Visitor.of(client, stage.there.manager)
    made = clerk.send("/cooperative/payouts/new", "payouts.draw_up")
    clerk.open(f"{made}/issue", 403)
    manager.send(f"{made}/issue", "payouts.issue")
    clear = manager.send(f"{made}/reveal", "payouts.reveal", 200, purpose="银行代发")
    assert "何示一" in clear
    refused = clerk.send(
        f"{made}/pay", "payouts.pay", 422, document_id=str(stage.proof.id), paid_on=""
    )
    assert "f-paid_on-error" in refused
    signed: dict[str, Any] = {"paid_on": "2026-06-01", "file": (BytesIO(picture()), "signed.jpg")}
    clerk.send(f"{made}/pay", "payouts.pay", **signed)
    key = made.rpartition("/")[2]
    (proof,) = {
        one["document_id"] for one in clerk.ask(f"/attribution/payout-lines?list_id={key}")["items"]
    }
    assert clerk.ask(f"/documents/{proof}")["kind"] == "signature_photo"
    shown = clerk.ask(f"/attribution/payout-lists/{key}")
    assert shown["paid_out_fen"] == shown["total_fen"] == sum(payouts.SHARES)
    page = clerk.open(made)
    assert yuan(shown["paid_out_fen"]) in page
    assert "何示一" not in page
    assert client.get(f"{made}/paper").data.startswith(b"%PDF")


def test_a_household_has_its_statement(client: Client) -> None:
    stage = payouts.paying()
    clerk = Visitor.of(client, stage.there.clerk)
    one = stage.there.households[0]
    assert one.code in clerk.open("/cooperative/members")
    page = clerk.open(f"/cooperative/members/{one.id}")
    stated = clerk.ask(f"/attribution/statements?party=household:{one.id}")
    assert yuan(stated["households"]["attributed_fen"]) in page
    assert client.get(f"/cooperative/members/{one.id}/statement").data.startswith(b"%PDF")
    link = clerk.ask(f"/benefit-links?household_id={one.id}")["items"][0]["id"]
    clerk.send(f"/cooperative/members/{link}/end", "benefit_links.end_link", until_on="2026-05-31")
    assert "2026年5月31日" in clerk.open("/cooperative/members")


def test_a_surplus_is_drawn_up_and_approved_by_somebody_else(client: Client) -> None:
    stage = payouts.paying()
    clerk = Visitor.of(client, stage.there.clerk)
    manager = Visitor.of(client, stage.there.manager)
    path = "/cooperative/surpluses/return"
    typed: dict[str, Any] = {"year": "2026", "surplus_fen": "1000", "by_volume_bp": "50",
             "source": "成员大会",
             "document_id": str(stage.proof.id), "capital-0-capital": "100"}  # fmt: skip
    refused = clerk.send(path, "surpluses.draw_up_return", 422, **typed)
    assert 'value="50"' in refused
    typed["by_volume_bp"] = "60"
    made = clerk.send(path, "surpluses.draw_up_return", **typed)
    clerk.open(f"{made}/approve", 403)
    manager.send(f"{made}/approve", "surpluses.approve")
    shown = manager.ask(f"/attribution/surplus-runs/{made.rpartition('/')[2]}")
    assert shown["status"] == "approved"
    assert yuan(shown["total_fen"]) in clerk.open(made)


def test_papers_are_handed_in_with_how_long_they_hold(client: Client) -> None:
    there = marketplace.scene()
    clerk = Visitor.of(client, there.clerk)
    file = (BytesIO(picture()), "licence.jpg")
    typed: dict[str, Any] = {"kind": "business_licence", "valid_until_on": "2026-07-01"}
    typed["scope"] = "大米生产加工"
    made = clerk.send("/cooperative/documents", "documents.hand_in", file=file, **typed)
    shown = clerk.open(made)
    assert "2026年7月1日" in shown
    assert typed["scope"] in shown
    assert client.get(f"{made}/content").data.startswith(b"\xff\xd8")
    assert "f-file-error" in clerk.send("/cooperative/documents", "documents.hand_in", 422, **typed)
