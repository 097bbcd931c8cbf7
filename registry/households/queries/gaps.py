"""By which villages and households of a region nobody may have stood, a stretch of it at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, Select, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, array

from kernel.actor import Actor
from kernel.database import db
from registry.households.models.households import Household, HouseholdId
from registry.households.models.pairings import Pairing
from registry.households.queries.households import VILLAGE_DIGITS, inside
from registry.households.queries.pairings import find_reach
from registry.regions.models import Designation, DesignationKind
from registry.regions.queries import designation_in_force

AHEAD = 2_000
"""How many households are looked at in one stretch, whatever is found among them."""
Place = tuple[str, str]
"""A village and the code of a household of it; without a code the village itself."""


@dataclass(frozen=True)
class Watched:
    """A household, or with none a village, with the periods in which somebody stood by it."""

    household_id: HouseholdId | None
    periods: Sequence[tuple[date, date | None]]


def list_watched(
    actor: Actor, *, region_prefix: str, begins: Place, since_on: date, until_on: date
) -> tuple[list[tuple[Place, Watched]], Place | None]:
    """Give what was ever paired in the region and no one pairing covers, from a place on.

    By village, itself first, and household code; a household counts where it lives. Villages that
    a province named count without a pairing too. Beside them where the stretch that was looked at
    ends, None at the end of the region; the region is as far as the actor sees it.
    """
    reach = find_reach(actor, region_prefix)
    if reach is None:
        return [], None
    ends = _end_of_stretch(reach, begins)
    households = _households(reach, begins, since_on=since_on, until_on=until_on)
    last = reach.ljust(VILLAGE_DIGITS, "9") if ends is None else ends[0]
    villages = _villages(first=max(begins[0], reach), last=last, on=since_on)
    return sorted((households | villages).items()), ends


def _end_of_stretch(reach: str, begins: Place) -> Place | None:
    row = db.session.execute(_from(reach, begins).offset(AHEAD - 1).limit(1)).one_or_none()
    return None if row is None else (row.village_code, row.code)


def _from(reach: str, begins: Place) -> Select[HouseholdId, str, str]:
    """Walk the households of a region in the order of an index, from a place on."""
    village_code, code = begins
    return (
        select(Household.id, Household.village_code, Household.code)
        .where(
            inside(Household.village_code, reach),
            tuple_(Household.village_code, Household.code) >= tuple_(village_code, code),
        )
        .order_by(Household.village_code, Household.code)
    )


def _households(
    reach: str, begins: Place, *, since_on: date, until_on: date
) -> dict[Place, Watched]:
    """Read what is known of each household by an index; as values, which no plan turns round."""
    near = _from(reach, begins).limit(AHEAD).subquery("near")
    covers = and_(
        Pairing.since_on <= since_on, or_(Pairing.until_on.is_(None), Pairing.until_on >= until_on)
    )
    of_it = Pairing.household_id == near.c.id
    is_covered = select(func.bool_or(covers)).where(of_it).scalar_subquery()
    period = array([Pairing.since_on, Pairing.until_on])
    periods = select(func.array_agg(period, type_=ARRAY(Date))).where(of_it).scalar_subquery()
    rows = db.session.execute(select(near, periods).where(is_covered.is_(False)))
    return {
        (village_code, code): Watched(household_id, [(begin, end) for begin, end in held])
        for household_id, village_code, code, held in rows
    }


def _villages(*, first: str, last: str, on: date) -> dict[Place, Watched]:
    paired = db.session.execute(
        select(Pairing.village_code, Pairing.since_on, Pairing.until_on).where(
            Pairing.household_id.is_(None), Pairing.village_code.between(first, last)
        )
    )
    named = db.session.scalars(
        select(Designation.region_code).where(
            Designation.kind == DesignationKind.PROVINCIAL_VILLAGE,
            Designation.region_code.between(first, last),
            designation_in_force(on),
        )
    )
    found: dict[str, list[tuple[date, date | None]]] = {village_code: [] for village_code in named}
    for village_code, begin, end in paired:
        found.setdefault(village_code, []).append((begin, end))
    return {(village_code, ""): Watched(None, held) for village_code, held in found.items()}
