"""Pair helpers with villages and households, end pairings, and report where they fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import get_user_view
from registry.errors.pairings import HelperUnknown, PairingPartiesUnfit
from registry.households.models.households import HouseholdId
from registry.households.models.pairings import (
    IndustryPairing,
    IndustryPairingId,
    Pairing,
    PairingId,
    PairingKind,
    PartyKind,
)
from registry.households.models.settings import SettingName
from registry.households.queries.households import get_household
from registry.households.queries.pairings import (
    count_households,
    list_industry_pairings,
    lock_pairing,
)
from registry.households.queries.settings import get_setting
from registry.households.rules.pairings import (
    check_ending,
    check_pairing,
    check_period,
    is_overloaded,
    lacking,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import find_live_organisation
from registry.regions.queries import get_live_region
from registry.regions.rules import check_reach


@dataclass(frozen=True)
class NewPairing:
    """A helper for a village, or with `household_id` for one household of it."""

    kind: PairingKind
    helper_id: OrganisationId
    village_code: str
    since_on: date
    source: str
    helper_user_id: UserId | None = None
    household_id: HouseholdId | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class NewIndustryPairing:
    """A partner for an industry of a place."""

    region_code: str
    industry: str
    party_kind: PartyKind
    organisation_id: OrganisationId
    since_on: date
    source: str
    until_on: date | None = None


@dataclass(frozen=True)
class Paired:
    """A pairing, how many households its helper stands by now, and whether that is a warning."""

    pairing: Pairing
    helper_households: int
    overloaded: bool


@dataclass(frozen=True)
class Coverage:
    """The partners of an industry of a place, and the kinds that it lacks."""

    region_code: str
    industry: str
    parties: list[IndustryPairing]
    lacking: list[PartyKind]


def pair_helper(new: NewPairing, *, by: Actor, now: datetime) -> Paired:
    """Pair a helper with a village or household of the actor's region.

    More households than one helper can look after are a warning, never a refusal. The helper
    may be of anywhere: who pairs was told its id. Refuses RegionUnknown, RegionUnfit, a place
    outside the actor's region, HelperUnknown, PairingPartiesUnfit, NotFound (household),
    PeriodBackwards, and PairingOverlaps by constraint.
    """
    village = get_live_region(by, new.village_code, on=shanghai_day(now), pointer="/village_code")
    check_reach(new.village_code, by=by)
    helper = _helper(new.helper_id, new.helper_user_id)
    for_household = new.household_id is not None
    check_pairing(new.kind, helper=helper, village=village, for_household=for_household)
    check_period(since_on=new.since_on, until_on=new.until_on)
    if new.household_id is not None:
        household = get_household(by, new.household_id)
        if household.village_code != new.village_code:
            raise PairingPartiesUnfit(kind=new.kind, helper_kind=helper.kind)
    pairing = Pairing(
        id=PairingId(new_id()),
        kind=new.kind,
        helper_id=new.helper_id,
        helper_user_id=new.helper_user_id,
        village_code=new.village_code,
        household_id=new.household_id,
        since_on=new.since_on,
        until_on=new.until_on,
        source=new.source,
        created_at=now,
    )
    db.session.add(pairing)
    db.session.flush()
    audit.write(
        "pair_helper",
        subject=("pairing", pairing.id),
        by=by,
        now=now,
        after={"helper_id": new.helper_id, "village_code": new.village_code},
    )
    load = count_households(
        SYSTEM,
        helper_id=new.helper_id,
        helper_user_id=new.helper_user_id,
        on=max(new.since_on, shanghai_day(now)),
    )
    most = get_setting(
        by, SettingName.HELPER_HOUSEHOLDS, region_code=village.code, on=shanghai_day(now)
    )
    return Paired(pairing, load, is_overloaded(load, most=most.value))


def end_pairing(
    pairing_id: PairingId,
    *,
    until_on: date,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Pairing:
    """End a pairing of the actor's region; refuses NotFound, VersionStale, PairingEnded."""
    pairing = lock_pairing(by, pairing_id)
    check_reach(pairing.village_code, by=by)
    check_version(pairing.version, expected_version)
    check_ending(pairing, until_on=until_on)
    pairing.until_on = until_on
    db.session.flush()
    audit.write(
        "end_pairing",
        subject=("pairing", pairing.id),
        by=by,
        now=now,
        after={"until_on": until_on},
    )
    return pairing


def pair_industry(new: NewIndustryPairing, *, by: Actor, now: datetime) -> IndustryPairing:
    """Give an industry of the actor's region a partner.

    Refuses RegionUnknown, a place outside the actor's region, HelperUnknown, PeriodBackwards,
    and PairingOverlaps by constraint.
    """
    get_live_region(by, new.region_code, on=shanghai_day(now), pointer="/region_code")
    check_reach(new.region_code, by=by)
    check_period(since_on=new.since_on, until_on=new.until_on)
    _helper(new.organisation_id, None, pointer="/organisation_id")
    made = IndustryPairing(
        id=IndustryPairingId(new_id()),
        region_code=new.region_code,
        industry=new.industry,
        party_kind=new.party_kind,
        organisation_id=new.organisation_id,
        since_on=new.since_on,
        until_on=new.until_on,
        source=new.source,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.write(
        "pair_industry",
        subject=("industry_pairing", made.id),
        by=by,
        now=now,
        after={"region_code": new.region_code, "industry": new.industry, "kind": new.party_kind},
    )
    return made


def report_matrix(by: Actor, *, region_prefix: str, on: date) -> list[Coverage]:
    """Report industry by industry who its partners are and which kind it lacks (结对全覆盖)."""
    found: dict[tuple[str, str], list[IndustryPairing]] = {}
    for one in list_industry_pairings(by, region_prefix=region_prefix, on=on):
        found.setdefault((one.region_code, one.industry), []).append(one)
    return [
        Coverage(place, industry, parties, lacking({one.party_kind for one in parties}))
        for (place, industry), parties in found.items()
    ]


def _helper(
    helper_id: OrganisationId, user_id: UserId | None, *, pointer: str = "/helper_id"
) -> Organisation:
    helper = find_live_organisation(SYSTEM, helper_id)
    if helper is None:
        raise HelperUnknown(pointer=pointer)
    if user_id is not None and get_user_view(SYSTEM, user_id).organisation_id != helper_id:
        raise HelperUnknown(pointer="/helper_user_id")
    return helper
