"""A city with units in several places, whose finance bureau draws up circulars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import pytest

from kernel.actor import Actor
from kernel.identity import new_id
from kernel.money import Fen
from procurement.quotas.commands import holds
from procurement.supervision.commands import standings
from procurement.supervision.commands.drawing import NewCircular, ask_circular
from procurement.supervision.models.circulars import Circular, PeriodKind
from procurement.supervision.rules.standings import portions
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import YEAR

CITY = "440200"
PLACES = (registry.WUJIANG, registry.LONGGUI, "440204", CITY)
EACH = 2
JANUARY = datetime(2026, 1, 20, 4, tzinfo=UTC)
APRIL = datetime(2026, 4, 20, 4, tzinfo=UTC)
QUARTER = NewCircular(CITY, YEAR, PeriodKind.QUARTER, 1)
C832 = OriginKind.NATIONAL_832


@dataclass(frozen=True)
class City:
    """Two supervisors of one bureau, and the units of the city."""

    supervisor: AppUser
    colleague: AppUser
    units: Sequence[Organisation]

    @property
    def by(self) -> Actor:
        """The supervisor at work."""
        return registry.actor_of(self.supervisor)

    def ask(self) -> Circular:
        """Ask for the circular of the year's first quarter."""
        return ask_circular(QUARTER, by=self.by, now=APRIL)


def city() -> City:
    """Register a city's units: some have bought, some have not paid, some did neither."""
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, CITY)
    supervisor, colleague = (registry.user(bureau, [Role.FINANCE_SUPERVISOR]) for _ in range(2))
    kind = OrganisationKind.BUDGET_UNIT
    units = [registry.organisation(kind, place) for place in PLACES for _ in range(EACH)]
    for number, unit in enumerate(units[: len(PLACES)], start=1):
        _buys(unit, number * 1_000_00, paid=number % 2 * 500_00)
    return City(supervisor, colleague, units)


def _buys(unit: Organisation, amount: int, *, paid: int) -> None:
    order_id, quota_id = new_id(), procurement.quota(unit, now=JANUARY).id
    parts = [procurement.part(amount)]
    holds.hold(order_id=order_id, quota_id=quota_id, parts=parts, expires_at=None, now=JANUARY)
    holds.accept(order_id=order_id, amounts={C832: Fen(amount)}, now=JANUARY)
    if paid:
        holds.post(order_id=order_id, amounts={C832: Fen(paid)}, now=JANUARY)


@pytest.fixture
def county_by_county(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut regions as finely as they may be cut."""
    monkeypatch.setattr(standings, "portions", partial(portions, most=1))
