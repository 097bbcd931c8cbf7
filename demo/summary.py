"""What came of the story: certified, ordered, paid, received, counted; and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from demo.accounts import Account


@dataclass(frozen=True)
class CertifiedProduct:
    """A certificate of the story."""

    product: str
    number: str
    holder: str
    origin_kind: str
    valid_until_on: str


@dataclass(frozen=True)
class OrderResult:
    """What became of one order, in fen."""

    key: str
    number: str
    kind: str
    unit: str
    origin_kind: str
    ordered_fen: int
    accepted_fen: int
    paid_fen: int
    refunded_fen: int
    to_households_fen: int
    to_cooperative_fen: int


@dataclass(frozen=True)
class Receipt:
    """What one household or cooperative received in the end, in fen."""

    party_kind: str
    name: str
    amount_fen: int


@dataclass(frozen=True)
class Uncounted:
    """Paid money that does not fill the floor, in fen, and why in both languages."""

    origin_kind: str
    order_kind: str
    amount_fen: int
    why_zh: str
    why_en: str


@dataclass(frozen=True)
class Completion:
    """How far a school is with its promise, in fen."""

    unit: str
    name: str
    floor_bp: int
    reserved_fen: int
    ordered_fen: int
    accepted_fen: int
    paid_fen: int
    counted_fen: int
    owed_fen: int
    rate: str | None
    not_counted: tuple[Uncounted, ...]


@dataclass(frozen=True)
class Summary:
    """The story in figures; every one of them was asked from the server."""

    year: int
    town_households: int
    town_people: int
    town_villages: int
    certified: tuple[CertifiedProduct, ...]
    orders: tuple[OrderResult, ...]
    received: tuple[Receipt, ...]
    completion: tuple[Completion, ...]
    invariants_hold: bool
    accounts: tuple[Account, ...]


WORDS: Mapping[str, str] = MappingProxyType(
    {
        "national_832": "832 脱贫县",
        "provincial_village": "省级贫困村",
        "reserved_share": "预留份额",
        "purchase_instead_of_donation": "以购代捐",
        "household": "农户",
        "cooperative": "合作社",
    }
)
"""What a reader of Chinese calls the codes of the API."""
PERCENT = 100


def show(summary: Summary, *, console: Console) -> None:
    """Print the summary as tables, the accounts last."""
    console.rule("[bold]帮扶演示 / The story of Bangfu")
    console.print(
        f"武江区五镇：{summary.town_households} 户、{summary.town_people} 人、"
        f"{summary.town_villages} 个相对贫困村 / five towns of Wujiang"
    )
    console.print(_certified_table(summary))
    console.print(_order_table(summary))
    console.print(_receipt_table(summary))
    console.print(_completion_table(summary))
    for unit in summary.completion:
        for one in unit.not_counted:
            goods = f"{WORDS[one.origin_kind]}、{WORDS[one.order_kind]}"
            console.print(f"· {unit.name} 已付 {yuan(one.amount_fen)} 元未计入（{goods}）：")
            console.print(f"  {one.why_zh} / {one.why_en}")
    console.print(_account_table(summary))
    holds = "全部成立 / all hold" if summary.invariants_hold else "[red]有不成立 / NOT all hold"
    console.print(f"不变量 / invariants：{holds}")


def yuan(fen: int) -> str:
    """Write fen as yuan, with thousands separated."""
    return f"{fen / 100:,.2f}"


def _certified_table(summary: Summary) -> Table:
    table = _table("认定证书 / certificates", "证书号\nnumber", "产品\nproduct", "主体\nholder")
    table.add_column("产地\norigin", overflow="fold")
    table.add_column("有效期至\nvalid until")
    for one in summary.certified:
        origin = WORDS[one.origin_kind]
        table.add_row(one.number, one.product, one.holder, origin, one.valid_until_on)
    return table


def _order_table(summary: Summary) -> Table:
    table = _table("订单（元） / orders (yuan)", "订单号\nnumber", "类型与产地\nkind, origin")
    _add_amounts(table, "下单\nordered", "验收\naccepted", "付款\npaid", "退款\nrefunded")
    _add_amounts(table, "归农户\nhouseholds", "归合作社\ncooperative")
    for one in summary.orders:
        fens = (
            *(one.ordered_fen, one.accepted_fen, one.paid_fen, one.refunded_fen),
            *(one.to_households_fen, one.to_cooperative_fen),
        )
        kind = f"{WORDS[one.kind]}\n{WORDS[one.origin_kind]}"
        table.add_row(one.number, kind, *(yuan(fen) for fen in fens))
    return table


def _receipt_table(summary: Summary) -> Table:
    table = _table("谁收到多少（元） / who received (yuan)", "谁\nwho", "户号或名称\ncode or name")
    _add_amounts(table, "金额\namount")
    for one in summary.received:
        table.add_row(WORDS[one.party_kind], one.name, yuan(one.amount_fen))
    return table


def _completion_table(summary: Summary) -> Table:
    table = _table(f"{summary.year} 年完成情况（元） / completion (yuan)", "单位\nunit")
    _add_amounts(table, "预留\nreserved", "下单\nordered", "付款\npaid")
    _add_amounts(table, "计入\ncounted", "尚欠\nowed", "完成率\nrate")
    for one in summary.completion:
        fens = (one.reserved_fen, one.ordered_fen, one.paid_fen, one.counted_fen, one.owed_fen)
        rate = "–" if one.rate is None else f"{float(one.rate) * PERCENT:.2f} %"
        table.add_row(one.name, *(yuan(fen) for fen in fens), rate)
    return table


def _account_table(summary: Summary) -> Table:
    table = _table("演示账号 / demo accounts", "角色\nrole", "用户名\nusername", "密码\npassword")
    table.add_column("单位\norganisation", overflow="fold")
    for one in summary.accounts:
        table.add_row(one.role, one.username, one.password, one.organisation)
    return table


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _add_amounts(table: Table, *heads: str) -> None:
    for head in heads:
        table.add_column(head, justify="right", overflow="fold")
