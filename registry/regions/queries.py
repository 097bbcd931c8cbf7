"""Which regions there are, what they were named, and what produce of a place counts as."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.errors.regions import RegionUnknown
from registry.regions.models import (
    Designation,
    DesignationKind,
    OriginKind,
    Region,
    RegionLevel,
    RegionSuccessor,
)

ORIGIN_KINDS: Mapping[DesignationKind, OriginKind] = {
    DesignationKind.NATIONAL_832: OriginKind.NATIONAL_832,
    DesignationKind.PROVINCIAL_VILLAGE: OriginKind.PROVINCIAL_VILLAGE,
    DesignationKind.PAIRED_REGION: OriginKind.PAIRED_REGION,
}
"""The designations that give an origin kind, the strongest first."""


@dataclass(frozen=True)
class RegionView:
    """A region with the designations that are in force for itself, not for what it lies in."""

    code: str
    name: str
    level: RegionLevel
    parent_code: str | None
    valid_from_on: date | None
    valid_until_on: date | None
    successor_code: str | None
    designations: Sequence[Designation]


def get_region(actor: Actor, code: str) -> Region:
    """Give a region, abolished ones too, or NotFound; regions are public."""
    del actor
    region = db.session.get(Region, code) if code.isascii() and code.isdigit() else None
    if region is None:
        raise NotFound
    return region


def find_region(actor: Actor, code: str, *, on: date) -> Region | None:
    """Give a region that is in force on the day, if there is one."""
    del actor
    return db.session.execute(
        select(Region).where(Region.code == code, region_in_force(on))
    ).scalar_one_or_none()


def get_live_region(actor: Actor, code: str, *, on: date, pointer: str) -> Region:
    """Give a region that is in force on the day, or refuse what stands at the pointer.

    Raises RegionUnknown.
    """
    region = find_region(actor, code, on=on)
    if region is None:
        raise RegionUnknown(pointer=pointer, region_code=code)
    return region


def get_region_view(actor: Actor, code: str, *, on: date) -> RegionView:
    """Give a region with its designations in force on the day, or NotFound."""
    return _views([get_region(actor, code)], on=on)[0]


def list_regions(
    actor: Actor, *, parent_code: str, on: date, limit: int, cursor: str | None
) -> Page[RegionView]:
    """List the regions directly inside a region that are in force on the day, by code."""
    del actor
    found = page(
        select(Region).where(Region.parent_code == parent_code, region_in_force(on)),
        keys=[(Region.code, False)],
        limit=limit,
        cursor=cursor,
        filters={"parent": parent_code},
    )
    return Page(_views(found.items, on=on), found.next_cursor)


def list_successors(actor: Actor, code: str, *, on: date) -> list[Region]:
    """Give what a code stands for on a day: itself while it is in force, else what followed.

    Several where it was split, none where nobody knows; by code.
    """
    seen: set[str] = set()
    live: list[Region] = []
    asked = {code}
    while asked:
        seen |= asked
        found = list_regions_of(actor, asked).values()
        ended = [region for region in found if not _is_in_force(region, on)]
        live += [region for region in found if _is_in_force(region, on)]
        split = select(RegionSuccessor.successor_code).where(
            RegionSuccessor.code.in_([region.code for region in ended]),
            RegionSuccessor.since_on <= on,
        )
        follow = {region.successor_code for region in ended if region.successor_code}
        asked = (follow | set(db.session.scalars(split))) - seen if ended else set()
    return sorted(live, key=lambda region: region.code)


def list_regions_of(actor: Actor, codes: Collection[str]) -> dict[str, Region]:
    """Give those of the codes that the register knows, abolished ones too."""
    del actor
    found = db.session.scalars(select(Region).where(Region.code.in_(codes)))
    return {region.code: region for region in found}


def list_regions_named(actor: Actor, name: str, *, on: date, most: int) -> list[Region]:
    """List the regions of a name that are in force on a day, the wider first."""
    del actor
    query = select(Region).where(Region.name == name, region_in_force(on))
    return list(
        db.session.scalars(query.order_by(func.length(Region.code), Region.code).limit(most))
    )


def find_origin_kind(actor: Actor, region_code: str, *, on: date) -> OriginKind:
    """Tell what produce of a place counts as on a day: the strongest designation around it.

    A designation holds for everything inside the designated region. A code that was abolished
    counts as what took its place.
    """
    del actor
    around = select(Region.code, Region.parent_code, Region.successor_code).where(
        Region.code == region_code
    )
    tree = around.cte("around", recursive=True)
    tree = tree.union(
        select(Region.code, Region.parent_code, Region.successor_code).where(
            or_(Region.code == tree.c.parent_code, Region.code == tree.c.successor_code)
        )
    )
    strength = {kind: index for index, kind in enumerate(ORIGIN_KINDS)}
    strongest = db.session.execute(
        select(Designation.kind)
        .where(
            Designation.region_code.in_(select(tree.c.code)),
            Designation.kind.in_(ORIGIN_KINDS),
            designation_in_force(on),
        )
        .order_by(case(strength, value=Designation.kind))
        .limit(1)
    ).scalar_one_or_none()
    return OriginKind.OTHER if strongest is None else ORIGIN_KINDS[strongest]


def region_in_force(on: date) -> ColumnElement[bool]:
    """Say, of `Region`, that it is in force on a day; an unknown beginning lies before it."""
    return or_(Region.valid_from_on.is_(None), Region.valid_from_on <= on) & or_(
        Region.valid_until_on.is_(None), Region.valid_until_on > on
    )


def designation_in_force(on: date) -> ColumnElement[bool]:
    """Say, of `Designation`, that it is in force on a day."""
    return (Designation.valid_from_on <= on) & or_(
        Designation.valid_until_on.is_(None), Designation.valid_until_on > on
    )


def _is_in_force(region: Region, on: date) -> bool:
    begun = region.valid_from_on is None or region.valid_from_on <= on
    return begun and (region.valid_until_on is None or on < region.valid_until_on)


def _views(regions: Sequence[Region], *, on: date) -> list[RegionView]:
    designations = _designations([region.code for region in regions], on=on)
    return [
        RegionView(
            code=region.code,
            name=region.name,
            level=region.level,
            parent_code=region.parent_code,
            valid_from_on=region.valid_from_on,
            valid_until_on=region.valid_until_on,
            successor_code=region.successor_code,
            designations=designations[region.code],
        )
        for region in regions
    ]


def _designations(codes: Collection[str], *, on: date) -> dict[str, list[Designation]]:
    found: dict[str, list[Designation]] = {code: [] for code in codes}
    rows = db.session.execute(
        select(Designation)
        .where(Designation.region_code.in_(codes), designation_in_force(on))
        .order_by(Designation.valid_from_on, Designation.id)
    ).scalars()
    for designation in rows:
        found[designation.region_code].append(designation)
    return found
