"""Which roles fit where, who hands them out, when an account is shut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kernel.actor import SYSTEM, Actor, Sight
from registry.accounts.models import AppUser, Role
from registry.accounts.rules.roles import (
    KINDS_OF_ROLE,
    check_may_enrol,
    check_roles_fit,
    is_locked,
    lock_after_failure,
)
from registry.errors.accounts import RoleOutOfReach, RolesExclusive, RoleUnfit
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.regions.models import RegionLevel

HOME = UUID("01900000-0000-7000-8000-000000000001")
BELOW = UUID("01900000-0000-7000-8000-000000000002")
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def _organisation(kind: OrganisationKind, organisation_id: UUID = HOME) -> Organisation:
    return Organisation(id=OrganisationId(organisation_id), kind=kind)


def _actor(role: Role) -> Actor:
    return Actor(
        user_id=HOME, organisation_id=HOME, roles=frozenset({role}), sight=Sight.ORGANISATION
    )


def test_every_role_exists_somewhere() -> None:
    assert set(KINDS_OF_ROLE) == set(Role)


@pytest.mark.parametrize(
    ("role", "kind", "level"),
    [
        (Role.COOP_CLERK, OrganisationKind.TRADING_AGENT, RegionLevel.COUNTY),
        (Role.UNIT_ADMIN, OrganisationKind.STATE_ENTERPRISE, RegionLevel.CITY),
        (Role.CONTRACTOR_BUYER, OrganisationKind.CANTEEN_CONTRACTOR, RegionLevel.CITY),
        (Role.TOWN_CHECKER, OrganisationKind.AUTHORITY, RegionLevel.TOWN),
        (Role.PROVINCE_REVIEWER, OrganisationKind.AUTHORITY, RegionLevel.PROVINCE),
        (Role.FINANCE_SUPERVISOR, OrganisationKind.FINANCE_BUREAU, RegionLevel.CITY),
        (Role.PLATFORM_ADMIN, OrganisationKind.PLATFORM, RegionLevel.NATION),
    ],
)
def test_a_role_fits_its_kind_of_organisation(
    role: Role, kind: OrganisationKind, level: RegionLevel
) -> None:
    check_roles_fit([role], organisation=_organisation(kind), level=level)


@pytest.mark.parametrize(
    ("role", "kind", "level"),
    [
        (Role.COOP_CLERK, OrganisationKind.BUDGET_UNIT, RegionLevel.COUNTY),
        (Role.UNIT_ADMIN, OrganisationKind.COOPERATIVE, RegionLevel.COUNTY),
        (Role.COUNTY_REVIEWER, OrganisationKind.COOPERATIVE, RegionLevel.COUNTY),
        (Role.COUNTY_REVIEWER, OrganisationKind.AUTHORITY, RegionLevel.CITY),
        (Role.FINANCE_SUPERVISOR, OrganisationKind.AUTHORITY, RegionLevel.CITY),
    ],
)
def test_a_role_does_not_fit_another_kind_or_level(
    role: Role, kind: OrganisationKind, level: RegionLevel
) -> None:
    with pytest.raises(RoleUnfit) as refusal:
        check_roles_fit([role], organisation=_organisation(kind), level=level)
    assert refusal.value.pointer == "/roles/0"
    assert refusal.value.figures == {"role": role, "kind": kind, "level": level}


def test_a_platform_administrator_holds_no_other_role() -> None:
    platform = _organisation(OrganisationKind.PLATFORM)
    with pytest.raises(RolesExclusive) as refusal:
        check_roles_fit(
            [Role.AUDITOR, Role.PLATFORM_ADMIN], organisation=platform, level=RegionLevel.NATION
        )
    assert refusal.value.pointer == "/roles/1"


def test_a_unit_administrator_enrols_for_the_unit_and_what_stands_under_it() -> None:
    by = _actor(Role.UNIT_ADMIN)
    unit = _organisation(OrganisationKind.BUDGET_UNIT)
    contractor = _organisation(OrganisationKind.CANTEEN_CONTRACTOR, BELOW)
    check_may_enrol([Role.CANTEEN_BUYER, Role.UNIT_FINANCE], organisation=unit, by=by)
    check_may_enrol([Role.CONTRACTOR_BUYER], organisation=contractor, by=by)


def test_a_cooperative_manager_enrols_at_home_only() -> None:
    by = _actor(Role.COOP_MANAGER)
    home = _organisation(OrganisationKind.COOPERATIVE)
    check_may_enrol([Role.COOP_CLERK], organisation=home, by=by)
    with pytest.raises(RoleOutOfReach):
        check_may_enrol(
            [Role.COOP_CLERK],
            organisation=_organisation(OrganisationKind.COOPERATIVE, BELOW),
            by=by,
        )


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        (Role.UNIT_ADMIN, Role.COUNTY_REVIEWER),
        (Role.COOP_MANAGER, Role.UNIT_ADMIN),
        (Role.CANTEEN_BUYER, Role.CANTEEN_BUYER),
        (Role.AUDITOR, Role.PLATFORM_ADMIN),
    ],
)
def test_nobody_hands_out_what_the_own_role_does_not(own: Role, wanted: Role) -> None:
    with pytest.raises(RoleOutOfReach) as refusal:
        check_may_enrol(
            [wanted], organisation=_organisation(OrganisationKind.BUDGET_UNIT), by=_actor(own)
        )
    assert refusal.value.pointer == "/roles/0"


def test_the_platform_and_the_system_hand_out_every_role() -> None:
    anywhere = _organisation(OrganisationKind.AUTHORITY, BELOW)
    check_may_enrol(list(Role), organisation=anywhere, by=_actor(Role.PLATFORM_ADMIN))
    check_may_enrol(list(Role), organisation=anywhere, by=SYSTEM)


def test_an_account_is_shut_for_15_minutes_after_five_failures() -> None:
    assert lock_after_failure(4, now=NOW) is None
    until = lock_after_failure(5, now=NOW)
    assert until == NOW + timedelta(minutes=15)
    assert is_locked(AppUser(locked_until_at=until), now=NOW + timedelta(minutes=14, seconds=59))
    assert not is_locked(AppUser(locked_until_at=until), now=NOW + timedelta(minutes=15))
    assert not is_locked(AppUser(locked_until_at=None), now=NOW)
