"""Several accounts of one person."""

from __future__ import annotations

from uuid import UUID

from kernel.database import db
from registry.accounts.commands.people import name_person
from registry.accounts.models import AppUser, Role, UserId
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry


def one_person(*user_ids: UUID) -> None:
    """Write down that the accounts are one person's."""
    by = registry.person(Role.PLATFORM_ADMIN, kind=OrganisationKind.PLATFORM)
    number = registry.id_number()
    for one in user_ids:
        name_person(UserId(one), id_number=number, by=by, now=registry.LONG_AGO)


def second_account(of: AppUser) -> AppUser:
    """Open another account for the person of an account, in the same organisation."""
    twin = registry.user(db.session.get_one(Organisation, of.organisation_id), [Role.UNIT_ADMIN])
    one_person(of.id, twin.id)
    return twin
