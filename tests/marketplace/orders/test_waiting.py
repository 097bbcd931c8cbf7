"""What waits for whom: approvers, stand-ins, and after the set hours the administrators."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.journal import write_journal
from marketplace.orders.commands import deciding
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.orders.queries.approvals import Standing, list_waiting
from marketplace.orders.tasks import escalate_orders
from procurement.approvals.commands.delegations import NewDelegation, delegate
from procurement.approvals.models import ApprovalTerm, TermCode
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import NOW, Scene, order_of, placed, scene
from tests.conftest import Client
from tests.marketplace.orders.test_bands import approve, approver, band

HOURS = timedelta(hours=48)
A, E = Standing.APPROVER, Standing.ESCALATED


@pytest.fixture
def there(db_session: Session) -> Scene:
    del db_session
    made = scene()
    band(made, 1)
    return made


def person(there: Scene, *roles: Role) -> Actor:
    return registry.actor_of(registry.user(there.unit, roles))


def seen(by: Actor, *, now: datetime = NOW, **asked: Any) -> list[tuple[OrderId, Standing]]:
    found = list_waiting(by, now=now, limit=asked.get("limit", 10), cursor=asked.get("cursor"))
    return [(one.order.id, one.standing) for one in found.items]


def test_it_waits_for_every_approver_of_the_unit_and_above_but_its_author(there: Scene) -> None:
    order_id = placed(there, "5").order.id
    placed(there, "1")
    assert seen(there.by("approver")) == [(order_id, A)]
    assert seen(there.by("buyer")) == []
    assert seen(replace(there.by("buyer"), roles=frozenset({Role.UNIT_APPROVER}))) == []
    stranger = registry.organisation(OrganisationKind.BUDGET_UNIT)
    assert seen(registry.actor_of(registry.user(stranger, [Role.UNIT_APPROVER]))) == []
    superior = registry.organisation(OrganisationKind.BUDGET_UNIT)
    there.unit.supervising_id = superior.id
    there.unit.lineage = f"{superior.lineage}{there.unit.id}/"
    db.session.flush()
    assert seen(registry.actor_of(registry.user(superior, [Role.UNIT_APPROVER]))) == [(order_id, A)]
    approve(order_id, there.by("approver"))
    assert seen(approver(there)) == []


def test_a_stand_in_sees_it_while_they_stand_in(there: Scene) -> None:
    order_id = placed(there, "5").order.id
    clerk = registry.user(there.unit, [Role.UNIT_FINANCE])
    by = registry.actor_of(clerk)
    assert seen(by) == []
    new = NewDelegation(clerk.id, date(2026, 6, 3), "出差")
    delegate(new, by=there.by("approver"), now=NOW)
    [waiting] = list_waiting(by, now=NOW, limit=10, cursor=None).items
    assert (waiting.standing, waiting.stands_in_for) == (Standing.STAND_IN, there.approver.id)
    assert (waiting.order.id, waiting.approvals_given) == (order_id, 0)
    assert seen(by, now=NOW + timedelta(days=2)) == []


def test_the_second_step_waits_for_somebody_else(there: Scene) -> None:
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    other = approver(there)
    approve(order_id, there.by("approver"))
    assert seen(there.by("approver")) == []
    assert seen(other) == [(order_id, A)]


def test_what_is_due_first_comes_first_page_by_page(there: Scene) -> None:
    late = [placed(there, "5", now=NOW - timedelta(hours=hours)).order.id for hours in (1, 3, 2)]
    expected = [late[1], late[2], late[0]]
    by = there.by("approver")
    first = list_waiting(by, now=NOW, limit=2, cursor=None)
    rest = list_waiting(by, now=NOW, limit=2, cursor=first.next_cursor)
    assert [one.order.id for one in (*first.items, *rest.items)] == expected
    assert rest.next_cursor is None


def test_after_the_set_hours_it_is_told_upwards_once(there: Scene) -> None:
    order_id = placed(there, "5").order.id
    due = NOW + HOURS
    assert order_of(order_id).approval_due_at == due
    admin = person(there, Role.UNIT_ADMIN)
    with clock.stopped(due - timedelta(microseconds=1)):
        assert deciding.escalate_next(now=clock.now()) == 0
    assert seen(admin) == []
    assert [deciding.escalate_next(now=due) for _ in range(2)] == [1, 0]
    assert order_of(order_id).escalated_at == due
    assert seen(admin) == [(order_id, E)]
    assert seen(there.by("approver")) == [(order_id, A)]
    write_journal()
    kinds = list(db.session.scalars(select(EventRow.kind)))
    assert kinds.count("OrderEscalated") == 1
    approve(order_id, there.by("approver"))
    assert seen(admin) == []


def test_the_administrator_above_is_told_and_no_other(there: Scene) -> None:
    superior = registry.organisation(OrganisationKind.BUDGET_UNIT)
    there.unit.supervising_id = superior.id
    there.unit.lineage = f"{superior.lineage}{there.unit.id}/"
    db.session.flush()
    order_id = placed(there, "5").order.id
    deciding.escalate_next(now=NOW + HOURS)
    above = registry.actor_of(registry.user(superior, [Role.UNIT_ADMIN]))
    assert seen(above) == [(order_id, E)]
    stranger = registry.organisation(OrganisationKind.BUDGET_UNIT)
    assert seen(registry.actor_of(registry.user(stranger, [Role.UNIT_ADMIN]))) == []


def test_each_step_has_its_own_wait(there: Scene) -> None:
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    deciding.escalate_next(now=NOW + HOURS)
    by, later = there.by("approver"), NOW + HOURS + timedelta(hours=1)
    deciding.approve_order(order_id, expected_version=None, by=by, now=later)
    order = order_of(order_id)
    assert (order.approval_due_at, order.escalated_at) == (later + HOURS, None)
    assert [deciding.escalate_next(now=later + HOURS) for _ in range(2)] == [1, 0]


def test_what_was_decided_is_not_told_upwards(there: Scene) -> None:
    order_id = placed(there, "5").order.id
    by = there.by("approver")
    deciding.send_back_order(order_id, reason="请减量", expected_version=None, by=by, now=NOW)
    assert order_of(order_id).order_status is OrderStatus.DRAFT
    assert deciding.escalate_next(now=NOW + 2 * HOURS) == 0


def test_the_hours_are_those_in_force_when_the_wait_begins(there: Scene) -> None:
    before = placed(there, "5").order.id
    db.session.add(
        ApprovalTerm(
            id=new_id(), code=TermCode.WAIT_HOURS, value=4, from_on=date(2026, 6, 1), source="test"
        )
    )
    db.session.flush()
    after = placed(there, "5").order.id
    dues = [order_of(one).approval_due_at for one in (before, after)]
    assert dues == [NOW + HOURS, NOW + timedelta(hours=4)]


def test_the_door_and_the_timer(client: Client) -> None:
    there = scene()
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    db.session.commit()
    with clock.stopped(NOW + HOURS):
        assert (escalate_orders.run(), escalate_orders.run()) == (1, 0)
        token = registry.token_of(there.approver)
        answer = client.get("/api/v1/orders/approvals", token=token)
    assert answer.status_code == 200, answer.text
    [one] = answer.get_json()["items"]
    told = {name: one[name] for name in ("id", "approvals_wanted", "approvals_given", "standing")}
    assert told == {
        "id": str(order_id), "approvals_wanted": 2, "approvals_given": 0, "standing": "approver",
    }  # fmt: skip
    assert one["stands_in_for"] is None
    assert "contact" not in answer.text
    buyer = registry.token_of(there.buyer)
    assert client.get("/api/v1/orders/approvals", token=buyer).status_code == 403
