"""What a list of households or links names by codes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, or_, select

from kernel.actor import Actor
from kernel.database import db
from registry.households.models.households import Household, HouseholdId
from registry.households.queries.households import in_own_county, visible


def list_known_indexes(actor: Actor, indexes: Sequence[bytes]) -> frozenset[bytes]:
    """Give those of the blind indexes under which a household stands, in sight or not."""
    del actor  # one identity number is one household, wherever it stands
    found = db.session.scalars(
        select(Household.id_number_index).where(Household.id_number_index.in_(indexes))
    )
    return frozenset(map(bytes, found))


def find_household_by_code(actor: Actor, code: str) -> HouseholdId | None:
    """Find a household in sight, or of the own county, by its exact code."""
    seen = or_(visible(actor), in_own_county(actor))
    return db.session.scalar(select(Household.id).where(Household.code == code, seen))


def find_households_in_sight(actor: Actor) -> Select[HouseholdId]:
    """Select the keys of the households that an actor sees, for papers about them."""
    return select(Household.id).where(visible(actor))
