"""What a household that moves or splits needs to be true."""

from __future__ import annotations

from collections.abc import Mapping

from registry.errors.households import SameVillage, SplitUnfit
from registry.households.models.households import Household
from registry.households.models.members import HouseholdMember, MemberId, Relation


def check_move(household: Household, *, village_code: str) -> None:
    """Refuse to move a household to where it lives."""
    if household.village_code == village_code:
        raise SameVillage(pointer="/village_code", village_code=village_code)


def check_split(
    household: Household,
    present: Mapping[MemberId, HouseholdMember],
    *,
    relations: Mapping[MemberId, Relation],
    able_labour: int,
) -> None:
    """Refuse a split without one new head, with strangers or the old head, or that adds up wrong.

    `present` are the members of the household, `relations` those who leave and what they are to
    the new head. Somebody stays, and so do no more able workers than people.
    """
    heads = [one for one in relations.values() if one is Relation.HEAD]
    if len(heads) != 1 or not relations.keys() <= present.keys():
        raise SplitUnfit(pointer="/members")
    if any(present[one].relation is Relation.HEAD for one in relations):
        raise SplitUnfit(pointer="/members")
    staying, workers = household.members - len(relations), household.able_labour - able_labour
    if staying < 1:
        raise SplitUnfit(pointer="/members")
    if able_labour > len(relations) or not 0 <= workers <= staying:
        raise SplitUnfit(pointer="/able_labour")
