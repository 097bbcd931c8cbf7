"""Sending an order back: who may, from which state, what is free, and what may follow."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import db
from kernel.errors import NotFound, SamePerson, WrongState
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.journal import write_journal
from kernel.operations import judge
from marketplace.orders.commands import deciding
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.wiring import INVARIANTS as TRADE
from procurement.approvals.models import ApprovalThreshold
from procurement.wiring import INVARIANTS
from registry.accounts.models import Role
from registry.errors.documents import IdentityInText
from tests.builders import registry
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    figures,
    held,
    order_of,
    placed,
    scene,
)


@pytest.fixture
def there(db_session: Session) -> Scene:
    del db_session
    return scene()


def waiting(there: Scene) -> OrderId:
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
    order_id = placed(there, "10").order.id
    assert order_of(order_id).order_status is OrderStatus.PENDING_APPROVAL
    return order_id


def send_back(there: Scene, order_id: OrderId, reason: str = "请减量后重报") -> None:
    by = there.by("approver")
    deciding.send_back_order(order_id, reason=reason, expected_version=None, by=by, now=NOW)


def test_it_is_a_draft_again_with_its_reason_and_holds_nothing(there: Scene) -> None:
    order_id = waiting(there)
    assert figures(there) == held(10 * PRICE, "10", "10")
    send_back(there, order_id)
    order = order_of(order_id)
    assert (order.order_status, order.close_reason) == (OrderStatus.DRAFT, "请减量后重报")
    assert order.closed_at is None
    assert figures(there) == held()
    write_journal()
    last = db.session.scalars(select(EventRow.kind).order_by(EventRow.position.desc())).first()
    assert last == "OrderSentBack"
    with clock.stopped(NOW):
        assert [one.code for one in judge([*INVARIANTS, *TRADE]) if not one.holds] == []


def test_a_draft_is_called_off_and_nothing_else(there: Scene) -> None:
    order_id = waiting(there)
    send_back(there, order_id)
    with pytest.raises(WrongState):
        send_back(there, order_id)
    with pytest.raises(WrongState):
        deciding.approve_order(order_id, expected_version=None, by=there.by("approver"), now=NOW)
    with pytest.raises(WrongState):
        deciding.confirm_order(order_id, expected_version=None, by=there.by("clerk"), now=NOW)
    deciding.cancel_order(order_id, reason="", expected_version=None, by=there.by("buyer"), now=NOW)
    assert order_of(order_id).order_status is OrderStatus.CANCELLED
    assert figures(there) == held()


def test_only_what_waits_is_sent_back_and_not_by_its_author_or_a_stranger(there: Scene) -> None:
    straight = placed(there, "1").order.id
    with pytest.raises(WrongState):
        send_back(there, straight)
    order_id = waiting(there)
    by = there.by("buyer")
    with pytest.raises(SamePerson):
        deciding.send_back_order(order_id, reason="x", expected_version=None, by=by, now=NOW)
    stranger = registry.person(Role.UNIT_APPROVER)
    with pytest.raises(NotFound):
        deciding.send_back_order(order_id, reason="x", expected_version=None, by=stranger, now=NOW)
    with pytest.raises(IdentityInText):
        send_back(there, order_id, reason="440203195003120018")
    assert order_of(order_id).order_status is OrderStatus.PENDING_APPROVAL
