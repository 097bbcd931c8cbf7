"""Three units of a city, what they promised and bought."""

from __future__ import annotations

import pytest

from procurement.policies.models import Situation
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import procurement, registry
from tests.builders.procurement import contents
from tests.conftest import Client
from tests.procurement.completion.buying import VILLAGE, buys
from tests.procurement.flow import Flow


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


@pytest.fixture
def three(flow: Flow) -> list[Organisation]:
    """Give a unit at 20 %, one at 10 %, one with a zero filing, in two counties of Shaoguan."""
    people = [flow.people, procurement.cast_of("440204"), procurement.cast_of("440204")]
    for one in people[:2]:
        procurement.confirmed(one, contents())
    procurement.confirmed(
        people[2], contents(reserved=0, total=0, ceiling=500, situation=Situation.NONE)
    )
    buys(people[0].unit, 60_000_00)
    buys(people[0].unit, 5_000_00, origin=VILLAGE)
    buys(people[1].unit, 30_000_00)
    buys(people[2].unit, 500)
    return [one.unit for one in people]


@pytest.fixture
def city(flow: Flow) -> str:
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, "440200")
    return flow.token(registry.user(bureau, [Role.FINANCE_SUPERVISOR]))
