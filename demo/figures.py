"""The last chapter: every figure of the summary is asked from the server, none is remembered."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from demo.api import Answer
from demo.buying import PURCHASES
from demo.cast import ORGANISATIONS
from demo.goods import PRODUCTS
from demo.promising import PROMISES
from demo.stage import Stage
from demo.summary import (
    CertifiedProduct,
    Completion,
    OrderResult,
    Receipt,
    Summary,
    Uncounted,
)
from demo.towns import Town

FILE = "demo-summary.json"


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
        origin_kind=certificate["origin"]["kind"],
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
    names = {stage.organisation(plan.key): plan.name for plan in ORGANISATIONS}
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
    not_counted = tuple(
        Uncounted(
            origin_kind=one["origin_kind"],
            order_kind=one["order_kind"],
            amount_fen=one["amount_fen"],
            why_zh=one["why"]["zh"],
            why_en=one["why"]["en"],
        )
        for one in answer["not_counted"]
    )
    (name,) = (plan.name for plan in ORGANISATIONS if plan.key == unit)
    return Completion(
        unit=unit,
        name=name,
        floor_bp=floor_bp,
        rate=answer["rate"],
        not_counted=not_counted,
        **amounts,
    )


def write_summary(summary: Summary, *, home: Path) -> Path:
    """Keep the figures beside the accounts, without the accounts."""
    figures = asdict(summary)
    del figures["accounts"]
    path = home / FILE
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
