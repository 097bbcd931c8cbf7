"""Pages of a unit's administration: promises, quotas, accounts, menus; they do what doors do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest

from console.widgets.formats import yuan
from demo.papers import print_paper
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import marketplace as market
from tests.builders import procurement, registry
from tests.builders import settlement as money
from tests.conftest import Client
from tests.console.visitor import Visitor


@pytest.fixture(autouse=True)
def _noon(clock_at: Callable[[Any], Any]) -> Iterator[None]:
    with clock_at(market.NOW):
        yield


def test_a_promise_is_filed_returned_by_field_mended_and_confirmed(client: Client) -> None:
    people = procurement.cast_of()
    admin, superior = Visitor.of(client, people.admin), Visitor.of(client, people.superior_admin)
    rule = admin.ask(f"/procurement/policies/resolve?unit_id={people.unit.id}&year=2026")
    page = admin.open("/canteen/filings/new")
    assert rule["source"].split(" / ")[0] in page
    wanted = {"situation": "own", "canteen_total_fen": "100000", "reserved_fen": "30000"}
    refused = admin.send("/canteen/filings/new", "filings.draft", 422, **wanted, ceiling_fen="x")
    assert 'href="#f-ceiling_fen"' in refused
    assert 'value="30000"' in refused
    assert admin.ask("/procurement/filings")["items"] == []
    led = admin.send("/canteen/filings/new", "filings.draft", **wanted, ceiling_fen="80000")
    key = led.rpartition("/")[2]
    admin.send(f"/canteen/filings/{key}", f"filings.submit:{key}")
    told = {"reasons.1.text": "比例算错", "reason": "请改"}
    superior.send(f"/canteen/confirmations/{key}", f"filings.send_back:{key}", **told)
    edit = admin.open(f"/canteen/filings/{key}/edit")
    assert edit.index("比例算错") < edit.index('id="f-reserved_fen"') < edit.index("f-ceiling_fen")
    admin.send(f"/canteen/filings/{key}/edit", f"filings.edit:{key}", reserved_fen="31000")
    admin.send(f"/canteen/filings/{key}", f"filings.submit:{key}")
    many = {"items.0.decision": "confirm", "items.0.opinion": "同意"}
    superior.send("/canteen/confirmations", "quotas.decide_batch", **many)
    finance = Visitor.of(client, people.supervisor)
    path = "/canteen/confirmations?status=superior_confirmed"
    finance.send(path, "quotas.decide_batch", **many)
    shown = admin.ask(f"/procurement/filings/{key}")
    assert (shown["status"], shown["reserved_fen"]) == ("confirmed", 3_100_000)
    quota = admin.ask("/procurement/quotas?year=2026")
    assert yuan(quota["ceiling_fen"]) in admin.open("/canteen/quotas")
    assert people.unit.name not in superior.open("/canteen/missing")


def test_quota_is_given_to_units_below_and_taken_back(client: Client) -> None:
    people = procurement.cast_of()
    quota = procurement.quota(people.superior)
    superior = Visitor.of(client, people.superior_admin)
    path = f"/canteen/quotas/{quota.id}/allocate?fund=canteen"
    form, wanted = f"quotas.allocate:{quota.id}", {"parts.0.ceiling_fen": "1000", "source": "文件"}
    page = superior.send(path, form, 422, **{**wanted, "parts.0.ceiling_fen": "千"})
    assert 'href="#f-parts-0-ceiling_fen"' in page
    superior.send(path, form, **wanted)
    theirs = superior.ask(f"/procurement/quotas?year=2026&unit_id={people.unit.id}")
    assert theirs["ceiling_fen"] == 100_000
    assert yuan(100_000) in superior.open("/canteen/quotas")
    assert "文件" in superior.open(f"/canteen/quotas/{quota.id}")
    back = f"/canteen/quotas/{quota.id}/recall?fund=canteen"
    superior.send(back, f"quotas.recall:{quota.id}", **{**wanted, "parts.0.ceiling_fen": "400"})
    theirs = superior.ask(f"/procurement/quotas?year=2026&unit_id={people.unit.id}")
    assert theirs["ceiling_fen"] == 60_000


def test_finance_writes_down_a_lower_share_and_ends_it_early(client: Client) -> None:
    people = procurement.cast_of()
    finance = Visitor.of(client, people.supervisor)
    wanted = {
        "unit_id": str(people.unit.id), "floor_bp": "15", "document_number": "粤财库〔2026〕1号",
        "approved_by_level": "province_finance", "reason": "牧区民族饮食",
        "since_on": "2026-01-01", "until_on": "2027-01-01",
    }  # fmt: skip
    page = "/canteen/waivers"
    assert 'href="#f-floor_bp"' in finance.send(
        page, "policies.grant", 422, **wanted | {"floor_bp": "x"}
    )
    paper = (BytesIO(print_paper("批准文件", "1")), "paper.pdf")
    finance.send(page, "policies.grant", **wanted, file=paper)
    made = finance.ask("/procurement/waivers")["items"][0]
    assert (made["floor_bp"], made["unit_id"]) == (1_500, str(people.unit.id))
    assert finance.ask(f"/documents/{made['document_id']}")["kind"] == "approval_document"
    assert f"/documents/{made['document_id']}/content" in finance.open(page)
    finance.send(f"{page}/{made['id']}/revoke", "policies.revoke", reason="政策调整")
    assert "政策调整" in finance.open(page)


def test_an_approver_chooses_a_colleague_by_name_and_never_themselves(client: Client) -> None:
    people = procurement.cast_of()
    giver, colleague = (registry.user(people.unit, [Role.UNIT_APPROVER]) for _ in range(2))
    approver, path = Visitor.of(client, giver), "/canteen/delegations"
    page = approver.open(path)
    assert f'value="{colleague.id}"' in page
    assert f'value="{giver.id}"' not in page
    wanted = {"delegate_id": str(colleague.id), "until_on": "2026-06-20", "reason": "出差"}
    approver.send(path, "approvals.delegate", **wanted)
    assert approver.open(path).count(colleague.username) == 2


def test_a_threshold_is_set_with_its_source(client: Client) -> None:
    admin = Visitor.of(client, procurement.cast_of().admin)
    wanted = {"amount_fen": "5000", "source": "内控制度"}
    admin.send("/canteen/thresholds", "approvals.set_threshold", **wanted)
    assert "内控制度" in admin.open("/canteen/thresholds")
    assert admin.ask("/procurement/approval-thresholds")["items"][0]["amount_fen"] == 500_000


def test_a_weekly_menu_and_a_campaign_begin_on_their_pages(client: Client) -> None:
    there = market.scene()
    buyer = Visitor.of(client, there.buyer)
    place = {"bound_unit_id": str(there.unit.id), "delivery__address": "演示路 1 号"}
    wanted: dict[str, Any] = {
        **place, "kind": "reserved_share", "fund": "canteen", "pay_mode": "goods_first",
        "heads": "200", "menu.1.listing_id": str(there.listing_id), "menu.1.weekdays": ["1", "3"],
    }  # fmt: skip
    form = "campaigns.start"
    refused = buyer.send("/canteen/menus/new", form, 422, **wanted)
    assert 'href="#f-menu-1-grams_per_head"' in refused
    led = buyer.send("/canteen/menus/new", form, **wanted, menu__1__grams_per_head="80")
    shown = buyer.ask(f"/standing-orders/{led.rpartition('/')[2]}")
    assert shown["menu"][0]["weekdays"] == [1, 3]
    assert "每周合计" in buyer.open(led)
    key = shown["id"]
    buyer.send(f"{led}/change", f"campaigns.change:{key}", heads="220")
    assert buyer.ask(f"/standing-orders/{key}")["heads"] == 220
    asked = {
        **place, "title": "演示以购代捐", "fund": "canteen", "dedication.household_codes": "H-1",
        "opens_at": "2026-06-01T08:00", "closes_at": "2026-06-20T18:00",
        "prices.0.listing_id": str(there.listing_id), "prices.0.market_fen": "25",
        "prices.0.market_source": "集贸市场 5 月均价",
    }  # fmt: skip
    led = buyer.send("/canteen/campaigns/new", "campaigns.open_campaign", **asked)
    key = led.rpartition("/")[2]
    wish = {"branch": "一分会", "participant_code": "M01", "quantity": "2"}
    wish["listing_id"] = str(there.listing_id)
    buyer.send(led, f"campaigns.wish:{key}", **wish)
    assert "M01" in buyer.open(f"{led}/hand-outs")
    buyer.send(f"{led}/cancel", f"campaigns.cancel_campaign:{key}")
    assert buyer.ask(f"/donation-campaigns/{key}")["status"] == "cancelled"


def test_an_order_is_bound_to_another_unit_once_both_consent(client: Client) -> None:
    people = procurement.cast_of()
    there = market.scene()
    order = market.placed(there, "5").order
    procurement.quota(people.unit)
    buyer = Visitor.of(client, there.buyer)
    path, form = f"/canteen/orders/{order.id}/rebind", f"orders.request_rebinding:{order.id}"
    led = buyer.send(path, form, to_unit_id=str(people.unit.id), reason="挂错单位")
    key = led.rpartition("/")[2]
    admins = [registry.user(there.unit, [Role.UNIT_ADMIN]), people.admin]
    for admin in admins:
        Visitor.of(client, admin).send(led, f"orders.consent_to_rebinding:{key}:consent")
    assert buyer.ask(f"/rebindings/{key}")["status"] == "done"
    assert "挂错单位" in buyer.open(led)


@pytest.mark.parametrize("role", ["buyer", "finance"])
def test_every_page_of_the_menu_opens_for_whom_the_menu_shows_it(client: Client, role: str) -> None:
    there = money.market()
    visitor = Visitor.of(client, getattr(there, role))
    for language in ("zh", "en"):
        client.set_cookie("bangfu_language", language)
        for path in set(re.findall(r'href="(/canteen[^"]*)"', visitor.open("/canteen"))):
            visitor.open(path)
    client.set_cookie("bangfu_language", "zh")


def test_a_contractor_without_a_share_of_its_own_has_a_first_page(client: Client) -> None:
    contractor = registry.organisation(OrganisationKind.CANTEEN_CONTRACTOR)
    visitor = Visitor.of(client, registry.user(contractor, [Role.CONTRACTOR_BUYER]))
    for path in set(re.findall(r'href="(/canteen[^"]*)"', visitor.open("/canteen"))):
        visitor.open(path)
