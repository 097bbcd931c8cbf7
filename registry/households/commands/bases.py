"""Register and close the bases of cities, and report whether every city has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from registry.documents.rules import check_clear_of_identity
from registry.errors.pairings import OperatorUnknown
from registry.households.models.bases import AssistanceBase, AssistanceBaseId
from registry.households.queries.bases import CityBases, list_city_bases, lock_base
from registry.households.rules import bases as rules
from registry.organisations.models import OrganisationId
from registry.organisations.queries import find_live_organisation
from registry.regions.queries import get_live_region
from registry.regions.rules import check_reach, subtree_prefix


@dataclass(frozen=True)
class NewBase:
    """A base of a city, who runs it, and the document that it comes from."""

    city_code: str
    name: str
    operator_id: OrganisationId
    since_on: date
    source: str


@dataclass(frozen=True)
class BaseCoverage:
    """Every city of a province with its bases on a day, and whether each has enough."""

    province: str
    as_of: date
    least: int
    cities: Sequence[CityBases]

    @property
    def covered(self) -> int:
        """Count the cities that have enough."""
        return sum(one.bases >= self.least for one in self.cities)

    @property
    def gaps(self) -> Sequence[str]:
        """Name the cities that have not."""
        return [one.city_code for one in self.cities if one.bases < self.least]

    @property
    def met(self) -> bool:
        """Say whether all have; a province without cities has nothing to meet it with."""
        return bool(self.cities) and not self.gaps


def open_base(new: NewBase, *, by: Actor, now: datetime) -> AssistanceBase:
    """Register a base of a city of the actor's region.

    Refuses RegionUnknown, RegionUnfit, NotAllowed, OperatorUnknown, IdentityInText.
    """
    check_clear_of_identity(new.name, pointer="/name")
    check_clear_of_identity(new.source, pointer="/source")
    city = get_live_region(SYSTEM, new.city_code, pointer="/city_code", on=shanghai_day(now))
    rules.check_city(city)
    check_reach(city.code, by=by)
    if find_live_organisation(SYSTEM, new.operator_id) is None:
        raise OperatorUnknown(pointer="/operator_id")
    base = AssistanceBase(
        id=AssistanceBaseId(new_id()),
        city_code=city.code,
        name=new.name,
        operator_id=new.operator_id,
        since_on=new.since_on,
        source=new.source,
        created_at=now,
    )
    db.session.add(base)
    db.session.flush()
    audit.write("open_base", subject=("assistance_base", base.id), by=by, now=now)
    return base


def close_base(
    base_id: AssistanceBaseId,
    *,
    until_on: date,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> AssistanceBase:
    """Close a base of the actor's region; refuses NotFound, VersionStale, BaseClosed."""
    base = lock_base(by, base_id)
    check_reach(base.city_code, by=by)
    check_version(base.version, expected_version)
    rules.check_closing(base, until_on=until_on)
    base.until_on = until_on
    db.session.flush()
    audit.write("close_base", subject=("assistance_base", base.id), by=by, now=now)
    return base


def report_bases(by: Actor, *, province: str, on: date) -> BaseCoverage:
    """Report city by city how many bases a province has on a day.

    Refuses RegionUnknown, RegionUnfit.
    """
    rules.check_province(get_live_region(SYSTEM, province, pointer="/province", on=on))
    cities = list_city_bases(by, province_prefix=subtree_prefix(province), on=on)
    return BaseCoverage(province, on, rules.BASES_OF_A_CITY, cities)
