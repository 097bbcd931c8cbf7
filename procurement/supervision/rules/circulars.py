"""What a circular says: its period, its contents as plain values, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from kernel.calendar import ONE_DAY, shanghai_day, start_of_day
from kernel.errors import WrongState
from kernel.money import Fen
from procurement.errors.supervision import PeriodNotOver, PeriodUnfit
from procurement.supervision.models.circulars import Circular, Drawn, PeriodKind
from procurement.supervision.models.standings import Standing, UnitDelay, UnitStanding
from registry.organisations.models import OrganisationId
from registry.regions.rules import COUNTY_DIGITS, GROUPS, subtree_prefix

MONTHS: Mapping[PeriodKind, int] = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.YEAR: 12,
}
MONTHS_OF_A_YEAR = 12
INSTANT = timedelta(microseconds=1)
VERSION = 1
"""Of the contents' shape."""
AMOUNTS = ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen", "counted_fen", "owed_fen")
FIGURES: Mapping[str, tuple[str, str]] = {
    "units": ("预算单位数", "budget units"),
    "activated": ("已激活单位数", "activated units"),
    "filed": ("已填报单位数", "units that filed"),
    "confirmed": ("填报已确认单位数", "units whose filing is confirmed"),
    "reserved_fen": ("预留金额", "reserved"),
    "ordered_fen": ("下单金额", "ordered"),
    "accepted_fen": ("验收金额", "accepted"),
    "paid_fen": ("支付金额", "paid"),
    "counted_fen": ("计入完成金额", "counted"),
    "owed_fen": ("尚欠金额", "owed"),
    "overdue_fen": ("逾期未付货款", "late payments to sellers"),
    "interest_fen": ("应计逾期利息", "interest on late payments"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A month, a quarter or the whole of a year."""

    kind: PeriodKind
    year: int
    number: int

    @property
    def ends_on(self) -> date:
        """Give the first day after it. Raises PeriodUnfit."""
        month = MONTHS[self.kind] * self.number
        if not 1 <= month <= MONTHS_OF_A_YEAR:
            raise PeriodUnfit(pointer="/period")
        return date(self.year + month // MONTHS_OF_A_YEAR, month % MONTHS_OF_A_YEAR + 1, 1)

    @property
    def as_of(self) -> datetime:
        """Give its last instant."""
        return start_of_day(self.ends_on) - INSTANT


def check_over(period: Period, *, now: datetime) -> None:
    """Refuse a period that has not ended (PeriodNotOver, PeriodUnfit)."""
    if shanghai_day(now) < period.ends_on:
        raise PeriodNotOver(ends_on=period.ends_on - ONE_DAY)


def drawn(circular: Circular) -> Drawn:
    """Give what stands in a circular (WrongState where it is not drawn up)."""
    contents, digest = circular.contents, circular.digest
    if contents is None or digest is None:
        raise WrongState(state=circular.status)
    return Drawn(circular.number, circular.status, circular.as_of, contents, digest)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a circular is made of: how units stand, what is late, and what regions are called."""

    region_code: str
    region_name: str
    period: Period
    terms_code: str
    units: Sequence[UnitStanding]
    delays: Sequence[UnitDelay]
    region_names: Mapping[str, str]


def contents_of(ground: Ground) -> dict[str, Any]:
    """Make the contents: amounts and counts, never a rate, with the questions behind them."""
    period = ground.period
    names = {one.unit.id: one.unit.name for one in ground.units}
    return {
        "version": VERSION,
        "region": {"code": ground.region_code, "name": ground.region_name},
        "period": {"kind": period.kind, "year": period.year, "number": period.number},
        "as_of": period.as_of.isoformat(),
        "terms": ground.terms_code,
        "questions": questions(ground.region_code, year=period.year, as_of=period.as_of),
        "figures": _figures(ground),
        "regions": _regions(ground),
        "units": [_line(one) for one in ground.units],
        "delays": [_delay(one, names) for one in ground.delays],
    }


def asked_of(contents: Mapping[str, Any], *, frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Give of contents what the house asked when others were frozen: their late payments' fields.

    So a circular that was frozen before a field was added is still the same.
    """
    known = frozenset[str]().union(*frozen["delays"])
    delays = [
        {name: one[name] for name in one if name in known or not known}
        for one in contents["delays"]
    ]
    return {**contents, "delays": delays}


def digest_of(contents: Mapping[str, Any]) -> bytes:
    """Give the SHA-256 of the contents' canonical JSON."""
    return hashlib.sha256(orjson.dumps(contents, option=orjson.OPT_SORT_KEYS)).digest()


def questions(region_code: str, *, year: int, as_of: datetime) -> dict[str, str]:
    """Give the questions whose answers the figures are."""
    about = {"region": region_code, "as_of": as_of.isoformat()}
    of_year = urlencode({**about, "year": year})
    return {
        "standings": f"/api/v1/procurement/standings?{of_year}",
        "completion": f"/api/v1/procurement/completion?{of_year}",
        "delays": f"/api/v1/procurement/payment-delays?{urlencode(about)}",
    }


def _figures(ground: Ground) -> list[dict[str, Any]]:
    units = [one.unit for one in ground.units]
    values = {
        "units": len(units),
        "activated": sum(one.activated for one in units),
        "filed": sum(one.filed for one in units),
        "confirmed": sum(one.confirmed for one in units),
        **_sums(ground.units),
        "overdue_fen": sum(one.overdue_fen for one in ground.delays),
        "interest_fen": sum(one.interest_fen for one in ground.delays),
    }
    return [
        {"code": code, "zh": zh, "en": en, "value": values[code], "question": _question(code)}
        for code, (zh, en) in FIGURES.items()
    ]


def _question(code: str) -> str:
    if code in {"overdue_fen", "interest_fen"}:
        return "delays"
    return "completion" if code in AMOUNTS else "standings"


def _sums(units: Iterable[UnitStanding]) -> dict[str, int]:
    found = list(units)
    return {name: int(sum(getattr(one, name) for one in found)) for name in AMOUNTS}


def _regions(ground: Ground) -> list[dict[str, Any]]:
    of_region: dict[str, list[UnitStanding]] = {}
    for one in ground.units:
        code = child_region(one.unit.region_code, within=ground.region_code)
        of_region.setdefault(code, []).append(one)
    names = {**ground.region_names, ground.region_code: ground.region_name}
    return [
        {"code": code, "name": names.get(code, code), "units": len(rows), **_sums(rows)}
        for code, rows in sorted(of_region.items())
    ]


def child_region(code: str, *, within: str) -> str:
    """Give the region directly inside one that a place lies in: itself where it is no deeper."""
    length = next((one for one in GROUPS if one > len(subtree_prefix(within))), len(code))
    return code[:length].ljust(COUNTY_DIGITS, "0") if len(code) >= length else code


def _line(one: UnitStanding) -> dict[str, Any]:
    return {
        "id": str(one.unit.id),
        "name": one.unit.name,
        "credit_code": one.unit.credit_code,
        "region_code": one.unit.region_code,
        "place": one.place,
        "standing": one.standing,
        **{name: int(getattr(one, name)) for name in AMOUNTS},
    }


def _delay(one: UnitDelay, names: Mapping[OrganisationId, str]) -> dict[str, Any]:
    return {
        "unit_id": str(one.unit_id),
        "name": names.get(one.unit_id, ""),
        "overdue_fen": int(one.overdue_fen),
        "beyond_fen": int(one.beyond_fen),
        "interest_fen": int(one.interest_fen),
        "orders": one.orders,
        "longest_days": one.longest_days,
    }


def named(contents: Mapping[str, Any], standing: Standing) -> list[str]:
    """Name the units that stand so, by credit code."""
    return [one["name"] for one in contents["units"] if one["standing"] == standing]


def figure(contents: Mapping[str, Any], code: str) -> Fen:
    """Read one figure of the contents."""
    return Fen(next(one["value"] for one in contents["figures"] if one["code"] == code))
