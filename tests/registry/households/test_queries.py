"""What other rooms ask: who is linked, and which links an actor sees."""

from __future__ import annotations

from datetime import date
from uuid import uuid1

import pytest
from sqlalchemy.orm import Session

from kernel.actor import ANYONE, SYSTEM
from kernel.errors import NotFound
from registry.accounts.models import Role
from registry.households.models.households import HouseholdId
from registry.households.models.links import BenefitLinkId
from registry.households.queries.households import (
    get_household,
    get_household_view,
    list_households,
)
from registry.households.queries.links import list_benefit_links, list_linked_households
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build

TODAY = date(2026, 3, 2)


def test_only_links_in_force_count_and_households_come_by_code(db_session: Session) -> None:
    assert db_session.is_active
    coop, other = build.organisation(), build.organisation()
    now, ended, later, elsewhere = (build.household() for _ in range(4))
    build.benefit_link(now, coop)
    build.benefit_link(ended, coop, until_on=TODAY)
    build.benefit_link(later, coop, since_on=date(2026, 3, 3))
    build.benefit_link(elsewhere, other)
    ids = [one.id for one in (elsewhere, later, ended, now)]
    clerk = build.actor_of(build.user(coop, [Role.COOP_CLERK]))

    def linked(on: date) -> list[HouseholdId]:
        found = list_linked_households(clerk, organisation_id=coop.id, household_ids=ids, on=on)
        return [one.id for one in found]

    assert linked(TODAY) == [now.id]
    assert linked(date(2026, 3, 1)) == [now.id, ended.id]
    assert linked(date(2026, 3, 3)) == [now.id, later.id]
    stranger = build.person(Role.COOP_CLERK)
    assert (
        list_linked_households(stranger, organisation_id=coop.id, household_ids=ids, on=TODAY) == []
    )


def test_links_are_given_to_their_organisation_and_the_offices_of_its_region(
    db_session: Session,
) -> None:
    assert db_session.is_active
    coop = build.organisation()
    first = build.benefit_link(build.household(), coop)
    second = build.benefit_link(build.household(), coop)
    wanted = [second.id, BenefitLinkId(uuid1()), first.id]
    office = build.person(Role.COUNTY_REVIEWER, kind=OrganisationKind.AUTHORITY)
    for actor in (build.actor_of(build.user(coop, [Role.COOP_CLERK])), office, SYSTEM):
        assert list_benefit_links(actor, wanted) == [second, first]
    for actor in (build.person(Role.COOP_CLERK), ANYONE):
        assert list_benefit_links(actor, wanted) == []


def test_the_public_sees_no_household(db_session: Session) -> None:
    assert db_session.is_active
    household = build.household()
    with pytest.raises(NotFound):
        get_household(ANYONE, household.id)
    page = list_households(
        ANYONE, code=household.code, village_prefix="", household_class=None, limit=5, cursor=None
    )
    assert page.items == []
    assert get_household(SYSTEM, household.id) is household


def test_short_names_and_missing_numbers_are_masked_too(db_session: Session) -> None:
    assert db_session.is_active
    household = build.household(head_name="何")
    household.phone = household.bank_card = None
    view = get_household_view(SYSTEM, household.id)
    assert (view.head_name, view.phone, view.bank_card) == ("何", None, None)
    assert household.id_number not in repr(view)
