"""A finance bureau with its people, and a unit that it watches over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from kernel.actor import Actor
from registry.accounts.models import AppUser, Role
from tests.builders import procurement, registry
from tests.builders.procurement import Cast
from tests.conftest import Client
from tests.procurement.flow import Flow
from tests.transitions import Token, strangers


@dataclass(frozen=True)
class Stage:
    """The people of a filing chain, a second supervisor, and who changed sides."""

    cast: Cast
    colleague: AppUser
    mover: AppUser

    @property
    def raiser(self) -> Actor:
        """The finance bureau's supervisor."""
        return registry.actor_of(self.cast.supervisor)

    @property
    def people(self) -> Mapping[str, Token]:
        """Everybody there is, by name."""
        names = {
            "raiser": self.cast.supervisor,
            "colleague": self.colleague,
            "mover": self.mover,
            "unit": self.cast.admin,
        }
        return strangers() | {name: registry.token_of(user) for name, user in names.items()}


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


@pytest.fixture
def stage(client: Client) -> Stage:
    del client
    people = procurement.cast_of()
    colleague, mover = (registry.user(people.bureau, [Role.FINANCE_SUPERVISOR]) for _ in range(2))
    return Stage(people, colleague, mover)
