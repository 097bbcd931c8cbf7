"""Whose account it is: known by a blind index alone, written down once, the same everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from kernel.audit import AuditRow
from kernel.errors import NotFound
from registry.accounts.commands.people import name_person
from registry.accounts.models import Role, UserId
from registry.accounts.queries.people import list_accounts_of
from registry.errors.accounts import OwnAccount, PersonNamed
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.procurement import NOW

UNIT = OrganisationKind.BUDGET_UNIT


def test_two_accounts_of_one_person_are_known_as_such(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    del db_session
    unit, elsewhere = registry.organisation(UNIT), registry.organisation(UNIT)
    first = registry.user(unit, [Role.CANTEEN_BUYER])
    second = registry.user(elsewhere, [Role.UNIT_APPROVER])
    stranger = registry.user(unit, [Role.UNIT_FINANCE])
    by = registry.actor_of(registry.administrator())
    assert list_accounts_of(by, {first.id}) == {first.id}
    number = registry.id_number()
    for user in (first, second):
        name_person(user.id, id_number=number, by=by, now=NOW)
    assert list_accounts_of(by, {first.id, stranger.id}) == {first.id, second.id, stranger.id}
    assert list_accounts_of(by, set()) == set()
    named = [row.subject_id for row in written() if row.action == "name_person"]
    assert named == [str(first.id), str(second.id)]
    name_person(first.id, id_number=number, by=by, now=NOW)
    with pytest.raises(PersonNamed):
        name_person(first.id, id_number=registry.id_number(), by=by, now=NOW)


def test_an_administrator_says_it_of_accounts_in_reach(db_session: Session) -> None:
    del db_session
    unit = registry.organisation(UNIT)
    admin = registry.user(unit, [Role.UNIT_ADMIN])
    by = registry.actor_of(admin)
    number = registry.id_number()
    with pytest.raises(OwnAccount):
        name_person(admin.id, id_number=number, by=by, now=NOW)
    outside = registry.user(registry.organisation(UNIT), [Role.CANTEEN_BUYER])
    with pytest.raises(NotFound):
        name_person(UserId(outside.id), id_number=number, by=by, now=NOW)
