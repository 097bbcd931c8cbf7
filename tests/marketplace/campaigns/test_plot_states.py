"""Every state × every act × everybody of plots and their milestones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kernel import clock
from marketplace.campaigns.commands.commissions import withdraw_commission
from marketplace.campaigns.models.commissions import FailureRule, FarmingCommissionId
from marketplace.orders.commands.commissions import report_failure, settle_failure
from marketplace.orders.commands.deciding import cancel_order
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.plots import (
    PROOF,
    accepted,
    adopted,
    harvested,
    milestones_of,
    offered,
    plot_of,
    shown,
)
from tests.builders.settlement import NOW, Market, market
from tests.conftest import Client
from tests.transitions import Token, bystanders, posting, walk

SETTLED = {"substituted": FailureRule.SUBSTITUTE, "failed": FailureRule.REFUND}


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


def people(there: Market) -> dict[str, Token]:
    return {
        "buyer": registry.token_of(there.buyer),
        "admin": registry.token_of(registry.user(there.unit, [Role.UNIT_ADMIN])),
        "clerk": registry.token_of(there.clerk),
        "manager": registry.token_of(there.manager),
        **bystanders(),
    }


def brought_to(state: str, there: Market) -> FarmingCommissionId:
    """Bring a plot, whose terms leave the choice to the buyer, to a state."""
    plot = offered(there, on_failure=FailureRule.SUBSTITUTE)
    told: dict[str, Any] = {"expected_version": None, "now": NOW}
    if state == "withdrawn":
        withdraw_commission(plot, by=there.by("clerk"), **told)
    if state in {"offered", "withdrawn"}:
        return plot
    order_id = adopted(there, plot)
    if state == "harvested":
        harvested(there, plot, [10])
    if state == "lapsed":
        cancel_order(order_id, reason="", by=there.by("buyer"), **told)
    if state in {"failing", *SETTLED}:
        report_failure(plot, PROOF, by=there.by("clerk"), now=NOW)
    if state in SETTLED:
        settle_failure(plot, SETTLED[state], by=there.by("buyer"), **told)
    return plot


LIKE_THEM = [pytest.param(one, marks=pytest.mark.faults) for one in ("lapsed", *SETTLED)]
"""Ended as `withdrawn` is; they are walked with the faults."""


@pytest.mark.parametrize(
    "state", ["offered", "withdrawn", "adopted", "harvested", "failing", *LIKE_THEM]
)
def test_a_plot_moves_only_as_its_table_says(client: Client, state: str) -> None:
    there = market()
    plot = brought_to(state, there)
    to = f"/api/v1/farming-commissions/{plot}"
    adoption = {
        "bound_unit_id": str(there.unit.id),
        "fund": "canteen",
        "delivery": {"address": "演示路1号"},
    }
    walk(
        client, "farming_commission", state, people=people(there),
        acts={
            "withdraw": posting(f"{to}/withdraw"),
            "adopt": posting(f"{to}/adopt", adoption),
            "harvests": posting(
                f"{to}/harvests", {"harvested_on": "2026-06-01", "own_quantity": "5"}
            ),
            "failure": posting(f"{to}/failure", {"text": "绝收"}),
            "settlement": posting(f"{to}/settlement", {"outcome": "substitute"}),
        },
        state_now=lambda: plot_of(plot).status.value,
        shown_in=("farming_commission", "purchase_order", "lot", "quota"),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "evidenced", "accepted"])
def test_a_milestone_moves_only_as_its_table_says(client: Client, state: str) -> None:
    there = market()
    plot = offered(there)
    adopted(there, plot)
    if state == "evidenced":
        shown(there, plot)
    if state == "accepted":
        accepted(there, plot)
    to = f"/api/v1/farming-milestones/{milestones_of(plot)[0].id}"
    walk(
        client, "farming_milestone", state, people=people(there),
        acts={
            "evidence": posting(f"{to}/evidence", {"text": "已播种"}),
            "accept": posting(f"{to}/accept"),
            "return": posting(f"{to}/return", {"reason": "照片不清"}),
        },
        state_now=lambda: milestones_of(plot)[0].status.value,
        shown_in=("farming_milestone", "order_line"),
    )  # fmt: skip
