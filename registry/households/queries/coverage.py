"""Who of the register is reached by help, and which villages lack leaders; by code, as of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.sql.selectable import LateralFromClause

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from registry.households.models.households import (
    Household,
    HouseholdChange,
    HouseholdClass,
    VillageLeader,
)
from registry.households.models.links import BenefitLink, BenefitWay
from registry.households.queries.households import VILLAGE_DIGITS, inside, visible
from registry.households.queries.links import link_in_force
from registry.households.queries.members import HELPED
from registry.organisations.models import SELLERS
from registry.regions.models import Region, RegionLevel
from registry.regions.rules import COUNTY_DIGITS, GROUPS, subtree_prefix


@dataclass(frozen=True)
class Uncovered:
    """A household that could work and wants to, without help of the kind asked for."""

    household_code: str
    village_code: str
    household_class: HouseholdClass
    able_labour: int


@dataclass(frozen=True)
class PlaceTotals:
    """What the register of one place held on a day."""

    region_code: str
    name: str
    households: int
    people: int
    villages: int


@dataclass(frozen=True)
class Totals:
    """What the register of a region held on a day: by class, by way of help, by place below."""

    region_code: str
    as_of: date
    households: int
    people: int
    able_and_willing: int
    linked: int
    by_class: Mapping[str, int]
    by_way: Mapping[str, int]
    places: Sequence[PlaceTotals]


@dataclass(frozen=True)
class LeaderGap:
    """A village of the register with fewer leaders than the figure in force."""

    village_code: str
    name: str
    leaders: int


def list_uncovered(
    actor: Actor,
    *,
    region_prefix: str,
    on: date,
    way: BenefitWay | None,
    limit: int,
    cursor: str | None,
) -> Page[Uncovered]:
    """List the helped households, able and willing on a day, that no link reached on it.

    With `way` only links of that way count: `jobs` gives the households none of whose members
    works for a registered entity. By village and code.
    """
    stood, village = _standing(on), _village(on)
    found = page(
        select(Household.code, village, stood.c.household_class, stood.c.able_labour)
        .join(stood, true())
        .where(
            *_helped(actor, stood, village, region_prefix=region_prefix),
            stood.c.able_labour > 0,
            stood.c.willing,
            ~_reached(on, way),
        ),
        keys=[(village, False), (Household.code, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"region": region_prefix, "on": on, "way": way},
    )
    return Page([Uncovered(*row) for row in found.items], found.next_cursor)


def get_totals(actor: Actor, *, region_code: str, on: date) -> Totals:
    """Count the register of a region on a day, by class, by way, and by the places below it."""
    prefix = subtree_prefix(region_code)
    stood, village = _standing(on), _village(on)
    helped = _helped(actor, stood, village, region_prefix=prefix)
    able = (stood.c.able_labour > 0) & stood.c.willing
    place = func.left(village, _digits_below(prefix))
    counted = (
        func.count(),
        func.coalesce(func.sum(stood.c.members), 0),
        func.count().filter(able),
        func.count().filter(_reached(on, None)),
    )
    rows = db.session.execute(
        select(place, stood.c.household_class, *counted)
        .select_from(Household)
        .join(stood, true())
        .where(*helped)
        .group_by(place, stood.c.household_class)
    ).all()
    by_class = {one.value: 0 for one in HouseholdClass}
    places: dict[str, list[int]] = {}
    for code, household_class, households, people, *_ in rows:
        by_class[household_class] += households
        sums = places.setdefault(code, [0, 0])
        sums[0] += households
        sums[1] += people
    return Totals(
        region_code=region_code,
        as_of=on,
        households=sum(by_class.values()),
        people=sum(sums[1] for sums in places.values()),
        able_and_willing=sum(row[4] for row in rows),
        linked=sum(row[5] for row in rows),
        by_class=by_class,
        by_way=_by_way(stood, helped, on=on),
        places=_places(stood, helped, village, places, region_prefix=prefix),
    )


def list_leader_gaps(
    actor: Actor, *, region_prefix: str, on: date, least: int, limit: int, cursor: str | None
) -> Page[LeaderGap]:
    """List the villages of the actor's region with households and fewer leaders on a day."""
    leaders = (
        select(func.count(VillageLeader.id))
        .where(
            VillageLeader.village_code == Region.code,
            VillageLeader.since_on <= on,
            or_(VillageLeader.until_on.is_(None), VillageLeader.until_on > on),
        )
        .scalar_subquery()
    )
    # A row, not EXISTS: the planner would join all villages first, and page afterwards.
    peopled = (
        select(Household.code)
        .where(Household.village_code == Region.code, Household.state.in_(HELPED), visible(actor))
        .limit(1)
        .scalar_subquery()
    )
    found = page(
        select(Region.code, Region.name, leaders).where(
            Region.level == RegionLevel.VILLAGE,
            inside(Region.code, region_prefix),
            peopled.is_not(None),
            (leaders >= least).is_(False),
        ),
        keys=[(Region.code, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"region": region_prefix, "on": on, "least": least},
    )
    return Page([LeaderGap(*row) for row in found.items], found.next_cursor)


def _standing(on: date) -> LateralFromClause:
    """Say, of `Household`, how it stood on a day: the last row of its history up to it."""
    return (
        select(
            HouseholdChange.household_class,
            HouseholdChange.state,
            HouseholdChange.members,
            HouseholdChange.able_labour,
            HouseholdChange.willing,
        )
        .where(HouseholdChange.household_id == Household.id, HouseholdChange.from_on <= on)
        .order_by(HouseholdChange.from_on.desc(), HouseholdChange.position.desc())
        .limit(1)
        .lateral("stood")
    )


def _village(on: date) -> ColumnElement[str]:
    """Say, of `Household`, where it lived on a day: what it left first after it, else its own.

    Its own column, which the index knows, while nobody has moved since.
    """
    moved = (HouseholdChange.left_village_code.is_not(None), HouseholdChange.from_on > on)
    if db.session.execute(select(HouseholdChange.id).where(*moved).limit(1)).first() is None:
        return Household.village_code.expression
    left = (
        select(HouseholdChange.left_village_code)
        .where(HouseholdChange.household_id == Household.id, *moved)
        .order_by(HouseholdChange.from_on, HouseholdChange.position)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(left, Household.village_code)


def _helped(
    actor: Actor, stood: LateralFromClause, village: ColumnElement[str], *, region_prefix: str
) -> list[ColumnElement[bool]]:
    """Say that a household was helped in a region that the actor sees, by where it lived."""
    office = actor.sight is Sight.REGION and actor.organisation_kind not in SELLERS
    seen = inside(village, actor.region_prefix) if office else visible(actor)
    return [seen, inside(village, region_prefix), stood.c.state.in_(HELPED)]


def _reached(on: date, way: BenefitWay | None) -> ColumnElement[bool]:
    links = select(BenefitLink.id).where(
        BenefitLink.household_id == Household.id, link_in_force(on)
    )
    return exists(links if way is None else links.where(BenefitLink.way == way))


def _by_way(
    stood: LateralFromClause, helped: Sequence[ColumnElement[bool]], *, on: date
) -> dict[str, int]:
    """Count the households that each way reaches; one household may stand under several."""
    rows = db.session.execute(
        select(BenefitLink.way, func.count(Household.id.distinct()))
        .select_from(Household)
        .join(stood, true())
        .join(BenefitLink, BenefitLink.household_id == Household.id)
        .where(*helped, link_in_force(on))
        .group_by(BenefitLink.way)
    )
    return {one.value: 0 for one in BenefitWay} | {way.value: count for way, count in rows}


def _places(
    stood: LateralFromClause,
    helped: Sequence[ColumnElement[bool]],
    village: ColumnElement[str],
    sums: Mapping[str, Sequence[int]],
    *,
    region_prefix: str,
) -> list[PlaceTotals]:
    place = func.left(village, _digits_below(region_prefix))
    villages = db.session.execute(
        select(place, func.count(village.distinct()))
        .select_from(Household)
        .join(stood, true())
        .where(*helped)
        .group_by(place)
    )
    counts = {row[0]: int(row[1]) for row in villages}
    codes = {prefix: prefix.ljust(COUNTY_DIGITS, "0") for prefix in sums}
    names = {
        row[0]: str(row[1])
        for row in db.session.execute(
            select(Region.code, Region.name).where(Region.code.in_(codes.values()))
        )
    }
    return [
        PlaceTotals(
            region_code=codes[one],
            name=names.get(codes[one], ""),
            households=sums[one][0],
            people=sums[one][1],
            villages=counts[one],
        )
        for one in sorted(sums)
    ]


def _digits_below(prefix: str) -> int:
    return next((length for length in GROUPS if length > len(prefix)), VILLAGE_DIGITS)
