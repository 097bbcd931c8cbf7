"""Every state × every act × everybody of an order that waits, and of a delegation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from marketplace.orders.commands import deciding
from marketplace.orders.models.orders import OrderId, OrderStatus
from procurement.approvals.commands.delegations import NewDelegation, delegate, revoke_delegation
from procurement.approvals.models import (
    ApprovalDelegation,
    ApprovalStep,
    DelegationId,
)
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.rules import lineage_of
from tests.builders import registry
from tests.builders.marketplace import NOW, Scene, order_of, placed, scene
from tests.conftest import Client
from tests.marketplace.orders.test_bands import band
from tests.transitions import Token, also_of, bystanders, posting, walk

WEEK = shanghai_day(NOW) + timedelta(days=7)
ROOM = "/api/v1/procurement/approval-delegations"
APPROVER, FINANCE = Role.UNIT_APPROVER, Role.UNIT_FINANCE


@pytest.fixture(autouse=True)
def in_june(stopped_clock: None) -> Iterator[None]:
    """Stop the clock when the market's orders are placed."""
    del stopped_clock
    with clock.stopped(NOW):
        yield


def let(giver: AppUser, colleague: AppUser) -> DelegationId:
    """Let a colleague approve for a week."""
    new = NewDelegation(colleague.id, WEEK, "出差")
    return delegate(new, by=registry.actor_of(giver), now=NOW).id


class Office:
    """A school with approvers, who stands in for them, and an order of one of its people."""

    def __init__(self) -> None:
        self.there: Scene = scene()
        unit, self.approver = self.there.unit, self.there.approver
        self.above = registry.organisation(OrganisationKind.BUDGET_UNIT)
        unit.supervising_id = self.above.id
        unit.lineage = lineage_of(unit.id, supervisor=self.above)
        db.session.flush()
        self.first = self.somebody(APPROVER)
        self.stand_in, self.of_first = self.somebody(FINANCE), self.somebody(FINANCE)
        let(self.approver, self.stand_in)
        let(self.first, self.of_first)
        also_of(unit, self.there.buyer, APPROVER)

    def somebody(self, role: Role, unit: Organisation | None = None) -> AppUser:
        """Employ somebody in the school or another unit."""
        return registry.user(unit or self.there.unit, [role])

    def people(self) -> Mapping[str, Token]:
        """Give everybody who has to do with the order, and everybody else."""
        known = {
            "approver": self.approver,
            "approver above": self.somebody(APPROVER, self.above),
            "first": self.first,
            "stand_in": self.stand_in,
            "stand_in_of_first": self.of_first,
            "colleague": self.somebody(Role.UNIT_ADMIN),
            "author": self.there.buyer,
        }
        return bystanders() | {who: registry.token_of(user) for who, user in known.items()}

    def order(self, state: str) -> OrderId:
        """Bring an order into a state."""
        band(self.there, 20 if state == "placed" else 1)
        if state in {"waits_for_two", "half_approved"}:
            band(self.there, 1, approvers=2)
        order_id = placed(self.there, "5").order.id
        by = registry.actor_of(self.first)
        if state == "half_approved":
            deciding.approve_order(order_id, expected_version=None, by=by, now=NOW)
        if state == "draft":
            deciding.send_back_order(order_id, reason="改量", expected_version=None, by=by, now=NOW)
        if state == "cancelled":
            deciding.reject_order(order_id, reason="", expected_version=None, by=by, now=NOW)
        return order_id


@pytest.mark.parametrize(
    "state", ["waits", "waits_for_two", "half_approved", "placed", "draft", "cancelled"]
)
def test_an_order_is_decided_on_only_as_its_table_says(client: Client, state: str) -> None:
    office = Office()
    order_id = office.order(state)
    to = f"/api/v1/orders/{order_id}"

    def state_now() -> str:
        order = order_of(order_id)
        if order.order_status is not OrderStatus.PENDING_APPROVAL:
            return order.order_status.value
        steps = select(func.count()).where(ApprovalStep.order_id == order_id)
        if db.session.scalar(steps):
            return "half_approved"
        return "waits" if order.approvals_wanted == 1 else "waits_for_two"

    walk(
        client, "order_approval", state, people=office.people(),
        acts={
            "approve": posting(f"{to}/approve"),
            "reject": posting(f"{to}/reject", {"reason": "超出计划"}),
            "send_back": posting(f"{to}/send-back", {"reason": "请改数量"}),
        },
        state_now=state_now, shown_in=("purchase_order", "approval_step", "quota"),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["none", "in_force", "revoked"])
def test_a_delegation_moves_only_as_its_table_says(client: Client, state: str) -> None:
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    giver, fellow = (registry.user(unit, [APPROVER]) for _ in range(2))
    colleague = registry.user(unit, [FINANCE])
    given = DelegationId(new_id()) if state == "none" else let(giver, colleague)
    if state == "revoked":
        revoke_delegation(given, by=registry.actor_of(giver), now=NOW)
    body = {"delegate_id": str(colleague.id), "until_on": WEEK.isoformat(), "reason": "出差"}

    def state_now() -> str:
        ends = db.session.scalars(select(ApprovalDelegation.revoked_at)).all()
        return "none" if not ends else "in_force" if None in ends else "revoked"

    known = {"giver": giver, "fellow": fellow, "delegate": colleague}
    walk(
        client, "approval_delegation", state,
        people=bystanders() | {who: registry.token_of(user) for who, user in known.items()},
        acts={"delegate": posting(ROOM, body), "revoke": posting(f"{ROOM}/{given}/revoke")},
        state_now=state_now, shown_in=("approval_delegation",),
    )  # fmt: skip
