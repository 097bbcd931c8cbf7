"""A trading world of any size, written straight into the tables: quick, and the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from benchmarks.goods import PLENTY_FEN, VILLAGE, write_goods
from benchmarks.rows import Person, Writer
from kernel.calendar import shanghai_year
from kernel.holds import EntryKind
from kernel.identity import new_id
from procurement.quotas.models import Fund, Quota, QuotaEntry
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from registry.regions.models import Region, RegionLevel

TOWN, COUNTY = "360732100", "360732"
UNIT_REGION = "441900129"


@dataclass(frozen=True)
class Size:
    """How much of everything there is."""

    units: int = 200
    buyers_per_unit: int = 2
    cooperatives: int = 500
    listings_per_cooperative: int = 20


@dataclass(frozen=True)
class World:
    """What requests are made of."""

    year: int
    buyers: tuple[Person, ...]
    payers: tuple[Person, ...]
    """One for each unit, in the units' order."""
    clerks: tuple[Person, ...]
    managers: tuple[Person, ...]
    """One for each cooperative, in the cooperatives' order, as are the listings."""
    listings: tuple[tuple[UUID, ...], ...]
    auditor: Person


def order_body(
    world: World,
    buyer: Person,
    listings: Sequence[object],
    *,
    address: str,
    quantity: str = "2",
    note: str | None = None,
) -> dict[str, Any]:
    """Write what a buyer sends to order so much of each listing for the own unit."""
    return {
        "kind": "reserved_share",
        "bound_unit_id": str(buyer.organisation_id),
        "year": world.year,
        "fund": "canteen",
        "pay_mode": "goods_first",
        "lines": [{"listing_id": str(one), "quantity": quantity} for one in listings],
        "delivery": {"address": address} | ({"note": note} if note else {}),
    }


def build(size: Size, *, now: datetime) -> World:
    """Write units with quotas, cooperatives with households, certificates, listings and lots.

    Runs in an application context on a migrated database; the caller commits.
    """
    writer = Writer(now)
    writer.rows(Region, [_village()])
    authority = writer.organisation(
        OrganisationKind.AUTHORITY, region_code=COUNTY, region_prefix=COUNTY
    )
    auditor, grantor = writer.person(authority, Role.AUDITOR)
    buyers, payers = _units(writer, size)
    clerks, managers, listings = [], [], []
    for _ in range(size.cooperatives):
        cooperative = writer.organisation(
            OrganisationKind.COOPERATIVE, region_code=COUNTY, region_prefix=COUNTY
        )
        clerk, author = writer.person(cooperative, Role.COOP_CLERK)
        manager, _ = writer.person(cooperative, Role.COOP_MANAGER)
        clerks.append(clerk)
        managers.append(manager)
        listings.append(
            write_goods(
                writer,
                cooperative=cooperative,
                author=author,
                grantor=grantor,
                count=size.listings_per_cooperative,
            )
        )
    return World(
        year=shanghai_year(now),
        buyers=tuple(buyers),
        payers=tuple(payers),
        clerks=tuple(clerks),
        managers=tuple(managers),
        listings=tuple(listings),
        auditor=auditor,
    )


def _village() -> dict[str, Any]:
    empty = dict.fromkeys(("valid_from_on", "valid_until_on", "successor_code"))
    return {
        "code": VILLAGE,
        "name": "测量村",
        "level": RegionLevel.VILLAGE,
        "parent_code": TOWN,
        **empty,
    }


def _units(writer: Writer, size: Size) -> tuple[list[Person], list[Person]]:
    buyers, payers = [], []
    for _ in range(size.units):
        unit = writer.organisation(
            OrganisationKind.BUDGET_UNIT, region_code=UNIT_REGION, region_prefix=UNIT_REGION
        )
        buyers += [writer.person(unit, Role.CANTEEN_BUYER)[0] for _ in range(size.buyers_per_unit)]
        payers.append(writer.person(unit, Role.UNIT_FINANCE)[0])
        _quota(writer, unit)
    return buyers, payers


def _quota(writer: Writer, unit: UUID) -> None:
    key = new_id()
    terms = {"ceiling_fen": PLENTY_FEN, "floor_fen": 0}
    row = {
        "id": key,
        "unit_id": unit,
        "year": shanghai_year(writer.now),
        "fund": Fund.CANTEEN,
        "held_fen": 0,
        "spent_fen": 0,
    }
    entry = {
        "id": new_id(),
        "counter_id": key,
        "kind": EntryKind.ADJUST,
        "held": 0,
        "spent": 0,
        "at": writer.now,
    }
    writer.rows(Quota, [row | terms])
    writer.rows(QuotaEntry, [entry | terms])
