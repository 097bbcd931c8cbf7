"""What a cooperative's pages decide: what an order waits for, which lot goes first, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

NOTHING = Decimal(0)
WARNING_DAYS = 90
FAR = "9999-12-31"
STEP = "-"
UNSENT = frozenset({"unshipped", "partly_shipped"})


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet of quantities: what it is of, what stands in it, what is wrong with it.

    `at` is its place among the rows that hold something, as the door counts them.
    """

    number: int
    of: Mapping[str, Any]
    values: Mapping[str, str]
    at: int | None = None
    errors: tuple[str, ...] = field(default=())


def acts_on(order: Mapping[str, Any], *, billed_fen: int) -> list[str]:
    """Say what an order waits for on the supplier's side, the next thing first."""
    status, sent = order["order_status"], order["fulfilment_status"]
    acts = []
    if status == "placed":
        acts += ["confirm", "freight"]
    if status == "confirmed" and sent in UNSENT:
        acts += ["ship", "substitute"]
    if order["accepted_fen"] > billed_fen:
        acts.append("invoice")
    if status in {"placed", "confirmed"} and sent == "unshipped" and order["paid_fen"] == 0:
        acts.append("cancel")
    return acts


def free_of(lot: Mapping[str, Any], held: Mapping[str, Decimal]) -> Decimal:
    """Give what of a lot may go out: what nobody holds, and what is held for this line."""
    own = held.get(lot["id"], NOTHING)
    return max(
        Decimal(lot["total"]) - Decimal(lot["held"]) - Decimal(lot["shipped"]) + own, NOTHING
    )


def first_expired_first(lots: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put lots in the order in which they should leave: what expires first, then the oldest."""
    return sorted(lots, key=lambda lot: (lot["expires_on"] or FAR, lot["harvested_on"]))


def sending_rows(order: Mapping[str, Any], lots: Iterable[Mapping[str, Any]]) -> list[SheetRow]:
    """Plan a shipment: each open line from its lots, what expires first to go first.

    A lot counted in another unit than the line is left to the house, which knows how to convert.
    """
    known = list(lots)
    rows: list[SheetRow] = []
    for line in order["lines"]:
        open_quantity = due_of(line)
        if open_quantity <= NOTHING:
            continue
        held = _held_for(line, order)
        mine = [one for one in known if one["listing_id"] == line["listing_id"]]
        usable = [one for one in mine if one["unit"] == line["unit"] and free_of(one, held)]
        if not usable or len(usable) < len([one for one in mine if free_of(one, held)]):
            usable = []
        for lot in first_expired_first(usable):
            free = free_of(lot, held)
            part = min(open_quantity, free)
            open_quantity -= part
            rows.append(_sending(len(rows), line, lot, free=free, part=part))
        if open_quantity > NOTHING:
            rows.append(_sending(len(rows), line, None, free=None, part=open_quantity))
    return rows


def due_of(line: Mapping[str, Any]) -> Decimal:
    """Give what of a line is still to be sent."""
    return (
        Decimal(line["quantity"])
        - Decimal(line["substituted_quantity"])
        - Decimal(line["shipped_quantity"])
    )


def _held_for(line: Mapping[str, Any], order: Mapping[str, Any]) -> dict[str, Decimal]:
    held: dict[str, Decimal] = {}
    for one in order["holds"]["stock"]:
        if one["order_line_id"] == line["id"]:
            held[one["lot_id"]] = held.get(one["lot_id"], NOTHING) + Decimal(one["quantity"])
    return held


def _sending(
    number: int,
    line: Mapping[str, Any],
    lot: Mapping[str, Any] | None,
    *,
    free: Decimal | None,
    part: Decimal,
) -> SheetRow:
    quantity = "" if part <= NOTHING else plain(part)
    return SheetRow(number, {"line": line, "lot": lot, "free": free}, {"quantity": quantity})


def plain(number: Decimal) -> str:
    """Write a quantity as it stands in a form."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_sent(
    rows: Iterable[SheetRow],
    sent: Mapping[str, str] | None,
    *,
    names: tuple[str, ...],
    prefix: str,
    errors: Mapping[str, tuple[str, ...]],
) -> list[SheetRow]:
    """Give rows as they were sent, each with what is wrong with it; the first name decides.

    Cells are called `<prefix>-<number>-<name>`; a row whose first cell is empty is not sent.
    """
    found: list[SheetRow] = []
    count = 0
    for row in rows:
        values = dict(row.values)
        if sent is not None:
            values = {name: sent.get(cell(prefix, row.number, name), "").strip() for name in names}
        filled = bool(values.get(names[0]))
        at = count if filled else None
        count += filled
        wrong = () if at is None else _wrong(errors, at, prefix)
        found.append(SheetRow(row.number, row.of, values, at, wrong))
    return found


def cell(prefix: str, number: int, name: str) -> str:
    """Give the name of a cell of a sheet."""
    return STEP.join([prefix, str(number), name])


def _wrong(errors: Mapping[str, tuple[str, ...]], at: int, prefix: str) -> tuple[str, ...]:
    begin = f"{prefix}.{at}"
    return tuple(
        one
        for name, several in errors.items()
        if name == begin or name.startswith(begin + ".")
        for one in several
    )


def until(days: int, *, on: date) -> str:
    """Give the day so many days ahead."""
    return (on + timedelta(days=days)).isoformat()


def days_to(day: str | None, *, on: date) -> int | None:
    """Say how many days are left until a day; None where there is none."""
    return None if day is None else (date.fromisoformat(day) - on).days


def is_renewal_open(terms: Mapping[str, Any], days_left: int | None) -> bool:
    """Say whether a certificate with so many days left may be renewed by these terms."""
    if days_left is None:
        return False
    return bool(-terms["renewal_closes_days"] < days_left <= terms["renewal_opens_days"])


def checklist(
    application: Mapping[str, Any], scheme: Mapping[str, Any], kinds: Iterable[str]
) -> list[tuple[tuple[str, ...], bool]]:
    """Say which papers a scheme wants, each as its alternatives, and whether one is there."""
    there = set(kinds)
    wanted = [(one,) for one in scheme["paper_kinds"]]
    by_category = scheme["category_papers"].get(application["category_code"], ())
    wanted += [tuple(alternatives) for alternatives in by_category]
    return [(alternatives, not there.isdisjoint(alternatives)) for alternatives in wanted]


def reasons_by_field(application: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give why an application was returned last, by the field that is meant."""
    if application["status"] != "returned" or not application["steps"]:
        return {}
    found: dict[str, list[str]] = {}
    for one in application["steps"][-1]["reasons"]:
        found.setdefault(one["pointer"].strip("/").partition("/")[0], []).append(one["text"])
    return found


def pages_around(region_code: str) -> list[str]:
    """Give the codes of the county, city and province around a place, the nearest first."""
    codes = [region_code[:length].ljust(6, "0") for length in (6, 4, 2)]
    return list(dict.fromkeys(codes))


def share(part: str, whole: str) -> float:
    """Give how much of a whole is used, 0 to 1 and more; 0 of nothing."""
    return float(Decimal(part) / Decimal(whole)) if Decimal(whole) else 0.0


def fen(yuan: str) -> int | str:
    """Give yuan as fen; what is no amount stays for the door to refuse."""
    try:
        found = Decimal(yuan.replace(",", "")) * 100
        return int(found) if found == int(found) else yuan
    except (InvalidOperation, ValueError, OverflowError):
        return yuan
