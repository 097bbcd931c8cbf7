"""A budget unit and its administrator, for those tests that ask for them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.registry.accounts.people import user_of_today


@pytest.fixture
def unit(db_session: Session) -> Organisation:
    """Give a budget unit."""
    del db_session
    return build.organisation(OrganisationKind.BUDGET_UNIT)


@pytest.fixture
def admin(unit: Organisation) -> str:
    """Give the token of the unit's administrator."""
    return build.token_of(user_of_today(unit, Role.UNIT_ADMIN))
