"""Bands by amount, fund and category: which one decides, in how many steps, and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.actor import SYSTEM, Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Refusal, SamePerson, VersionStale, WrongState
from kernel.identity import new_id
from kernel.journal import write_journal
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.orders.commands import deciding
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.settlement.rules.payments import check_payer
from procurement.approvals.commands.delegations import NewDelegation, delegate
from procurement.approvals.commands.steps import take_step
from procurement.approvals.models import (
    ApprovalStep,
    ApprovalThreshold,
    StepAct,
    ThresholdId,
)
from procurement.approvals.queries import list_hands, list_steps
from procurement.approvals.rules import Band, strictest
from procurement.quotas.models import Fund
from registry.accounts.models import Role, UserId
from tests.builders import registry
from tests.builders.marketplace import NOW, PRICE, Scene, order_of, placed, scene
from tests.racing import race

S = OrderStatus


def band(there: Scene, kilograms: int, approvers: int = 1, **only: str) -> None:
    """Set a band of the school above so many kilograms."""
    row = ApprovalThreshold(
        id=new_id(),
        unit_id=there.unit.id,
        amount_fen=Fen(kilograms * PRICE),
        approvers=approvers,
        from_on=date(2026, 1, 1),
        source="test",
        created_at=NOW,
        **only,
    )
    db.session.add(row)
    db.session.flush()


def approver(there: Scene) -> Actor:
    return registry.actor_of(registry.user(there.unit, [Role.UNIT_APPROVER]))


def approve(order_id: OrderId, by: Actor, version: int | None = None) -> None:
    deciding.approve_order(order_id, expected_version=version, by=by, now=NOW)


@pytest.fixture
def there(db_session: Session) -> Scene:
    del db_session
    return scene()


def made(approvers: int, fen: int, fund: Fund | None = None, category: str | None = None) -> Band:
    return Band(ThresholdId(new_id()), fund, category, approvers, Fen(fen))


def test_the_strictest_band_that_an_order_is_above_decides() -> None:
    low, high = made(1, 100), made(2, 500)
    union, rice = made(1, 50, Fund.UNION), made(2, 60, category="rice")
    amounts: dict[str | None, Fen] = {"rice": Fen(60), "tea": Fen(40)}
    bands = [low, high, union, rice]

    def met(amounts: dict[str | None, Fen], fund: Fund = Fund.CANTEEN) -> set[Band | None]:
        return {strictest(one, amounts=amounts, fund=fund) for one in permutations(bands)}

    assert met(amounts) == {None}
    assert met(amounts, Fund.UNION) == {union}
    assert met({"tea": Fen(101)}) == {low}
    assert met({"tea": Fen(501)}) == {high}
    assert met({"rice": Fen(61)}) == {rice}
    assert met({"rice": Fen(501)}) == {rice}


def test_a_band_of_a_fund_or_category_holds_its_own_orders_only(there: Scene) -> None:
    band(there, 1, fund=Fund.UNION)
    band(there, 1, category_code="nothing like it")
    assert placed(there, "5").order.order_status is S.PLACED
    band(there, 4, fund=Fund.CANTEEN)
    assert placed(there, "4").order.order_status is S.PLACED
    assert placed(there, "5").order.approvals_wanted == 1
    category = there.certificate.category_code
    assert category is not None
    band(there, 4, approvers=2, category_code=category)
    order = placed(there, "5").order
    assert (order.order_status, order.approvals_wanted) == (S.PENDING_APPROVAL, 2)


def test_two_people_approve_one_after_the_other(there: Scene) -> None:
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    first, second = there.by("approver"), approver(there)
    approve(order_id, first)
    order = order_of(order_id)
    assert (order.order_status, order.version) == (S.PENDING_APPROVAL, 2)
    with pytest.raises(SamePerson):
        approve(order_id, first)
    with pytest.raises(VersionStale):
        approve(order_id, second, version=1)
    approve(order_id, second)
    assert order_of(order_id).order_status is S.PLACED
    assert order_of(order_id).approval_due_at is None
    steps = [(one.position, one.act, one.by_user_id) for one in list_steps(SYSTEM, order_id)]
    assert steps == [(1, StepAct.APPROVE, first.user_id), (2, StepAct.APPROVE, second.user_id)]
    with pytest.raises(WrongState):
        approve(order_id, approver(there))
    write_journal()
    actions = db.session.scalars(
        select(AuditRow.action)
        .where(AuditRow.subject_id == str(order_id))
        .order_by(AuditRow.position)
    )
    assert list(actions)[1:] == ["order_approval_begun", "order_approved"]


def test_the_second_may_turn_it_down_too(there: Scene) -> None:
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    approve(order_id, there.by("approver"))
    by = approver(there)
    deciding.reject_order(order_id, reason="超出计划", expected_version=None, by=by, now=NOW)
    assert order_of(order_id).order_status is S.CANCELLED
    assert [one.act for one in list_steps(SYSTEM, order_id)] == [StepAct.APPROVE, StepAct.REJECT]


def test_nobody_takes_two_steps_by_standing_in(there: Scene) -> None:
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    clerk = registry.user(there.unit, [Role.UNIT_FINANCE])
    until_on = date(2026, 6, 9)
    delegate(NewDelegation(clerk.id, until_on, "出差"), by=there.by("approver"), now=NOW)
    approve(order_id, there.by("approver"))
    with pytest.raises(Refusal) as refusal:
        approve(order_id, registry.actor_of(clerk))
    assert refusal.value.code == "forbidden"
    other_id = placed(there, "5").order.id
    approve(other_id, registry.actor_of(clerk))
    with pytest.raises(SamePerson):
        approve(other_id, there.by("approver"))
    assert list_hands(SYSTEM, other_id) == {clerk.id, there.approver.id}


def test_whoever_took_the_first_step_does_not_pay(there: Scene) -> None:
    band(there, 1, approvers=2)
    order_id = placed(there, "5").order.id
    first = there.by("approver")
    approve(order_id, first)
    approve(order_id, approver(there))
    order, hands = order_of(order_id), list_hands(SYSTEM, order_id)
    payer = replace(first, roles=frozenset({Role.UNIT_FINANCE}))
    with pytest.raises(SamePerson):
        check_payer(order, by=payer, hands=hands)
    check_payer(order, by=approver(there), hands=hands)


def rivals(app: Flask) -> tuple[OrderId, list[str]]:
    """Let two approvers take the first step at once, each as if the order were not locked."""

    def set_up() -> tuple[OrderId, UserId, list[Actor]]:
        there = scene()
        band(there, 1, approvers=2)
        order_id = placed(there, "5").order.id
        return order_id, there.buyer.id, [approver(there), approver(there)]

    order_id, author_id, people = run(set_up)

    def step(by: Actor) -> None:
        db.session.add(
            ApprovalStep(
                id=new_id(),
                order_id=order_id,
                position=1,
                act=StepAct.APPROVE,
                author_id=author_id,
                by_user_id=UserId(by.user_id),
                right_of=UserId(by.user_id),
                at=NOW,
            )
        )

    outcomes = race(app, [lambda by=by: step(by) for by in people])  # type: ignore[misc]
    return order_id, sorted(outcomes)


def test_of_two_approvers_for_one_step_one_gets_it(fresh: Flask) -> None:
    with fresh.app_context(), clock.stopped(NOW):

        def set_up() -> tuple[OrderId, list[Actor]]:
            there = scene()
            band(there, 1, approvers=2)
            order_id = placed(there, "5").order.id
            return order_id, [approver(there) for _ in range(4)]

        for _ in range(5):
            order_id, people = run(set_up)
            acts = [lambda by=by, key=order_id: approve(key, by, 1) for by in people]
            assert sorted(race(fresh, acts)) == ["done", *["version_stale"] * 3]
            assert run(lambda key=order_id: len(list_steps(SYSTEM, key))) == 1  # type: ignore[misc]


def test_the_constraint_alone_keeps_a_step_to_one(fresh: Flask) -> None:
    with fresh.app_context():
        order_id, outcomes = rivals(fresh)
        assert outcomes.count("done") == 1
        assert run(lambda: len(list_steps(SYSTEM, order_id))) == 1


def test_negative_control_without_the_constraint_both_take_the_step(fresh: Flask) -> None:
    with fresh.app_context():
        drop = "ALTER TABLE approval_step DROP CONSTRAINT uq_approval_step_order_position"
        run(lambda: db.session.execute(text(drop)))
        order_id, outcomes = rivals(fresh)
        assert outcomes == ["done", "done"]
        assert run(lambda: len(list_steps(SYSTEM, order_id))) == 2


def test_the_author_takes_no_step(there: Scene) -> None:
    band(there, 1)
    order = placed(there, "5").order
    by = replace(there.by("buyer"), roles=frozenset({Role.UNIT_APPROVER}))
    with pytest.raises(SamePerson):
        take_step(
            order.id, StepAct.APPROVE, unit_id=order.bound_unit_id, author_id=order.author_id,
            by=by, now=NOW,
        )  # fmt: skip
