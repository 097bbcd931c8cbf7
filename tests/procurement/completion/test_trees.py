"""Whose completion is asked about is who stood under the unit at that instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel import clock
from kernel.identity import new_id
from kernel.money import Fen
from procurement.completion.models import Reach
from procurement.completion.rules.figures import tree_reach
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds
from registry.accounts.models import Role
from registry.organisations.commands.endings import NewEnding, merge_organisation
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.organisations.queries import list_places_left
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR
from tests.conftest import Client
from tests.procurement.flow import Flow

APRIL = datetime(2026, 4, 20, 4, tzinfo=UTC)
UNIT = OrganisationKind.BUDGET_UNIT


def bought(unit: Organisation, fen: int) -> None:
    """Let a unit have paid so much."""
    order_id = new_id()
    part = procurement.part(fen, OriginKind.NATIONAL_832, OrderKind.RESERVED_SHARE)
    quota = procurement.quota(unit)
    holds.hold(order_id=order_id, quota_id=quota.id, parts=[part], expires_at=None, now=NOW)
    holds.post(order_id=order_id, amounts={part.heading: Fen(fen)}, now=NOW)


def test_a_past_report_is_of_the_tree_as_it_was(client: Client) -> None:
    flow = Flow(client)
    heads = [registry.organisation(UNIT) for _ in range(2)]
    below = [registry.organisation(UNIT, supervising=head) for head in heads]
    for unit, fen in zip(below, (70, 5), strict=True):
        bought(unit, fen)
    platform = registry.user(
        registry.organisation(OrganisationKind.PLATFORM), [Role.PLATFORM_ADMIN]
    )
    merge_organisation(
        heads[0].id,
        into=NewEnding(date(2026, 4, 1), "批文", heads[1].id),
        expected_version=None,
        by=registry.actor_of(platform),
        now=APRIL,
    )
    asks = flow.token(registry.user(heads[1], [Role.UNIT_ADMIN]))
    before = APRIL - timedelta(microseconds=1)

    def paid(head: Organisation, as_of: datetime) -> tuple[int, set[str]]:
        query = {"year": YEAR, "unit_id": head.id, "as_of": as_of.isoformat()}
        found = flow.get("/completion", asks, **query).get_json()
        assert sum(one["paid_fen"] for one in found["units"]) == found["paid_fen"]
        return found["paid_fen"], {one["unit_id"] for one in found["units"]} - {str(head.id)}

    with clock.stopped(APRIL + timedelta(days=1)):
        assert paid(heads[1], APRIL) == (75, {str(one.id) for one in below})
        assert paid(heads[1], before) == (5, {str(below[1].id)})
        assert paid(heads[0], APRIL) == (0, set())
        assert paid(heads[0], before) == (70, {str(below[0].id)})
    assert list_places_left(registry.actor_of(platform), after=APRIL) == []


@pytest.mark.parametrize(
    ("root", "joined", "left"),
    [("a", {"u"}, set()), ("b", set(), {"u", "a"}), ("top", set(), set()), ("u", set(), set())],
)
def test_reach_goes_by_who_stood_there(root: str, joined: set[str], left: set[str]) -> None:
    """`u` stood under `a`; then `a` was merged into `b`, and `u` came under `b`."""
    ids = {name: OrganisationId(new_id()) for name in ("top", "a", "b", "u")}
    then = {"top": "/top/", "a": "/top/a/", "b": "/top/b/", "u": "/top/a/u/"}
    now = then | {"a": "/top/b/a/", "u": "/top/b/u/"}
    places = [(ids[one], then[one], now[one]) for one in ("a", "u")]
    unit = Organisation(id=ids[root], lineage=now[root], region_code="440203", region_prefix="4402")
    assert tree_reach(unit, places) == Reach(
        ids[root],
        now[root],
        "440203",
        "4402",
        joined=tuple(sorted(ids[one] for one in joined)),
        left=tuple(sorted(ids[one] for one in left)),
    )
