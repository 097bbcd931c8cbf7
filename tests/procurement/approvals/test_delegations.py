"""Approving for somebody who is away: to whom, how long, for which orders, and never on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import constraint_of, db
from kernel.errors import NotAllowed, NotFound, SamePerson, WrongState
from kernel.identity import new_id
from procurement.approvals.commands.delegations import NewDelegation, delegate, revoke_delegation
from procurement.approvals.commands.steps import approves_for, take_step
from procurement.approvals.models import ApprovalDelegation, ApprovalStep, DelegationId, StepAct
from procurement.approvals.queries import list_hands
from procurement.errors.approvals import CONSTRAINTS, DelegationExists, DelegationUnfit
from registry.accounts.models import AppUser, Role, UserId
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry
from tests.builders.people import one_person
from tests.builders.procurement import NOW

TODAY = shanghai_day(NOW)
SOMEBODY = UserId(new_id())


class Office:
    """A unit with an approver, a colleague in finance, and a unit under it."""

    def __init__(self) -> None:
        self.unit: Organisation = registry.organisation(OrganisationKind.BUDGET_UNIT)
        self.below = registry.organisation(OrganisationKind.BUDGET_UNIT, supervising=self.unit)
        self.approver: AppUser = registry.user(self.unit, [Role.UNIT_APPROVER])
        self.colleague: AppUser = registry.user(self.unit, [Role.UNIT_FINANCE])
        self.by: Actor = registry.actor_of(self.approver)
        self.other: Actor = registry.actor_of(self.colleague)

    def give(self, days: int = 7, *, begins: date = TODAY) -> ApprovalDelegation:
        """Let the colleague approve for so many days."""
        until_on = begins + timedelta(days=days)
        new = NewDelegation(self.colleague.id, until_on, "出差", begins)
        return delegate(new, by=self.by, now=NOW)

    def decides_for(
        self, unit: Organisation | None = None, *, author: UserId = SOMEBODY, now: datetime = NOW
    ) -> UserId | None:
        """Give for whom the colleague decides on an order."""
        unit_id = (unit or self.unit).id
        return approves_for(unit_id=unit_id, author_id=author, by=self.other, now=now)


@pytest.fixture
def office(db_session: Session) -> Office:
    del db_session
    return Office()


def test_a_colleague_approves_from_the_first_day_until_before_the_last(office: Office) -> None:
    with pytest.raises(NotAllowed):
        office.decides_for()
    office.give(7)
    assert office.decides_for() == office.approver.id
    assert office.decides_for(office.below) == office.approver.id
    assert office.decides_for(now=NOW + timedelta(days=6)) == office.approver.id
    with pytest.raises(NotAllowed):
        office.decides_for(now=NOW + timedelta(days=7))
    assert approves_for(unit_id=office.unit.id, author_id=SOMEBODY, by=office.by, now=NOW) is None


def test_nobody_approves_for_the_author_or_for_another_tree(office: Office) -> None:
    office.give()
    with pytest.raises(NotAllowed):
        office.decides_for(author=office.approver.id)
    with pytest.raises(NotAllowed):
        office.decides_for(registry.organisation(OrganisationKind.BUDGET_UNIT))


def test_what_was_delegated_is_not_handed_on(office: Office) -> None:
    office.give()
    third = registry.user(office.unit, [Role.UNIT_ADMIN])
    new = NewDelegation(third.id, TODAY + timedelta(days=3), "出差")
    with pytest.raises(NotAllowed):
        delegate(new, by=office.other, now=NOW)


def test_a_revoked_delegation_is_over_at_once_and_once(office: Office) -> None:
    given = office.give()
    with pytest.raises(NotFound):
        revoke_delegation(given.id, by=office.other, now=NOW)
    revoke_delegation(given.id, by=office.by, now=NOW)
    with pytest.raises(NotAllowed):
        office.decides_for()
    with pytest.raises(WrongState):
        revoke_delegation(given.id, by=office.by, now=NOW)
    office.give()


@pytest.mark.parametrize(("begins", "days"), [(-1, 3), (0, 0), (0, 93)])
def test_a_delegation_has_its_time(office: Office, begins: int, days: int) -> None:
    with pytest.raises(DelegationUnfit):
        office.give(days, begins=TODAY + timedelta(days=begins))


def test_only_a_colleague_is_delegated_to(office: Office) -> None:
    until_on = TODAY + timedelta(days=3)
    for user in (office.approver, registry.user(office.below, [Role.UNIT_ADMIN])):
        with pytest.raises(DelegationUnfit):
            delegate(NewDelegation(user.id, until_on, "出差"), by=office.by, now=NOW)
    with pytest.raises(DelegationUnfit):
        delegate(NewDelegation(SOMEBODY, until_on, "出差"), by=office.by, now=NOW)


def test_nobody_delegates_to_another_account_of_their_own(office: Office) -> None:
    one_person(office.approver.id, office.colleague.id)
    with pytest.raises(DelegationUnfit):
        office.give()


def test_a_person_does_not_decide_on_an_order_through_a_second_account(office: Office) -> None:
    author = registry.user(office.unit, [Role.CANTEEN_BUYER])
    second = registry.user(office.unit, [Role.UNIT_APPROVER])
    third = registry.user(office.unit, [Role.UNIT_APPROVER])
    one_person(author.id, office.approver.id)
    one_person(second.id, third.id)
    order_id = new_id()

    def decides(user: AppUser) -> ApprovalStep:
        by = registry.actor_of(user)
        unit_id = office.unit.id
        return take_step(
            order_id, StepAct.APPROVE, unit_id=unit_id, author_id=author.id, by=by, now=NOW
        )

    with pytest.raises(SamePerson):
        decides(office.approver)
    assert decides(second).position == 1
    with pytest.raises(SamePerson):
        decides(third)
    assert list_hands(office.by, order_id) == {second.id, third.id}


def test_an_approver_has_one_delegate_at_a_time(office: Office) -> None:
    office.give()
    with pytest.raises(IntegrityError) as broken, db.session.begin_nested():
        office.give(2)
    assert CONSTRAINTS[constraint_of(broken.value) or ""] is DelegationExists
    office.give(3, begins=TODAY + timedelta(days=7))
    assert isinstance(DelegationId(new_id()), type(SOMEBODY))
