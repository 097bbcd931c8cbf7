"""Deciding on an order: who may, what follows, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import NotFound, Refusal, SamePerson, VersionStale, WrongState
from kernel.events import EventRow
from kernel.holds import EntryKind
from kernel.identity import new_id
from marketplace.lots.models import LotEntry
from marketplace.orders.commands import deciding
from marketplace.orders.models.orders import FulfilmentStatus, OrderId, OrderStatus, PayMode
from marketplace.orders.queries.finding import OrderFilter, list_orders
from procurement.approvals.models import ApprovalThreshold
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    confirmed,
    figures,
    held,
    listing_of,
    order_of,
    placed,
    scene,
)

pytestmark = pytest.mark.usefixtures("db_session")
S = OrderStatus
NEWS_OF = {
    "order_approved": "OrderApproved",
    "order_rejected": "OrderCancelled",
    "order_confirmed": "OrderConfirmed",
    "order_cancelled": "OrderCancelled",
    "order_expired": "OrderExpired",
}


def waiting(there: Scene) -> OrderId:
    """Place an order of 10 that is above the threshold."""
    limit = ApprovalThreshold(
        id=new_id(),
        unit_id=there.unit.id,
        amount_fen=PRICE,
        from_on=date(2026, 1, 1),
        source="test",
        created_at=NOW,
    )
    db.session.add(limit)
    db.session.flush()
    return placed(there, "10").order.id


def approve(order_id: OrderId, by: Actor) -> None:
    deciding.approve_order(order_id, expected_version=None, by=by, now=NOW)


def reject(order_id: OrderId, by: Actor) -> None:
    deciding.reject_order(order_id, reason="超出计划", expected_version=None, by=by, now=NOW)


def confirm(order_id: OrderId, by: Actor) -> None:
    deciding.confirm_order(order_id, expected_version=None, by=by, now=NOW)


def cancel(order_id: OrderId, by: Actor) -> None:
    deciding.cancel_order(order_id, reason="菜单调整", expected_version=None, by=by, now=NOW)


def refused(
    there: Scene, act: Callable[[OrderId, Actor], None], order_id: OrderId, by: Actor
) -> type[Refusal]:
    """Give how an act is refused, after checking that nothing changed."""
    before = (figures(there), order_of(order_id).order_status, order_of(order_id).version)
    with pytest.raises(Refusal) as refusal, db.session.begin_nested():
        act(order_id, by)
    after = (figures(there), order_of(order_id).order_status, order_of(order_id).version)
    assert after == before
    return type(refusal.value)


def person(there: Scene, role: Role) -> Actor:
    return registry.actor_of(registry.user(there.unit, [role]))


def test_an_approved_order_is_placed(written: Callable[[], list[AuditRow]]) -> None:
    there = scene()
    order_id = waiting(there)
    approve(order_id, there.by("approver"))
    order = order_of(order_id)
    assert (order.order_status, order.decided_by) == (S.PLACED, there.approver.id)
    assert (order.decided_at, order.version) == (NOW, 2)
    assert figures(there) == held(10 * PRICE, "10", "10")
    assert written()[-1].action == "order_approved"
    assert refused(there, approve, order_id, there.by("approver")) is WrongState


def test_the_author_does_not_approve_and_no_stranger_sees_it() -> None:
    there = scene()
    order_id = waiting(there)
    author = replace(there.by("buyer"), roles=frozenset({Role.UNIT_APPROVER}))
    stranger = registry.organisation(OrganisationKind.BUDGET_UNIT)
    elsewhere = registry.actor_of(registry.user(stranger, [Role.UNIT_APPROVER]))
    for act in (approve, reject):
        assert refused(there, act, order_id, author) is SamePerson
        assert refused(there, act, order_id, elsewhere) is NotFound
        assert refused(there, act, order_id, there.by("clerk")) is NotFound


def test_a_superior_unit_approves_too() -> None:
    superior = registry.organisation(OrganisationKind.BUDGET_UNIT)
    there = scene()
    there.unit.supervising_id, there.unit.lineage = (
        superior.id,
        f"{superior.lineage}{there.unit.id}/",
    )
    db.session.flush()
    order_id = waiting(there)
    approve(order_id, registry.actor_of(registry.user(superior, [Role.UNIT_APPROVER])))
    assert order_of(order_id).order_status is S.PLACED


def test_a_rejected_order_holds_nothing(written: Callable[[], list[AuditRow]]) -> None:
    there = scene()
    order_id = waiting(there)
    reject(order_id, there.by("approver"))
    order = order_of(order_id)
    assert (order.order_status, order.close_reason) == (S.CANCELLED, "超出计划")
    assert (order.closed_at, order.decided_by) == (NOW, there.approver.id)
    assert figures(there) == held()
    assert written()[-1].action == "order_rejected"


def test_only_the_supplier_confirms_and_only_what_is_placed() -> None:
    there = scene()
    order_id = waiting(there)
    assert refused(there, confirm, order_id, there.by("clerk")) is WrongState
    approve(order_id, there.by("approver"))
    assert refused(there, confirm, order_id, there.by("buyer")) is NotFound
    assert refused(there, confirm, order_id, scene().by("clerk")) is NotFound
    confirm(order_id, there.by("clerk"))
    order = order_of(order_id)
    assert (order.order_status, order.confirmed_by) == (S.CONFIRMED, there.clerk.id)
    assert refused(there, confirm, order_id, there.by("clerk")) is WrongState


@pytest.mark.parametrize("side", ["buyer", "clerk"])
def test_either_side_calls_off_and_everything_is_free_again(side: str) -> None:
    there = scene()
    order_id = confirmed(there, "6", "4").order.id
    assert listing_of(there.listing_id).available_quantity == 100
    cancel(order_id, there.by(side))
    assert order_of(order_id).order_status is S.CANCELLED
    assert figures(there) == held()
    assert listing_of(there.listing_id).available_quantity == 100
    assert refused(there, cancel, order_id, there.by(side)) is WrongState


def test_what_is_under_way_or_paid_is_not_called_off() -> None:
    there = scene()
    order_id = confirmed(there, "10").order.id
    order = order_of(order_id)
    order.fulfilment_status = FulfilmentStatus.PARTLY_SHIPPED
    db.session.flush()
    assert refused(there, cancel, order_id, there.by("buyer")) is WrongState
    order = order_of(order_id)
    order.fulfilment_status = FulfilmentStatus.UNSHIPPED
    order.paid_fen = order.total_fen
    db.session.flush()
    assert refused(there, cancel, order_id, there.by("buyer")) is WrongState


def test_a_stale_version_is_refused() -> None:
    there = scene()
    order_id = placed(there, "1").order.id
    with pytest.raises(VersionStale):
        deciding.confirm_order(order_id, expected_version=7, by=there.by("clerk"), now=NOW)
    deciding.confirm_order(order_id, expected_version=1, by=there.by("clerk"), now=NOW)


def test_unpaid_pay_first_orders_lapse_after_thirty_days_and_no_others(
    written: Callable[[], list[AuditRow]],
) -> None:
    there = scene()
    goods_first = placed(there, "1").order.id
    lapses = confirmed(there, "2", pay_mode=PayMode.PAY_FIRST).order.id
    paid = confirmed(there, "3", pay_mode=PayMode.PAY_FIRST).order.id
    on_its_way = confirmed(there, "4", pay_mode=PayMode.PAY_FIRST).order.id
    order_of(paid).paid_fen = order_of(paid).total_fen
    order_of(on_its_way).pending_fen = order_of(on_its_way).total_fen
    db.session.flush()
    due = NOW + timedelta(days=30)
    assert deciding.expire_next(now=due - timedelta(microseconds=1)) == 0
    assert [deciding.expire_next(now=due) for _ in range(2)] == [1, 0]
    assert order_of(lapses).order_status is S.EXPIRED
    assert order_of(lapses).closed_at == due
    for other in (goods_first, paid, on_its_way):
        assert order_of(other).order_status is not S.EXPIRED
    assert figures(there) == held(8 * PRICE, "8", "8")
    kinds = db.session.scalars(select(LotEntry.kind).where(LotEntry.held < 0)).all()
    assert kinds == [EntryKind.EXPIRE]
    assert written()[-1].action == "order_expired"


def test_every_act_tells_its_news(written: Callable[[], list[AuditRow]]) -> None:
    there = scene()
    first, second = waiting(there), placed(there, "10").order.id
    approve(first, there.by("approver"))
    confirm(first, there.by("clerk"))
    cancel(first, there.by("buyer"))
    reject(second, there.by("approver"))
    done = [row.action for row in written() if row.action in NEWS_OF]
    kinds = db.session.scalars(select(EventRow.kind).order_by(EventRow.position)).all()
    told = [kind for kind in kinds if kind in NEWS_OF.values()]
    assert sorted(told) == sorted(NEWS_OF[action] for action in done)
    assert len(done) == 4


def test_each_sees_the_orders_of_their_own_side_or_region() -> None:
    there, other = scene(), scene()
    mine = placed(there, "1").order.id
    placed(other, "1")

    def seen(actor: Actor, **asked: object) -> list[OrderId]:
        wanted = OrderFilter(**asked)  # type: ignore[arg-type]
        return [one.id for one in list_orders(actor, wanted, limit=10, cursor=None).items]

    assert seen(there.by("buyer")) == [mine]
    assert seen(there.by("clerk")) == [mine]
    assert seen(there.by("buyer"), order_status=S.CONFIRMED) == []
    assert seen(there.by("buyer"), year=2026, supplier_id=there.cooperative.id) == [mine]
    bureau = registry.organisation(OrganisationKind.AUTHORITY)
    assert mine in seen(registry.actor_of(registry.user(bureau, [Role.MONITOR])))
    far = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
    assert seen(registry.actor_of(registry.user(far, [Role.MONITOR]))) == []
