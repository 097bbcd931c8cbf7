"""Which roles fit where, who hands them out, and when an account is shut."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from kernel.actor import SYSTEM, Actor
from registry.accounts.models import AppUser, Role
from registry.errors.accounts import (
    AccountClosed,
    OwnAccount,
    PersonNamed,
    RoleOutOfReach,
    RolesExclusive,
    RoleUnfit,
)
from registry.organisations.models import BUYERS, SELLERS, Organisation, OrganisationKind
from registry.regions.models import RegionLevel

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)

_OFFICES = frozenset({OrganisationKind.AUTHORITY})
_WATCHERS = frozenset(
    {OrganisationKind.AUTHORITY, OrganisationKind.FINANCE_BUREAU, OrganisationKind.PLATFORM}
)

KINDS_OF_ROLE: Mapping[Role, frozenset[OrganisationKind]] = MappingProxyType(
    {
        Role.UNIT_ADMIN: BUYERS,
        Role.CANTEEN_BUYER: BUYERS,
        Role.CONTRACTOR_BUYER: frozenset({OrganisationKind.CANTEEN_CONTRACTOR}),
        Role.UNIT_APPROVER: BUYERS,
        Role.UNIT_FINANCE: BUYERS,
        Role.UNION_OFFICER: BUYERS,
        Role.COOP_CLERK: SELLERS,
        Role.COOP_MANAGER: SELLERS,
        Role.VILLAGE_CADRE: frozenset(
            {OrganisationKind.AUTHORITY, OrganisationKind.VILLAGE_COLLECTIVE}
        ),
        Role.TOWN_CHECKER: _OFFICES,
        Role.COUNTY_REVIEWER: _OFFICES,
        Role.CITY_REVIEWER: _OFFICES,
        Role.PROVINCE_REVIEWER: _OFFICES,
        Role.FINANCE_SUPERVISOR: frozenset({OrganisationKind.FINANCE_BUREAU}),
        Role.MONITOR: _WATCHERS,
        Role.AUDITOR: _WATCHERS,
        Role.PLATFORM_ADMIN: frozenset({OrganisationKind.PLATFORM}),
    }
)
"""In which kinds of organisation a role exists."""

LEVEL_OF_ROLE: Mapping[Role, RegionLevel] = MappingProxyType(
    {
        Role.TOWN_CHECKER: RegionLevel.TOWN,
        Role.COUNTY_REVIEWER: RegionLevel.COUNTY,
        Role.CITY_REVIEWER: RegionLevel.CITY,
        Role.PROVINCE_REVIEWER: RegionLevel.PROVINCE,
    }
)
"""A reviewer sits in an office of the level they review for."""

ROLES_HANDED_OUT: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.PLATFORM_ADMIN: frozenset(Role),
        Role.UNIT_ADMIN: frozenset(
            {
                Role.UNIT_ADMIN,
                Role.CANTEEN_BUYER,
                Role.CONTRACTOR_BUYER,
                Role.UNIT_APPROVER,
                Role.UNIT_FINANCE,
                Role.UNION_OFFICER,
            }
        ),
        Role.COOP_MANAGER: frozenset({Role.COOP_CLERK, Role.COOP_MANAGER}),
    }
)
"""Which roles a role may give to others; scope says in which organisations."""


def check_roles_fit(
    roles: Collection[Role], *, organisation: Organisation, level: RegionLevel
) -> None:
    """Refuse roles that the kind or the level of the organisation does not know.

    The platform's administrators hold no other role: who gives out accounts does no business.
    """
    for index, role in enumerate(roles):
        pointer = f"/roles/{index}"
        wanted = LEVEL_OF_ROLE.get(role, level)
        if organisation.kind not in KINDS_OF_ROLE[role] or level is not wanted:
            raise RoleUnfit(pointer=pointer, role=role, kind=organisation.kind, level=level)
        if role is Role.PLATFORM_ADMIN and len(set(roles)) > 1:
            raise RolesExclusive(pointer=pointer, role=role)


def check_may_enrol(roles: Collection[Role], *, organisation: Organisation, by: Actor) -> None:
    """Refuse to hand out a role that none of the actor's own roles hands out there.

    A cooperative's manager enrols for the own organisation only; a unit's administrator also
    for what stands under it, contractors included; the query has already cut the rest off.
    """
    reach = set(Role) if by == SYSTEM else set[Role]()
    for own, handed_out in ROLES_HANDED_OUT.items():
        is_home = organisation.id == by.organisation_id
        if by.has(own) and (is_home or own is not Role.COOP_MANAGER):
            reach |= handed_out
    for index, role in enumerate(roles):
        if role not in reach:
            raise RoleOutOfReach(pointer=f"/roles/{index}", role=role)


def check_administers(
    user: AppUser, roles: Collection[Role], *, organisation: Organisation, by: Actor
) -> None:
    """Refuse to look after one's own account, or one with roles out of the actor's reach."""
    if user.id == by.user_id:
        raise OwnAccount
    check_may_enrol(roles, organisation=organisation, by=by)


def check_account_open(user: AppUser) -> None:
    """Refuse what a closed account cannot have any more."""
    if user.closed_at is not None:
        raise AccountClosed


def check_person(user: AppUser, *, index: bytes) -> None:
    """Refuse to hand an account over to another person (PersonNamed)."""
    if user.person_index not in {None, index}:
        raise PersonNamed


def is_locked(user: AppUser, *, now: datetime) -> bool:
    """Say whether too many failures keep the account shut for the moment."""
    return user.locked_until_at is not None and now < user.locked_until_at


def lock_after_failure(failed_attempts: int, *, now: datetime) -> datetime | None:
    """Give the instant until which the account is shut after that many failures in a row."""
    return now + LOCKED_FOR if failed_attempts >= FAILURES_BEFORE_LOCK else None
