"""Chapter two: each school files its yearly share; two levels confirm it; the quota exists."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from demo.api import Answer
from demo.cast import GAOBU
from demo.stage import Stage

BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Promise:
    """What a school spends on food in a year, and what it may spend on the platform, in fen."""

    unit: str
    canteen_total_fen: int
    ceiling_fen: int
    union_total_fen: int | None = None
    union_reserved_fen: int | None = None


PROMISES = (
    Promise(
        unit="primary",
        canteen_total_fen=150_000_00,
        ceiling_fen=90_000_00,
        union_total_fen=20_000_00,
        union_reserved_fen=6_000_00,
    ),
    Promise(
        unit="middle",
        canteen_total_fen=200_000_00,
        ceiling_fen=150_000_00,
    ),
)


def promise(stage: Stage) -> Answer:
    """File for both schools and see both confirmed; gives the policy that set the floor."""
    policy = stage.person("primary.admin").get(
        "/procurement/policies/resolve", region=GAOBU, year=stage.year, situation="own"
    )
    for one in PROMISES:
        reserved = _floor(one.canteen_total_fen, floor_bp=policy["floor_bp"])
        _file(stage, one, reserved_fen=reserved)
    return policy


def _floor(total_fen: int, *, floor_bp: int) -> int:
    share = Decimal(total_fen) * floor_bp / BASIS_POINTS
    return int(share.to_integral_value(ROUND_CEILING))


def _file(stage: Stage, promise: Promise, *, reserved_fen: int) -> None:
    admin = stage.person(f"{promise.unit}.admin")
    filing = admin.post(
        "/procurement/filings",
        {
            "year": stage.year,
            "situation": "own",
            "canteen_total_fen": promise.canteen_total_fen,
            "reserved_fen": reserved_fen,
            "union_situation": "own_funds" if promise.union_total_fen else "no_union_funds",
            "union_total_fen": promise.union_total_fen,
            "union_reserved_fen": promise.union_reserved_fen,
            "ceiling_fen": promise.ceiling_fen,
        },
    )
    path = f"/procurement/filings/{filing['id']}"
    admin.post(f"{path}/submit")
    stage.person("supervising.admin").post(f"{path}/confirm")
    stage.person("finance.supervisor").post(f"{path}/confirm")
    stage.tell(
        f"{stage.year} 年度填报确认 {promise.unit}：预留 {reserved_fen / 100:,.2f} 元"
        " / yearly share filed and confirmed"
    )
