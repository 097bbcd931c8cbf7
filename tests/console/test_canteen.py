"""Pages of who buys, receives, approves, pays and files: they show what the API gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest

from console.widgets.formats import yuan
from console.widgets.pages import SESSION
from marketplace.orders.models.orders import PayMode
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import marketplace as market
from tests.builders import procurement, registry
from tests.builders import settlement as money
from tests.builders.offers import picture
from tests.conftest import Client

TAGS = re.compile(r"<[^>]+>")


@pytest.fixture(autouse=True)
def _noon(clock_at: Callable[[Any], Any]) -> Iterator[None]:
    with clock_at(market.NOW):
        yield


class Fields(HTMLParser):
    """Reads what a browser would send of the form of a name, with nothing changed."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self.found: list[tuple[str, str]] = []
        self.now: list[tuple[str, str]] = []
        self.choosing: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a control holds."""
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.now = []
        elif tag == "select":
            self.choosing = name
        elif tag == "option" and "selected" in given and self.choosing:
            self.now.append((self.choosing, value))
        elif tag == "input" and name and _is_sent(given):
            self.now.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        """Keep the form that was asked for."""
        if tag == "form" and ("_form", self.form) in self.now:
            self.found = self.now


def _is_sent(given: dict[str, str | None]) -> bool:
    kind = given.get("type")
    return kind != "file" and (kind != "checkbox" or "checked" in given)


class Browser:
    """Somebody with a session, who looks at pages and sends their forms."""

    def __init__(self, client: Client, user: AppUser) -> None:
        self.client = client
        self.token = registry.token_of(user)

    def open(self, path: str, status: int = 200) -> str:
        """Look at a page."""
        self.client.set_cookie(SESSION, self.token)
        answer = self.client.get(path)
        assert answer.status_code == status, answer.get_data(as_text=True)[-600:]
        return unescape(answer.get_data(as_text=True))

    def ask(self, path: str) -> Any:
        """Ask the API the same."""
        return self.client.get(f"/api/v1{path}", token=self.token).get_json()

    def send(self, path: str, form: str, status: int = 303, /, **changes: Any) -> str:
        """Send a form of a page with some fields written; give the page, or where it leads."""
        fields = Fields(form)
        fields.feed(self.open(path))
        assert fields.found, f"no form {form} on {path}"
        data: dict[str, Any] = {}
        for name, value in fields.found:
            data.setdefault(name, []).append(value)
        data.update({name.replace("__", "."): one for name, one in changes.items()})
        return self.post(path, data, status)

    def post(self, path: str, data: dict[str, Any], status: int = 303) -> str:
        """Send this."""
        self.client.set_cookie(SESSION, self.token)
        answer = self.client.post(path, data=data)
        page = unescape(answer.get_data(as_text=True))
        assert answer.status_code == status, words(page)[-900:]
        return answer.headers["Location"] if status == 303 else page


def words(page: str) -> str:
    """Give a page without its tags."""
    return TAGS.sub(" ", page)


def test_the_first_page_says_what_the_api_says_is_owed(client: Client) -> None:
    there = money.market()
    order_id = money.ordered(there, "20", also=None)
    money.paid(there, order_id, 60_000)
    buyer = Browser(client, there.buyer)
    report = buyer.ask("/procurement/completion?year=2026")
    page = buyer.open("/canteen")
    for figure in ("owed_fen", "reserved_fen", "counted_fen", "paid_fen", "ordered_fen"):
        assert yuan(report[figure]) in page
    assert report["policy"]["source"].split(" / ")[0] in page
    entries = buyer.ask("/procurement/completion/entries?year=2026&figure=paid")
    assert yuan(entries["total_fen"]) in buyer.open("/canteen/figures?year=2026&figure=paid")


def test_a_basket_becomes_orders_and_comes_back_with_one_press(client: Client) -> None:
    there = market.scene()
    buyer = Browser(client, there.buyer)
    shown = buyer.open(f"/canteen/shop/{there.listing_id}")
    fields = dict(re.findall(r'name="(_mark)" value="([^"]*)"', shown))
    buyer.post(f"/canteen/basket/{there.listing_id}", {**fields, "quantity": "5"})
    assert yuan(5 * market.PRICE) in buyer.open("/canteen/basket")
    wanted = {"fund": "canteen", "pay_mode": "goods_first", "delivery__address": "演示路 1 号"}
    refused = buyer.send("/canteen/basket", "orders.check_out", 422, **{**wanted, "year": "这"})
    assert 'value="这"' in refused
    assert "演示路 1 号" in refused
    assert buyer.ask("/orders")["items"] == []
    buyer.send("/canteen/basket", "orders.check_out", **wanted)
    (order,) = buyer.ask("/orders")["items"]
    assert order["number"] in buyer.open("/canteen/orders")
    again = f"/canteen/orders/{order['id']}/again"
    assert buyer.post(again, fields).endswith("/canteen/basket")
    assert "演示丝苗米" in buyer.open("/canteen/basket")


def test_goods_are_taken_in_at_the_door_with_reason_and_photo(client: Client) -> None:
    there = market.scene()
    view = market.confirmed(there, "10")
    market.ship(there, view.order.id, "10")
    path = f"/canteen/orders/{view.order.id}/receive"
    buyer = Browser(client, there.buyer)
    assert view.order.number in buyer.open("/canteen/receiving")
    some = {"lines.0.accepted_quantity": "8", "lines.0.rejected_quantity": "2"}
    refused = buyer.send(path, "deliveries.receive:" + str(view.order.id), 422, **some)
    assert 'href="#f-lines-0-reason"' in refused
    assert 'value="8"' in refused
    assert buyer.ask(f"/orders/{view.order.id}/receipts")["items"] == []
    told: dict[str, Any] = {**some, "lines.0.reason_code": "damaged"}
    told["lines.0.photo"] = (BytesIO(picture()), "box.jpg")
    buyer.send(path, "deliveries.receive:" + str(view.order.id), **told)
    (receipt,) = buyer.ask(f"/orders/{view.order.id}/receipts")["items"]
    assert receipt["lines"][0]["reason_code"] == "damaged"
    assert len(receipt["photos"]) == 1
    page = buyer.open(f"/canteen/orders/{view.order.id}")
    assert yuan(receipt["accepted_fen"]) in page
    client.set_cookie(SESSION, buyer.token)
    paper = client.get(f"/canteen/receipts/{receipt['id']}/acceptance.pdf")
    assert paper.data.startswith(b"%PDF")


def test_a_row_that_is_left_empty_does_not_move_the_errors_of_the_next(client: Client) -> None:
    there = market.scene()
    listing_id = market.listing(there.certificate, by=there.by("clerk"))
    market.lot(listing_id, "50", by=there.by("clerk"))
    lines = market.wishes((there.listing_id, "5"), (listing_id, "5"))
    view = market.confirmed(there, lines=lines)
    market.ship(there, view.order.id, "5", "5")
    form = f"deliveries.receive:{view.order.id}"
    some = {"lines.0.accepted_quantity": "", "lines.1.accepted_quantity": "9"}
    path = f"/canteen/orders/{view.order.id}/receive"
    refused = Browser(client, there.buyer).send(path, form, 422, **some)
    assert 'href="#f-lines-1-accepted_quantity"' in refused
    assert 'href="#f-lines-0-accepted_quantity"' not in refused


def test_who_approves_sees_the_quota_and_decides(client: Client) -> None:
    there = market.scene(stock="2000", capacity="5000")
    first = market.placed(there, "900").order
    second = market.placed(there, "800").order
    approver = Browser(client, there.approver)
    assert first.number in approver.open("/canteen/approvals")
    path = f"/canteen/approvals/{first.id}"
    quota = approver.ask("/procurement/quotas?year=2026&fund=canteen")
    assert yuan(quota["available_fen"]) in approver.open(path)
    approver.send(path, f"orders.approve:{first.id}:approve")
    assert approver.ask(f"/orders/{first.id}")["order_status"] == "placed"
    back = f"/canteen/approvals/{second.id}"
    refused = approver.send(back, f"orders.send_back:{second.id}:send-back", 422, reason="")
    assert 'href="#f-send-back-reason"' in refused
    assert approver.ask(f"/orders/{second.id}")["order_status"] == "pending_approval"
    approver.send(back, f"orders.send_back:{second.id}:send-back", reason="数量过多")
    assert "数量过多" in Browser(client, there.buyer).open(f"/canteen/orders/{second.id}")
    Browser(client, there.buyer).open("/canteen/approvals", 403)


def test_what_binds_has_a_page_of_its_own(client: Client) -> None:
    there = market.scene()
    order = market.placed(there, "5").order
    buyer = Browser(client, there.buyer)
    page = buyer.open(f"/canteen/orders/{order.id}/do/cancel")
    assert yuan(5 * market.PRICE) in page
    buyer.send(f"/canteen/orders/{order.id}/do/cancel", f"orders.cancel:{order.id}", reason="错单")
    assert buyer.ask(f"/orders/{order.id}")["order_status"] == "cancelled"
    buyer.open(f"/canteen/orders/{order.id}/do/dance", 404)
    stranger = registry.user(registry.organisation(), [Role.COOP_CLERK])
    Browser(client, stranger).open(f"/canteen/orders/{order.id}", 404)
    client.set_cookie(SESSION, "")
    assert client.get("/canteen/orders").status_code == 303


def test_an_order_is_replaced_by_another_in_one_step(client: Client) -> None:
    there = market.scene()
    order = market.placed(there, "5").order
    buyer = Browser(client, there.buyer)
    path, form = f"/canteen/orders/{order.id}/replace", f"orders.replace:{order.id}"
    led = buyer.send(path, form, lines__0__quantity="7")
    new = led.rpartition("/")[2]
    assert buyer.ask(f"/orders/{order.id}")["order_status"] == "cancelled"
    assert buyer.ask(f"/orders/{new}")["lines"][0]["quantity"] == "7.000"


def test_finance_registers_a_payment_and_a_refund_in_yuan(client: Client) -> None:
    there = money.market()
    order_id = money.ordered(there, "20", mode=PayMode.GOODS_FIRST)
    money.shipped(there, order_id, (20, None), final=True)
    money.received(there, order_id, "20")
    finance = Browser(client, there.finance)
    number = money.order_of(order_id).number
    due = finance.ask(f"/orders/{order_id}/payment-clock")["due_on"]
    calendar = finance.open("/canteen/payments")
    assert number in calendar
    assert f"{int(due[5:7])}月{int(due[8:])}日" in calendar
    path, form = f"/canteen/orders/{order_id}/pay", f"settlement.register:{order_id}"
    refused = finance.send(path, form, 422, method="bank_transfer", amount_fen="三百")
    assert 'href="#f-amount_fen"' in refused
    assert 'value="三百"' in refused
    led = finance.send(path, form, method="bank_transfer", amount_fen="600.00", reference="R1")
    payment = finance.ask(f"/payments/{led.rpartition('/')[2]}")
    assert (payment["amount_fen"], payment["status"]) == (60_000, "pending")
    assert "登记付款" not in Browser(client, there.buyer).open(f"/canteen/orders/{order_id}")
    cancel = f"/canteen/payments/{payment['id']}/cancel"
    finance.send(cancel, f"settlement.cancel:{payment['id']}", reason="登记有误")
    confirmed = money.paid(there, order_id, 60_000)
    refund = f"/canteen/payments/{confirmed.id}/refund"
    form = f"settlement.refund:{confirmed.id}"
    finance.send(refund, form, amount_fen="12.50", reason="短少")
    assert finance.ask(f"/payments/{confirmed.id}")["refunded_fen"] == 1_250
    assert yuan(1_250) in finance.open(f"/canteen/orders/{order_id}/statement")


def test_several_orders_go_under_one_treasury_voucher(client: Client) -> None:
    there = money.market()
    first = money.ordered(there, "10", mode=PayMode.GOODS_FIRST)
    second = money.ordered(there, "12", mode=PayMode.GOODS_FIRST)
    for order_id, count in ((first, 10), (second, 12)):
        money.shipped(there, order_id, (count, None), final=True)
        money.received(there, order_id, str(count))
    finance = Browser(client, there.finance)
    page = finance.open("/canteen/treasury/new")
    boxes = dict(re.findall(r'name="(parts\.\d\.order_id)" value="([^"]*)"', page))
    finance.send("/canteen/treasury/new", "treasury.draw", **boxes)
    (drawn,) = finance.ask("/treasury-orders")["items"]
    assert drawn["total_fen"] == 22 * money.PRICE
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU)
    supervisor = Browser(client, registry.user(bureau, [Role.FINANCE_SUPERVISOR]))
    path, form = f"/canteen/treasury/{drawn['id']}", f"treasury.confirm:{drawn['id']}"
    supervisor.send(path, form, voucher="V-1")
    assert finance.ask(f"/treasury-orders/{drawn['id']}")["status"] == "paid"


def test_a_promise_is_filed_returned_by_field_mended_and_confirmed(client: Client) -> None:
    people = procurement.cast_of()
    admin, superior = Browser(client, people.admin), Browser(client, people.superior_admin)
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
    finance = Browser(client, people.supervisor)
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
    superior = Browser(client, people.superior_admin)
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


def test_accounts_are_invited_reset_and_closed(client: Client) -> None:
    people = procurement.cast_of()
    buyer = registry.user(people.unit, [Role.CANTEEN_BUYER])
    admin = Browser(client, people.admin)
    given = admin.send("/canteen/accounts/invite", "accounts.invite", 200, roles="unit_finance")
    assert re.search(r"<code>\S{20,}</code>", given)
    page = admin.open("/canteen/accounts")
    assert buyer.username in page
    assert "尚未使用的邀请" in page
    path = f"/canteen/accounts/{buyer.id}"
    assert "<code>" in admin.send(f"{path}/reset", f"accounts.issue_reset:{buyer.id}", 200)
    admin.send(f"{path}/close", f"accounts.close_account:{buyer.id}")
    assert admin.ask(f"/users/{buyer.id}")["closed_at"] is not None
    wanted = {"amount_fen": "5000", "source": "内控制度"}
    admin.send("/canteen/thresholds", "approvals.set_threshold", **wanted)
    assert "内控制度" in admin.open("/canteen/thresholds")
    assert admin.ask("/procurement/approval-thresholds")["items"][0]["amount_fen"] == 500_000


def test_a_weekly_menu_and_a_campaign_begin_on_their_pages(client: Client) -> None:
    there = market.scene()
    buyer = Browser(client, there.buyer)
    place = {"bound_unit_id": str(there.unit.id), "delivery__address": "演示路 1 号"}
    wanted = {
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
    buyer = Browser(client, there.buyer)
    path, form = f"/canteen/orders/{order.id}/rebind", f"orders.request_rebinding:{order.id}"
    led = buyer.send(path, form, to_unit_id=str(people.unit.id), reason="挂错单位")
    key = led.rpartition("/")[2]
    admins = [registry.user(there.unit, [Role.UNIT_ADMIN]), people.admin]
    for admin in admins:
        Browser(client, admin).send(led, f"orders.consent_to_rebinding:{key}:consent")
    assert buyer.ask(f"/rebindings/{key}")["status"] == "done"
    assert "挂错单位" in buyer.open(led)


@pytest.mark.parametrize("role", ["buyer", "finance"])
def test_every_page_of_the_menu_opens_for_whom_the_menu_shows_it(client: Client, role: str) -> None:
    there = money.market()
    visitor = Browser(client, getattr(there, role))
    for language in ("zh", "en"):
        client.set_cookie("bangfu_language", language)
        for path in set(re.findall(r'href="(/canteen[^"]*)"', visitor.open("/canteen"))):
            visitor.open(path)
    client.set_cookie("bangfu_language", "zh")


def test_a_contractor_without_a_share_of_its_own_has_a_first_page(client: Client) -> None:
    contractor = registry.organisation(OrganisationKind.CANTEEN_CONTRACTOR)
    visitor = Browser(client, registry.user(contractor, [Role.CONTRACTOR_BUYER]))
    for path in set(re.findall(r'href="(/canteen[^"]*)"', visitor.open("/canteen"))):
        visitor.open(path)
