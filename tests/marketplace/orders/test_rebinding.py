"""Binding an order to another unit: who consents, what moves, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed, NotFound, Refusal, SamePerson, WrongState
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.journal import write_journal
from kernel.operations import judge
from marketplace.errors.orders import ApplicationMissing, RebindingOpen, RebindingUnfit, YearNotOpen
from marketplace.orders.commands import deciding
from marketplace.orders.commands.rebinding import (
    NewRebinding,
    consent_to_rebinding,
    refuse_rebinding,
    request_rebinding,
    withdraw_rebinding,
)
from marketplace.orders.models.orders import OrderId
from marketplace.orders.models.rebindings import Rebinding, RebindingId, RebindingStatus
from marketplace.wiring import INVARIANTS as TRADE
from procurement.errors.quotas import QuotaExceeded, QuotaMissing
from procurement.quotas.models import Quota, QuotaMove
from procurement.wiring import INVARIANTS
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import procurement, registry
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    confirmed,
    order_of,
    placed,
    scene,
    ship,
)
from tests.builders.people import one_person

NEXT_YEAR = datetime(2027, 1, 1, 4, tzinfo=UTC)


class Case:
    """An order of one school that another one should have placed, and both administrators."""

    def __init__(self, *, ceiling: int = 1_000_000_00) -> None:
        self.there: Scene = scene()
        self.other: Organisation = registry.organisation(OrganisationKind.BUDGET_UNIT)
        self.quota: Quota = procurement.quota(self.other, ceiling)
        self.order_id: OrderId = confirmed(self.there, "10").order.id
        self.giver: Actor = procurement.unit_actor(self.there.unit, Role.UNIT_ADMIN)
        self.taker: Actor = procurement.unit_actor(self.other, Role.UNIT_ADMIN)

    def ask(self, now: datetime = NOW) -> RebindingId:
        """Apply for the order to go to the other school."""
        new = NewRebinding(self.other.id, "误选单位")
        view = request_rebinding(self.order_id, new, by=self.there.by("buyer"), now=now)
        return view.rebinding.id

    def money(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Give what is held and spent, here and there."""
        found = []
        for quota_id in (self.there.quota.id, self.quota.id):
            row = db.session.get_one(Quota, quota_id, populate_existing=True)
            found.append((int(row.held_fen), int(row.spent_fen)))
        return found[0], found[1]


@pytest.fixture
def case(db_session: Session) -> Case:
    del db_session
    return Case()


def broken() -> list[str]:
    with clock.stopped(NOW):
        return [one.code for one in judge([*INVARIANTS, *TRADE]) if not one.holds]


def test_the_second_consent_moves_money_and_order_at_once(case: Case) -> None:
    asked = case.ask()
    first = consent_to_rebinding(asked, by=case.giver, now=NOW)
    assert first.rebinding.status is RebindingStatus.OPEN
    assert case.money() == ((10 * PRICE, 0), (0, 0))
    done = consent_to_rebinding(asked, by=case.taker, now=NOW)
    assert done.rebinding.status is RebindingStatus.DONE
    assert case.money() == ((0, 0), (10 * PRICE, 0))
    order = order_of(case.order_id)
    assert (order.bound_unit_id, order.quota_id) == (case.other.id, case.quota.id)
    write_journal()
    names = db.session.scalars(select(EventRow.kind).order_by(EventRow.position)).all()
    assert list(names)[-2:] == ["RebindingRequested", "OrderRebound"]
    assert broken() == []


def test_afterwards_the_order_gives_back_to_the_unit_it_is_bound_to(case: Case) -> None:
    asked = case.ask()
    consent_to_rebinding(asked, by=case.taker, now=NOW)
    consent_to_rebinding(asked, by=case.giver, now=NOW)
    deciding.cancel_order(
        case.order_id, reason="停课", expected_version=None, by=case.there.by("clerk"), now=NOW
    )
    assert case.money() == ((0, 0), (0, 0))
    assert broken() == []


def test_an_answer_is_due_within_five_working_days(case: Case) -> None:
    case.ask()
    assert db.session.scalars(select(Rebinding.due_on)).one() == date(2026, 6, 9)


def test_one_person_does_not_consent_for_both(case: Case) -> None:
    asked = case.ask()
    consent_to_rebinding(asked, by=case.giver, now=NOW)
    with pytest.raises(SamePerson):
        consent_to_rebinding(asked, by=case.giver, now=NOW)
    one_person(case.giver.user_id, case.taker.user_id)
    with pytest.raises(SamePerson):
        consent_to_rebinding(asked, by=case.taker, now=NOW)
    colleague = procurement.unit_actor(case.there.unit, Role.UNIT_ADMIN)
    with pytest.raises(WrongState):
        consent_to_rebinding(asked, by=colleague, now=NOW)
    assert case.money()[1] == (0, 0)


def test_strangers_see_nothing_and_bystanders_do_not_speak(case: Case) -> None:
    asked = case.ask()
    with pytest.raises(NotFound):
        consent_to_rebinding(asked, by=registry.person(Role.UNIT_ADMIN), now=NOW)
    finance = registry.person(Role.FINANCE_SUPERVISOR, kind=OrganisationKind.FINANCE_BUREAU)
    with pytest.raises(NotAllowed):
        consent_to_rebinding(asked, by=finance, now=NOW)


def test_a_full_quota_takes_nothing_on_and_the_consent_is_not_given(db_session: Session) -> None:
    case = Case(ceiling=10 * PRICE - 1)
    asked = case.ask()
    consent_to_rebinding(asked, by=case.giver, now=NOW)
    with pytest.raises(QuotaExceeded), db_session.begin_nested():
        consent_to_rebinding(asked, by=case.taker, now=NOW)
    assert case.money() == ((10 * PRICE, 0), (0, 0))
    assert db.session.scalar(select(func.count(QuotaMove.id))) == 0
    assert order_of(case.order_id).bound_unit_id == case.there.unit.id


def test_a_unit_without_a_quota_takes_nothing_on(case: Case) -> None:
    other = registry.organisation(OrganisationKind.BUDGET_UNIT)
    new = NewRebinding(other.id, "误选单位")
    view = request_rebinding(case.order_id, new, by=case.there.by("buyer"), now=NOW)
    taker = procurement.unit_actor(other, Role.UNIT_ADMIN)
    consent_to_rebinding(view.rebinding.id, by=case.giver, now=NOW)
    with pytest.raises(QuotaMissing):
        consent_to_rebinding(view.rebinding.id, by=taker, now=NOW)


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
def test_an_application_ends_once(case: Case, end: str) -> None:
    asked = case.ask()
    if end == "refused":
        view = refuse_rebinding(asked, reason="不属本单位", by=case.taker, now=NOW)
    else:
        view = withdraw_rebinding(asked, reason="误报", by=case.there.by("buyer"), now=NOW)
    assert view.rebinding.status == end
    with pytest.raises(WrongState):
        consent_to_rebinding(asked, by=case.giver, now=NOW)
    with pytest.raises(WrongState):
        refuse_rebinding(asked, reason="", by=case.giver, now=NOW)
    with pytest.raises(WrongState):
        withdraw_rebinding(asked, reason="", by=case.there.by("buyer"), now=NOW)
    case.ask()


def test_an_order_has_one_application_at_a_time(case: Case) -> None:
    case.ask()
    with pytest.raises(Exception, match="uq_rebinding_open"):
        case.ask()
    assert RebindingOpen.code == "rebinding_open"


def refused(case: Case, new: NewRebinding, *, now: datetime = NOW) -> type[Refusal]:
    with pytest.raises(Refusal) as refusal:
        request_rebinding(case.order_id, new, by=case.there.by("buyer"), now=now)
    return type(refusal.value)


def test_what_cannot_be_rebound_is_not_applied_for(case: Case) -> None:
    assert refused(case, NewRebinding(case.there.unit.id, "x")) is RebindingUnfit
    assert refused(case, NewRebinding(case.there.cooperative.id, "x")) is RebindingUnfit
    assert refused(case, NewRebinding(new_id(), "x")) is RebindingUnfit  # type: ignore[arg-type]
    assert refused(case, NewRebinding(case.other.id, "x"), now=NEXT_YEAR) is YearNotOpen
    ship(case.there, case.order_id, "10")
    assert refused(case, NewRebinding(case.other.id, "x")) is ApplicationMissing
    assert db.session.scalar(select(func.count(Rebinding.id))) == 0


def test_a_shipped_order_goes_with_its_paper(case: Case) -> None:
    ship(case.there, case.order_id, "10")
    paper = registry.document(case.there.unit, case.there.buyer, kind="other")
    new = NewRebinding(case.other.id, "误选单位", paper.id)
    view = request_rebinding(case.order_id, new, by=case.there.by("buyer"), now=NOW)
    consent_to_rebinding(view.rebinding.id, by=case.giver, now=NOW)
    consent_to_rebinding(view.rebinding.id, by=case.taker, now=NOW)
    assert case.money() == ((0, 0), (10 * PRICE, 0))
    assert broken() == []


def test_a_cancelled_order_is_not_rebound(case: Case) -> None:
    asked = case.ask()
    consent_to_rebinding(asked, by=case.giver, now=NOW)
    deciding.cancel_order(
        case.order_id, reason="停课", expected_version=None, by=case.there.by("buyer"), now=NOW
    )
    with pytest.raises(WrongState):
        consent_to_rebinding(asked, by=case.taker, now=NOW)
    assert placed(case.there, "1").order.bound_unit_id == case.there.unit.id
