"""Allocating and taking back, closing a year and opening it again, merging and abolishing units."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, NotFound, Refusal, WrongState
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.quotas import (
    AllocationExceeded,
    AllocationUnfit,
    FloorShort,
    QuotaExceeded,
    QuotaMissing,
    YearClosed,
    YearRunning,
)
from procurement.quotas.commands import closings, holds, mergers, settings
from procurement.quotas.commands.allocations import (
    AllocationPart,
    NewAllocation,
    allocate,
    recall,
)
from procurement.quotas.commands.closings import NewReopening
from procurement.quotas.commands.settings import NewSetting
from procurement.quotas.commands.transfers import transfer
from procurement.quotas.models import (
    MoveKind,
    Quota,
    QuotaHold,
    QuotaId,
    QuotaMove,
    QuotaWarning,
    SettingKind,
)
from procurement.wiring import INVARIANTS
from registry.organisations.models import Ending, Organisation
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR, Cast
from tests.promises import broken

AFTER = datetime(2027, 1, 1, 4, tzinfo=UTC)
Figures = tuple[int, int, int, int]


@pytest.fixture
def people(db_session: Session) -> Cast:
    del db_session
    return procurement.cast_of()


def figures(quota_id: QuotaId) -> Figures:
    """Give ceiling, floor, held and spent."""
    row = db.session.get_one(Quota, quota_id, populate_existing=True)
    return int(row.ceiling_fen), int(row.floor_fen), int(row.held_fen), int(row.spent_fen)


def quota_of(unit: Organisation, year: int = YEAR) -> QuotaId:
    asked = select(Quota.id).where(Quota.unit_id == unit.id, Quota.year == year)
    return db.session.scalars(asked).one()


def hold(quota_id: QuotaId, amount: int) -> UUID:
    order_id = new_id()
    holds.hold(
        order_id=order_id,
        quota_id=quota_id,
        parts=[procurement.part(amount)],
        expires_at=None,
        now=NOW,
    )
    return order_id


def parts(unit: Organisation, ceiling: int, floor: int = 0) -> NewAllocation:
    return NewAllocation([AllocationPart(unit.id, Fen(ceiling), Fen(floor))], "分配方案 1 号")


def above(people: Cast) -> Actor:
    return registry.actor_of(people.superior_admin)


def refusal_of(act: object, *args: object, **named: object) -> type[Refusal]:
    assert callable(act)
    with pytest.raises(Refusal) as refusal, db.session.begin_nested():
        act(*args, **named)
    return type(refusal.value)


def test_an_allocation_leaves_above_what_arrives_below_and_comes_back_unused(people: Cast) -> None:
    top = procurement.quota(people.superior, 1_000).id
    given = allocate(top, parts(people.unit, 600), by=above(people), now=NOW)
    below = quota_of(people.unit)
    assert [one.id for one in given.quotas] == [below]
    assert (figures(top), figures(below)) == ((400, 0, 0, 0), (600, 0, 0, 0))
    hold(below, 250)
    refused = refusal_of(recall, top, parts(people.unit, 351), by=above(people), now=NOW)
    assert refused is QuotaExceeded
    recall(top, parts(people.unit, 350), by=above(people), now=NOW)
    assert (figures(top), figures(below)) == ((750, 0, 0, 0), (250, 0, 250, 0))
    assert broken(INVARIANTS) == []


def test_nobody_allocates_what_it_has_not_or_takes_back_what_it_did_not_give(people: Cast) -> None:
    top = procurement.quota(people.superior, 1_000).id
    below = procurement.quota(people.unit, 500).id
    by = above(people)
    assert refusal_of(allocate, top, parts(people.unit, 1_001), by=by, now=NOW) is QuotaExceeded
    assert refusal_of(allocate, top, parts(people.unit, 1, 1), by=by, now=NOW) is FloorShort
    allocate(top, parts(people.unit, 100), by=by, now=NOW)
    assert refusal_of(recall, top, parts(people.unit, 101), by=by, now=NOW) is AllocationExceeded
    assert (figures(top), figures(below)) == ((900, 0, 0, 0), (600, 0, 0, 0))


def test_money_goes_down_the_tree_only_and_by_who_stands_above(people: Cast) -> None:
    top = procurement.quota(people.superior, 1_000).id
    below = procurement.quota(people.unit, 500).id
    by, own = above(people), registry.actor_of(people.admin)
    assert refusal_of(allocate, below, parts(people.superior, 1), by=by, now=NOW) is AllocationUnfit
    assert refusal_of(allocate, top, parts(people.superior, 1), by=by, now=NOW) is AllocationUnfit
    assert refusal_of(allocate, top, parts(people.unit, 1), by=own, now=NOW) is NotFound
    office = registry.actor_of(people.supervisor)
    assert refusal_of(allocate, top, parts(people.unit, 1), by=office, now=NOW) is NotAllowed
    twice = NewAllocation([AllocationPart(people.unit.id, Fen(1), Fen(0))] * 2, "x")
    assert refusal_of(allocate, top, twice, by=by, now=NOW) is AllocationUnfit
    assert refusal_of(allocate, top, parts(people.unit, 1), by=by, now=AFTER) is YearClosed


def test_a_year_is_closed_after_its_last_day_and_keeps_what_is_held(people: Cast) -> None:
    quota_id = procurement.quota(people.unit, 1_000).id
    order_id = hold(quota_id, 300)
    office = registry.actor_of(people.supervisor)
    early = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    assert refusal_of(closings.close_year, YEAR, by=office, now=early) is YearRunning
    closed = closings.close_year(YEAR, by=office, now=AFTER)
    assert (closed.closed, closed.left) == (1, 0)
    assert figures(quota_id) == (300, 0, 300, 0)
    assert closings.close_year(YEAR, by=office, now=AFTER).closed == 0
    late = {"national_832": Fen(100)}
    holds.post(order_id=order_id, amounts=late, now=AFTER)
    assert figures(quota_id) == (300, 0, 200, 100)
    holds.release(order_id=order_id, amounts=None, now=AFTER)
    assert closings.close_next(now=AFTER) == 1
    assert figures(quota_id) == (100, 0, 0, 100)
    assert closings.close_next(now=AFTER) == 0
    kinds = db.session.scalars(select(QuotaMove.kind).order_by(QuotaMove.position)).all()
    assert kinds == [MoveKind.LAPSE, MoveKind.LAPSE]
    assert broken(INVARIANTS) == []


def test_the_rule_of_the_region_carries_over_a_part(people: Cast) -> None:
    quota_id = procurement.quota(people.unit, 1_001).id
    office = registry.actor_of(people.supervisor)
    new = NewSetting(SettingKind.CARRY_OVER, 5_000, "结转办法（演示）")
    settings.set_setting(new, by=office, now=NOW)
    closings.close_next(now=AFTER)
    assert figures(quota_id) == (0, 0, 0, 0)
    assert figures(quota_of(people.unit, YEAR + 1)) == (500, 0, 0, 0)
    assert broken(INVARIANTS) == []


def test_a_closing_is_taken_back_by_an_entry_and_closes_again(people: Cast) -> None:
    quota_id = procurement.quota(people.unit, 1_000).id
    office = registry.actor_of(people.supervisor)
    until = datetime(2027, 2, 1, tzinfo=UTC)
    new = NewReopening(until, "补记验收")
    assert refusal_of(closings.reopen_quota, quota_id, new, by=office, now=AFTER) is WrongState
    closings.close_next(now=AFTER)
    far = NewReopening(datetime(2028, 1, 1, tzinfo=UTC), "补记验收")
    assert refusal_of(closings.reopen_quota, quota_id, far, by=office, now=AFTER) is Invalid
    closings.reopen_quota(quota_id, new, by=office, now=AFTER)
    assert figures(quota_id) == (1_000, 0, 0, 0)
    assert closings.close_next(now=AFTER) == 0
    assert closings.close_next(now=until) == 1
    assert figures(quota_id) == (0, 0, 0, 0)
    assert broken(INVARIANTS) == []


def end(unit: Organisation, successor: Organisation | None) -> None:
    unit.ended_on = date(2026, 3, 1)
    unit.ending = Ending.MERGED if successor else Ending.ABOLISHED
    unit.successor_id = successor.id if successor else None
    db.session.flush()


def test_a_successor_takes_over_all_that_counts(people: Cast) -> None:
    gone = procurement.quota(people.unit, 1_000).id
    heir = procurement.quota(people.superior, 500).id
    order_id = hold(gone, 300)
    holds.post(order_id=order_id, amounts={"national_832": Fen(120)}, now=NOW)
    end(people.unit, people.superior)
    for _ in range(2):
        mergers.carry_to_successor(people.unit.id, successor_id=people.superior.id, now=NOW)
    assert (figures(gone), figures(heir)) == ((0, 0, 0, 0), (1_500, 0, 180, 120))
    holds.refund(order_id=order_id, amounts={"national_832": Fen(20)}, now=NOW)
    holds.release(order_id=order_id, amounts=None, now=NOW)
    assert figures(heir) == (1_500, 0, 0, 100)
    assert broken(INVARIANTS) == []


def test_an_abolished_unit_s_free_money_lapses(people: Cast) -> None:
    quota_id = procurement.quota(people.unit, 1_000).id
    hold(quota_id, 300)
    end(people.unit, None)
    mergers.end_quotas(people.unit.id, now=NOW)
    assert figures(quota_id) == (300, 0, 300, 0)
    assert broken(INVARIANTS) == []


def test_what_counts_by_its_day_is_not_moved_in_another_year(people: Cast) -> None:
    here = procurement.quota(people.unit, 1_000).id
    there = procurement.quota(people.superior, 1_000).id
    order_id, by = hold(here, 300), above(people)
    to = people.superior.id
    refused = refusal_of(transfer, order_id=order_id, to_unit_id=to, source="x", by=by, now=AFTER)
    assert refused is YearClosed
    refused = refusal_of(transfer, order_id=new_id(), to_unit_id=to, source="x", by=by, now=NOW)
    assert refused is QuotaMissing
    transfer(order_id=order_id, to_unit_id=to, source="x", by=by, now=NOW)
    transfer(order_id=order_id, to_unit_id=people.unit.id, source="x", by=by, now=NOW)
    assert (figures(here), figures(there)) == ((1_000, 0, 300, 0), (1_000, 0, 0, 0))
    assert broken(INVARIANTS) == []


def test_an_order_of_which_all_was_given_back_counts_elsewhere_without_a_move(
    people: Cast,
) -> None:
    here = procurement.quota(people.unit, 1_000).id
    there = procurement.quota(people.superior, 1_000).id
    order_id, by = hold(here, 300), above(people)
    holds.release(order_id=order_id, amounts=None, now=NOW)
    to = people.superior.id
    assert transfer(order_id=order_id, to_unit_id=to, source="x", by=by, now=NOW) == there
    assert db.session.scalars(select(QuotaMove.id)).all() == []
    assert db.session.scalars(select(QuotaHold.counter_id)).all() == [there]
    assert broken(INVARIANTS) == []


def test_a_quota_is_told_of_once_when_it_is_nearly_used(people: Cast) -> None:
    quota_id = procurement.quota(people.unit, 1_000).id
    hold(quota_id, 899)
    assert settings.warn_of_used(now=NOW) == 0
    hold(quota_id, 1)
    assert [settings.warn_of_used(now=NOW) for _ in range(2)] == [1, 0]
    own = NewSetting(SettingKind.WARNING, 9_500, "单位内控")
    settings.set_setting(own, by=registry.actor_of(people.admin), now=NOW)
    assert settings.warn_of_used(now=NOW) == 0
    hold(quota_id, 50)
    assert settings.warn_of_used(now=NOW) == 1
    assert db.session.scalar(select(func.count(QuotaWarning.id))) == 2
