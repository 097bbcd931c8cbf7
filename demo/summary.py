"""What came of the story, asked from the API: certified, ordered, paid, received, counted."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from demo.accounts import Account
from demo.api import Answer
from demo.buying import PURCHASES
from demo.goods import PRODUCTS
from demo.promising import PROMISES
from demo.stage import Stage
from demo.towns import Town

FILE = "demo-summary.json"


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


def summarise(stage: Stage, *, towns: tuple[Town, ...], policy: Answer) -> Summary:
    """Ask the server what came of everything."""
    split = {purchase.key: _split(stage, purchase.key) for purchase in PURCHASES}
    invariants = stage.person("auditor").get("/invariants")
    return Summary(
        year=stage.year,
        town_households=sum(town.households for town in towns),
        town_people=sum(town.people for town in towns),
        town_villages=sum(town.villages for town in towns),
        certified=tuple(_certified(stage, product.key) for product in PRODUCTS),
        orders=tuple(_order(stage, key, shares) for key, shares in split.items()),
        received=_received(stage, split),
        completion=tuple(
            _completion(stage, one.unit, floor_bp=policy["floor_bp"]) for one in PROMISES
        ),
        invariants_hold=invariants["holds"],
        accounts=stage.accounts.rows,
    )


Shares = dict[tuple[str, str], int]


def _split(stage: Stage, key: str) -> Shares:
    order = stage.orders[key]
    answer = stage.person("auditor").get(f"/orders/{order['id']}/attribution")
    shares: dict[tuple[str, str], int] = defaultdict(int)
    for line in answer["lines"]:
        for share in line["shares"]:
            shares[(share["party_kind"], share["party_id"])] += share["amount_fen"]
    return shares


def _certified(stage: Stage, key: str) -> CertifiedProduct:
    certificate = stage.certificates[key]
    return CertifiedProduct(
        product=certificate["product_name"],
        number=certificate["number"],
        holder=certificate["holder"]["name"],
        origin_kind=certificate["origin_kind"],
        valid_until_on=certificate["valid_until_on"],
    )


def _order(stage: Stage, key: str, shares: Shares) -> OrderResult:
    order = stage.orders[key]
    by_kind: dict[str, int] = defaultdict(int)
    for (kind, _), amount in shares.items():
        by_kind[kind] += amount
    (purchase,) = (one for one in PURCHASES if one.key == key)
    return OrderResult(
        key=key,
        number=order["number"],
        kind=order["kind"],
        unit=purchase.unit,
        origin_kind=order["lines"][0]["origin_kind"],
        ordered_fen=order["total_fen"],
        accepted_fen=order["accepted_fen"],
        paid_fen=order["paid_fen"],
        refunded_fen=order["refunded_fen"],
        to_households_fen=by_kind["household"],
        to_cooperative_fen=by_kind["cooperative"],
    )


def _received(stage: Stage, split: dict[str, Shares]) -> tuple[Receipt, ...]:
    names = {stage.organisation(f"{side}_coop"): f"{side}_coop" for side in stage.household_ids}
    for side, ids in stage.household_ids.items():
        names |= dict(zip(ids, stage.household_codes[side], strict=True))
    total: dict[tuple[str, str], int] = defaultdict(int)
    for shares in split.values():
        for party, amount in shares.items():
            total[party] += amount
    rows = (
        Receipt(party_kind=kind, name=names[party_id], amount_fen=amount)
        for (kind, party_id), amount in total.items()
    )
    return tuple(sorted(rows, key=lambda row: (row.party_kind, row.name)))


def _completion(stage: Stage, unit: str, *, floor_bp: int) -> Completion:
    answer = stage.person("finance.supervisor").get(
        "/procurement/completion", unit_id=stage.organisation(unit), year=stage.year
    )
    amounts = {
        name: answer[name]
        for name in (
            *("reserved_fen", "ordered_fen", "accepted_fen"),
            *("paid_fen", "counted_fen", "owed_fen"),
        )
    }
    return Completion(unit=unit, floor_bp=floor_bp, rate=answer["rate"], **amounts)


def write_summary(summary: Summary, *, home: Path) -> Path:
    """Keep the figures beside the accounts, without the accounts."""
    figures = asdict(summary)
    del figures["accounts"]
    path = home / FILE
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


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
