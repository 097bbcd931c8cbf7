"""What came of the story: certified, ordered, paid, received, counted; and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass

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


def show(summary: Summary, *, console: Console) -> None:
    """Print the summary as tables, the accounts last."""
    console.rule("[bold]帮扶演示 / The story of Bangfu")
    console.print(
        f"武江区五镇：{summary.town_households} 户、{summary.town_people} 人、"
        f"{summary.town_villages} 个相对贫困村 / five towns of Wujiang"
    )
    for table in (
        _certified_table(summary),
        _order_table(summary),
        _receipt_table(summary),
        _completion_table(summary),
        _account_table(summary),
    ):
        console.print(table)
    for unit in summary.completion:
        for one in unit.not_counted:
            console.print(
                f"{unit.unit} {yuan(one.amount_fen)} 元未计入：{one.why_zh} / {one.why_en}"
            )
    holds = "全部成立 / all hold" if summary.invariants_hold else "[red]有不成立 / NOT all hold"
    console.print(f"不变量 / invariants：{holds}")


def yuan(fen: int) -> str:
    """Write fen as yuan, with thousands separated."""
    return f"{fen / 100:,.2f}"


def _certified_table(summary: Summary) -> Table:
    table = Table(
        "证书 / certificate", "产品 / product", "主体 / holder", "产地 / origin", "至 / until"
    )
    for one in summary.certified:
        table.add_row(one.number, one.product, one.holder, one.origin_kind, one.valid_until_on)
    return table


def _order_table(summary: Summary) -> Table:
    heads = ("订单 / order", "类型 / kind", "产地 / origin")
    amounts = (
        *("下单 / ordered", "验收 / accepted", "付款 / paid", "退款 / refunded"),
        *("农户 / households", "合作社 / cooperative"),
    )
    table = Table(*heads, title="订单（元） / orders (yuan)")
    for head in amounts:
        table.add_column(head, justify="right")
    for one in summary.orders:
        fens = (
            *(one.ordered_fen, one.accepted_fen, one.paid_fen, one.refunded_fen),
            *(one.to_households_fen, one.to_cooperative_fen),
        )
        table.add_row(one.number, one.kind, one.origin_kind, *(yuan(fen) for fen in fens))
    return table


def _receipt_table(summary: Summary) -> Table:
    table = Table("谁 / who", "代号 / code", title="谁收到多少（元） / who received (yuan)")
    table.add_column("金额 / amount", justify="right")
    for one in summary.received:
        table.add_row(one.party_kind, one.name, yuan(one.amount_fen))
    return table


def _completion_table(summary: Summary) -> Table:
    table = Table("单位 / unit", title=f"{summary.year} 年完成情况（元） / completion (yuan)")
    for head in (
        *("预留 / reserved", "下单 / ordered", "付款 / paid"),
        *("计入 / counted", "尚欠 / owed", "完成率 / rate"),
    ):
        table.add_column(head, justify="right")
    for one in summary.completion:
        fens = (one.reserved_fen, one.ordered_fen, one.paid_fen, one.counted_fen, one.owed_fen)
        table.add_row(one.unit, *(yuan(fen) for fen in fens), str(one.rate))
    return table


def _account_table(summary: Summary) -> Table:
    table = Table(
        *("角色 / role", "用户名 / username", "密码 / password", "单位 / organisation"),
        title="演示账号 / demo accounts",
    )
    for one in summary.accounts:
        table.add_row(one.role, one.username, one.password, one.organisation)
    return table
