"""Put households on the register, read them in clear, and link them to organisations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import blind_index
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.commands.disclosures import record_disclosure
from registry.documents.rules import check_clear_of_identity
from registry.errors.regions import RegionUnknown
from registry.households.models.households import Household, HouseholdClass, HouseholdId
from registry.households.queries.households import COUNTY_DIGITS, get_household
from registry.households.rules.households import check_labour, check_village
from registry.regions.queries import find_region
from registry.regions.rules import check_reach

ID_NUMBER_INDEX = "household.id_number"


@dataclass(frozen=True)
class NewHousehold:
    """A household to put on the register; the identity number has been checked at the door."""

    village_code: str
    head_name: str = field(repr=False)
    id_number: str = field(repr=False)
    members: int
    able_labour: int
    household_class: HouseholdClass
    willing: bool = True
    phone: str | None = field(default=None, repr=False)
    bank_card: str | None = field(default=None, repr=False)


def register_household(new: NewHousehold, *, by: Actor, now: datetime) -> Household:
    """Put a household of the actor's region on the register.

    Refuses RegionUnknown, RegionUnfit (no village), NotAllowed (another region),
    LabourAboveMembers, IdNumberTaken.
    """
    village = find_region(by, new.village_code, on=shanghai_day(now))
    if village is None:
        raise RegionUnknown(pointer="/village_code", region_code=new.village_code)
    check_village(village)
    check_reach(village.code, by=by)
    check_labour(members=new.members, able_labour=new.able_labour)
    household = Household(
        id=HouseholdId(new_id()),
        code=next_number("BF-H", region_code=village.code[:COUNTY_DIGITS], year=shanghai_year(now)),
        village_code=village.code,
        head_name=new.head_name,
        id_number=new.id_number,
        id_number_index=blind_index(new.id_number, purpose=ID_NUMBER_INDEX),
        phone=new.phone,
        bank_card=new.bank_card,
        members=new.members,
        able_labour=new.able_labour,
        willing=new.willing,
        household_class=new.household_class,
        registered_at=now,
    )
    db.session.add(household)
    db.session.flush()
    audit.write(
        "register_household",
        subject=("household", household.id),
        by=by,
        now=now,
        after={"code": household.code, "village_code": household.village_code},
    )
    return household


def disclose_household(
    household_id: HouseholdId, *, purpose: str, by: Actor, now: datetime
) -> Household:
    """Give a household in clear for a stated purpose; who, why and when is kept for good.

    Refuses NotFound (also out of sight) and IdentityInText (in the purpose).
    """
    household = get_household(by, household_id)
    check_clear_of_identity(purpose, pointer="/purpose")
    record_disclosure(("household", household.id), purpose=purpose, by=by, now=now)
    return household
