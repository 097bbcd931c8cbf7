"""The story of the design's first page, told through the pages by everybody who is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from kernel import clock
from tests.console.acting import Actor, Cast, Option, Values, cast
from tests.console.browser import PHONE, House, house
from tests.journeys.conftest import telling
from tests.journeys.story_pages import (
    FARM_PRICE,
    FIRST,
    OWN,
    PRICE,
    SCHOOL,
    SECOND,
    TITLE,
    apply_for,
    grant,
    hand_in,
    move_clock,
    object_and_reply,
    offer,
    pass_on,
    promise,
    today,
)

TARO, TARO_KILOGRAMS, TARO_PRICE = "凤田香芋 单个0.5千克以上", 50, 9.6
LINE = "payout_line_status"
FIGURES = ("已下单", "已付款", "计入完成")


@dataclass(frozen=True)
class Trade:
    """What is bought of the honey, and what of it is turned away at the door."""

    bottles: int
    rejected: int

    @property
    def paid(self) -> int:
        """Give what is accepted and so to be paid, in yuan."""
        return (self.bottles - self.rejected) * PRICE

    def share(self, contributed: int) -> float:
        """Give what a household gets that brought so many bottles of the lot, in yuan."""
        of_lot = contributed / (OWN + FIRST + SECOND)
        return (self.bottles - self.rejected) * of_lot * FARM_PRICE


@dataclass(frozen=True)
class Market:
    """A house in which the honey is certified and on sale, and the school may buy it."""

    house: House
    codes: tuple[str, str]
    """The two households that brought it."""
    due: dict[str, float]
    """What households have coming that is on no list yet, in yuan by code."""


@pytest.fixture(scope="module")
def market(app: Flask, clone: Callable[[], str], tmp_path_factory: Any) -> Iterator[Market]:
    """Certify through the pages, put on sale, promise: parts one to three of the story."""
    home: Path = tmp_path_factory.mktemp("told")
    now = clock.now()
    spring = datetime(now.year + 1, 3, 2, 2, tzinfo=UTC)
    with telling(app, clone(), home, begins=spring - now) as told, house(app, home) as opened:
        with cast(opened) as people:
            codes = apply_for(people)
            pass_on(people)
            closes = object_and_reply(people)
        move_clock(closes)
        with cast(opened) as people:
            offer(people, grant(people), codes)
            promise(people)
        due = {one.name: one.amount_fen / 100 for one in told.received}
        yield Market(opened, codes, due)


def shop(people: Cast, trade: Trade) -> str:
    """Find two suppliers' goods and order them together; gives the number of the honey's order."""
    buyer = people("primary.buyer", size=PHONE)
    for words, title, quantity in (
        ("hltfm", TITLE, trade.bottles),
        ("凤田香芋", TARO, TARO_KILOGRAMS),
    ):
        buyer.open("/canteen/shop")
        search = buyer.form("搜索")
        buyer.fill({"产品、产地或拼音首字母": words}, search)
        search.get_by_role("button").click()
        buyer.sees(buyer.say("共 %(count)s 种", count=1))
        label = f"{buyer.say('数量')} {title}"
        buyer.send("加入", {label: str(quantity)}, said="采购篮已更新。")
    honey, taro = trade.bottles * PRICE, TARO_KILOGRAMS * TARO_PRICE
    buyer.sees(*(buyer.money(one) for one in (honey, taro)))
    buyer.sees(buyer.say("合计 %(fen)s", fen=buyer.money(honey + taro)))
    buyer.send("提交订单", {
        "资金": Option("食堂资金", "fund"), "付款方式": Option("先货后款", "pay_mode"),
        "收货地址": "东莞市高埗镇示范路1号", "联系人与电话": "食堂值班",
    }, said="订单已提交。")  # fmt: skip
    for fen in (honey, taro):
        expect(buyer.row(buyer.money(fen))).to_contain_text(buyer.term("待审批", "order_status"))
    return buyer.row(buyer.money(honey)).get_by_role("link").inner_text().strip()


def carry_out(people: Cast, trade: Trade, number: str) -> None:
    """Approve, confirm, send, take in with a part rejected, pay, and see the money come."""
    approver = people("primary.approver")
    approver.open("/canteen/approvals")
    approver.follow(number)
    approver.sees(approver.money(trade.bottles * PRICE))
    approver.send("批准", said="已办理：")
    manager, clerk = people("xingguo.manager"), people("xingguo.clerk")
    for seller, link, button, values, said in (
        (manager, "确认接单", "确认接单", {}, "已接单。"),
        (clerk, "发货", "确认发货", {"承运": "合作社自送"}, "已发货。"),
    ):
        seller.open("/cooperative/orders")
        seller.follow(number)
        seller.follow(link)
        seller.send(button, values, said=said)
    buyer = people("primary.buyer")
    buyer.open("/canteen/receiving")
    buyer.follow(number)
    accepted, reason = str(trade.bottles - trade.rejected), (TITLE, "说明")
    taken = {(TITLE, "收下数量"): accepted, (TITLE, "拒收数量"): str(trade.rejected)}
    buyer.refused("登记验收", taken, at=reason, unfold="称重、拒收、拍照")
    kept = buyer.field((TITLE, "收下数量"), buyer.form("登记验收"))
    expect(kept).to_have_value(accepted)
    why: Values = {(TITLE, "拒收理由"): Option("破损", "reject_reason"), reason: "瓶盖渗漏"}
    buyer.send("登记验收", why, said="验收已登记。")
    expect(buyer.figure("已验收")).to_have_text(buyer.money(trade.paid))
    buyer.sees(f"{buyer.term('破损', 'reject_reason')} 瓶盖渗漏")
    finance = people("primary.finance")
    finance.open("/canteen/payments")
    finance.follow(number)
    expect(finance.field("金额", finance.form("登记付款"))).to_have_value(f"{trade.paid}.00")
    finance.send("登记付款", {
        "付款途径": Option("银行转账", "payment_method"),
        "银行回单号或支付凭证号": f"HD-{trade.bottles}",
    }, said="付款已登记，待收款方确认到账。")  # fmt: skip
    manager.open("/cooperative/orders")
    manager.follow(number)
    manager.follow("确认到账")
    manager.send("确认到账", said="已确认到账。")
    households = manager.money(trade.share(FIRST) + trade.share(SECOND))
    manager.waits_for(manager.figure("农户应得").filter(has_text=households))


def reach_households(people: Cast, market: Market) -> None:
    """List what households have coming, pay it out with proof; one of them says that it came."""
    clerk, manager, code = people("xingguo.clerk"), people("xingguo.manager"), market.codes[0]
    clerk.open("/cooperative/payouts")
    clerk.follow("生成发放清单")
    clerk.send("生成发放清单", said="发放清单已生成。")
    payouts = clerk.page.url
    for one in market.codes:
        assert clerk.cell(one, "金额") == clerk.money(market.due[one])
    manager.open(payouts)
    manager.follow("签发清单")
    manager.send("签发清单", said="清单已签发，可以发放。")
    proof = f"FF-{payouts[-12:]}"
    hand_in(clerk, "付款凭证", proof)
    clerk.open(payouts)
    clerk.follow("登记发放")
    paper = clerk.form("登记发放").locator("option", has_text=proof).inner_text()
    clerk.send("登记发放", {"发放日期": today(), "凭证": Option(paper)},
               said="发放已登记，等待农户确认。")  # fmt: skip
    cadre, household = people("xingguo.cadre"), people("")
    cadre.open("/village/payouts")
    row = cadre.row(code, cadre.term("已发放，待农户确认", LINE))
    cadre.follow(f"{cadre.say('取确认码')} {code}", within=row)
    cadre.press("取确认码")
    household.open("/household")
    told = {name: cadre.fact(name) for name in ("发放编号", "确认码")}
    household.fill({**told, "收到了": True}, household.form("确定"))
    household.press("确定")
    household.sees(household.money(market.due[code]), household.term("农户已确认", LINE))
    household.sees("谢谢，已记下您收到了。")
    clerk.open("/cooperative/members")
    clerk.follow(code)
    expect(clerk.row(TITLE).first).to_contain_text(clerk.term("农户已确认", LINE))
    market.due.clear()


def standing(monitor: Actor) -> dict[str, int]:
    """Read how the school stands, in fen."""
    monitor.open("/monitor/")
    monitor.follow(SCHOOL)
    return {
        name: fen(monitor.figure(name).inner_text()) for name in ("已下单", "已付款", "计入完成")
    }


def fen(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


def open_down(monitor: Actor, trade: Trade, name: str) -> None:
    """Open a figure: its entries make it up, and the new payment is one of them."""
    whole = monitor.figure(name)
    total = whole.inner_text()
    monitor.enter(whole)
    monitor.sees(monitor.money(fen(total) / 100))
    amounts = monitor.main.locator(f'tbody [data-label="{monitor.say("金额")}"]').all_inner_texts()
    assert sum(fen(one) * (-1 if "-" in one else 1) for one in amounts) == fen(total)
    monitor.enter(monitor.row(monitor.money(trade.paid)))
    monitor.sees(TITLE, monitor.money(trade.paid))


def told(market: Market, trade: Trade, *, english: bool) -> None:
    """Tell parts four to six: from the basket to the figures."""
    with cast(market.house, english=english) as people:
        monitor = people("monitor")
        before = standing(monitor)
        carry_out(people, trade, shop(people, trade))
        for code, contributed in zip(market.codes, (FIRST, SECOND), strict=True):
            market.due[code] = market.due.get(code, 0) + trade.share(contributed)
        after = standing(monitor)
        assert {name: after[name] - before[name] for name in after} == {
            "已下单": trade.paid * 100 + round(TARO_KILOGRAMS * TARO_PRICE * 100),
            "已付款": trade.paid * 100, "计入完成": trade.paid * 100,
        }  # fmt: skip
        open_down(monitor, trade, "计入完成")
        reach_households(people, market)


def test_the_story_is_told_through_the_pages(market: Market) -> None:
    told(market, Trade(bottles=400, rejected=10), english=False)


def test_it_is_told_in_english(market: Market) -> None:
    told(market, Trade(bottles=350, rejected=5), english=True)


def test_buying_needs_no_scripts(market: Market) -> None:
    trade = Trade(bottles=360, rejected=12)
    with cast(market.house, scripts=False) as people:
        carry_out(people, trade, shop(people, trade))
