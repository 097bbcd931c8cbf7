"""Load the list of regions, add villages to it, and name the places that are helped."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import cast

from psycopg import Connection, Cursor
from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from registry.errors.households import PeriodBackwards
from registry.errors.regions import RegionUnknown
from registry.regions.models import (
    Designation,
    DesignationId,
    DesignationKind,
    Region,
    RegionSuccessor,
)
from registry.regions.queries import (
    find_region,
    get_live_region,
    get_region,
    list_regions_of,
)
from registry.regions.rules import (
    check_new_village,
    check_reach,
    level_of,
    subtree_prefix,
)

DATA = Path(__file__).parents[1] / "data"
REGION_COLUMNS = "code, name, level, parent_code, valid_from_on, valid_until_on, successor_code"


@dataclass(frozen=True)
class NewVillage:
    """A village to add under its town; the town is the first nine digits."""

    code: str
    name: str


@dataclass(frozen=True)
class NewDesignation:
    """A place to put on a list of helped places, with the document that says so."""

    kind: DesignationKind
    region_code: str
    valid_from_on: date
    source: str
    valid_until_on: date | None = None
    name_at_listing: str | None = None
    partner_code: str | None = None


@dataclass(frozen=True)
class NewSuccessor:
    """One of several codes that a code went into."""

    code: str
    successor_code: str
    since_on: date
    source: str


def load_regions(now: datetime) -> None:
    """Load regions and designations that are missing or different; changes nothing twice.

    Villages and designations that people added stay as they are. Writes one audit row when
    anything changed.
    """
    regions = _load_regions()
    designations = _load_designations()
    if regions or designations:
        audit.write(
            "load_regions",
            subject=("region", "all"),
            by=SYSTEM,
            now=now,
            after={"regions": regions, "designations": designations},
        )


def add_village(new: NewVillage, *, by: Actor, now: datetime) -> Region:
    """Add a village under its town, in force from today.

    Refuses RegionUnknown (no such town), RegionUnfit, and a place outside the actor's region.
    """
    today = shanghai_day(now)
    town_code = subtree_prefix(new.code)[:9]
    town = get_live_region(by, town_code, on=today, pointer="/code")
    check_new_village(new.code, town=town, by=by)
    village = Region(
        code=new.code,
        name=new.name,
        level=level_of(new.code),
        parent_code=town.code,
        valid_from_on=today,
    )
    db.session.add(village)
    db.session.flush()
    audit.write(
        "add_village", subject=("region", village.code), by=by, now=now, after={"name": new.name}
    )
    return village


def designate_region(new: NewDesignation, *, by: Actor, now: datetime) -> Designation:
    """Put a region on a list of helped places.

    Refuses RegionUnknown, PeriodBackwards, DesignationExists, and a place outside the actor's
    region. The name at listing is today's name unless another is given.
    """
    get_live_region(by, new.region_code, on=shanghai_day(now), pointer="/region_code")
    if new.partner_code and find_region(by, new.partner_code, on=shanghai_day(now)) is None:
        raise RegionUnknown(pointer="/partner_code", region_code=new.partner_code)
    check_reach(new.region_code, by=by)
    if new.valid_until_on is not None and new.valid_until_on <= new.valid_from_on:
        raise PeriodBackwards(
            pointer="/valid_until_on", from_on=new.valid_from_on, until_on=new.valid_until_on
        )
    designation = Designation(
        id=DesignationId(new_id()),
        kind=new.kind,
        region_code=new.region_code,
        name_at_listing=new.name_at_listing or get_region(by, new.region_code).name,
        valid_from_on=new.valid_from_on,
        valid_until_on=new.valid_until_on,
        partner_code=new.partner_code,
        source=new.source,
    )
    db.session.add(designation)
    db.session.flush()
    audit.write(
        "designate_region",
        subject=("designation", designation.id),
        by=by,
        now=now,
        after={"kind": new.kind, "region_code": new.region_code, "source": new.source},
    )
    return designation


def add_successor(new: NewSuccessor, *, by: Actor, now: datetime) -> RegionSuccessor:
    """Say that a code went into another, one of several; with the document that says so.

    Refuses RegionUnknown (either) and RegionSuccessorTaken.
    """
    regions = list_regions_of(by, {new.code, new.successor_code})
    for pointer, code in (("/code", new.code), ("/successor_code", new.successor_code)):
        if code not in regions or new.code == new.successor_code:
            raise RegionUnknown(pointer=pointer, region_code=code)
    made = RegionSuccessor(
        code=new.code,
        successor_code=new.successor_code,
        since_on=new.since_on,
        source=new.source,
    )
    db.session.add(made)
    db.session.flush()
    audit.write(
        "add_successor",
        subject=("region", new.code),
        by=by,
        now=now,
        after={"successor_code": new.successor_code, "source": new.source},
    )
    return made


def _load_regions() -> int:
    """Give the number of regions that were written; 42,000 rows go in by COPY."""
    cursor = _cursor()
    cursor.execute("CREATE TEMP TABLE loaded_region (LIKE region) ON COMMIT DROP")
    with cursor.copy(
        f"COPY loaded_region ({REGION_COLUMNS}) FROM STDIN WITH (FORMAT csv, HEADER match)"
    ) as copy:
        copy.write((DATA / "regions.csv").read_bytes())
    written = db.session.execute(
        text(
            f"INSERT INTO region ({REGION_COLUMNS}) SELECT {REGION_COLUMNS} FROM loaded_region"  # noqa: S608 - constants
            " ON CONFLICT (code) DO UPDATE SET (name, level, parent_code, valid_from_on,"
            " valid_until_on, successor_code) = (excluded.name, excluded.level,"
            " excluded.parent_code, excluded.valid_from_on, excluded.valid_until_on,"
            " excluded.successor_code) WHERE (region.name, region.level, region.parent_code,"
            " region.valid_from_on, region.valid_until_on, region.successor_code) IS DISTINCT"
            " FROM (excluded.name, excluded.level, excluded.parent_code, excluded.valid_from_on,"
            " excluded.valid_until_on, excluded.successor_code) RETURNING 1"
        )
    ).all()
    cursor.execute("DROP TABLE loaded_region")
    return len(written)


def _load_designations() -> int:
    values = [
        {"id": new_id(), **{column: value or None for column, value in row.items()}}
        for row in _rows("designations.csv")
    ]
    statement = (
        insert(cast("Table", Designation.__table__))
        .values(values)
        .on_conflict_do_nothing(constraint="uq_designation_member")
        .returning(Designation.id)
    )
    return len(db.session.execute(statement).all())


def _cursor() -> Cursor[tuple[object, ...]]:
    connection = db.session.connection().connection.driver_connection
    return cast("Connection[tuple[object, ...]]", connection).cursor()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
