"""What a household and a benefit link need to be true."""

from __future__ import annotations

from datetime import date

import pytest

from registry.errors.households import (
    BenefitLinkEnded,
    BenefitLinkInForce,
    LabourAboveMembers,
    LinkPartyUnfit,
    PeriodBackwards,
)
from registry.errors.regions import RegionUnfit
from registry.households.models.links import BenefitLink
from registry.households.rules.households import check_labour, check_village
from registry.households.rules.links import (
    check_end,
    check_link_party,
    check_no_overlap,
    is_link_in_force,
)
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import Region, RegionLevel

SINCE = date(2026, 1, 1)
UNTIL = date(2026, 7, 1)
RUNNING = BenefitLink(since_on=SINCE, until_on=None)
ENDED = BenefitLink(since_on=SINCE, until_on=UNTIL)


def test_a_household_lives_in_a_village() -> None:
    check_village(Region(code="440203103801", level=RegionLevel.VILLAGE))
    with pytest.raises(RegionUnfit) as refusal:
        check_village(Region(code="440203103", level=RegionLevel.TOWN))
    assert refusal.value.pointer == "/village_code"


def test_there_are_at_most_as_many_workers_as_members() -> None:
    check_labour(members=3, able_labour=3)
    with pytest.raises(LabourAboveMembers) as refusal:
        check_labour(members=3, able_labour=4)
    assert refusal.value.figures == {"members": 3, "able_labour": 4}


def test_who_grows_or_sells_links_households() -> None:
    check_link_party(Organisation(kind=OrganisationKind.COOPERATIVE))
    with pytest.raises(LinkPartyUnfit) as refusal:
        check_link_party(Organisation(kind=OrganisationKind.BUDGET_UNIT))
    assert refusal.value.figures == {"kind": OrganisationKind.BUDGET_UNIT}


def test_a_link_begins_when_the_last_one_of_its_kind_has_ended() -> None:
    check_no_overlap([], since_on=SINCE)
    check_no_overlap([ENDED], since_on=UNTIL)
    with pytest.raises(BenefitLinkInForce):
        check_no_overlap([ENDED], since_on=date(2026, 6, 30))
    with pytest.raises(BenefitLinkInForce):
        check_no_overlap([RUNNING], since_on=date(2030, 1, 1))


def test_a_link_ends_once_and_after_its_first_day() -> None:
    check_end(RUNNING, until_on=date(2026, 1, 2))
    with pytest.raises(PeriodBackwards) as refusal:
        check_end(RUNNING, until_on=SINCE)
    assert refusal.value.figures == {"from_on": SINCE, "until_on": SINCE}
    with pytest.raises(BenefitLinkEnded) as again:
        check_end(ENDED, until_on=date(2026, 8, 1))
    assert again.value.figures == {"until_on": UNTIL}


def test_a_link_is_in_force_from_its_first_day_to_the_day_before_its_end() -> None:
    assert not is_link_in_force(ENDED, on=date(2025, 12, 31))
    assert is_link_in_force(ENDED, on=SINCE)
    assert is_link_in_force(ENDED, on=date(2026, 6, 30))
    assert not is_link_in_force(ENDED, on=UNTIL)
    assert is_link_in_force(RUNNING, on=date(2030, 1, 1))
