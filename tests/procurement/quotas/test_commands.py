"""Holding, accepting, posting and giving back approved money."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import HoldSpent
from kernel.holds import EntryKind
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.quotas import AcceptedTwice, QuotaExceeded, QuotaMissing
from procurement.quotas.commands import holds as commands
from procurement.quotas.models import Fund, Quota, QuotaEntry
from procurement.quotas.queries.quotas import list_holds
from procurement.wiring import INVARIANTS
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.promises import broken

C832, VILLAGE = OriginKind.NATIONAL_832, OriginKind.PROVINCIAL_VILLAGE
LATER = NOW + timedelta(days=30)
pytestmark = pytest.mark.usefixtures("db_session")


def opened(ceiling: int = 1_000_00) -> Quota:
    return procurement.quota(registry.organisation(OrganisationKind.BUDGET_UNIT), ceiling)


def counters(quota: Quota) -> tuple[int, int]:
    row = db.session.execute(
        select(Quota.held_fen, Quota.spent_fen).where(Quota.id == quota.id)
    ).one()
    return row[0], row[1]


def entries(quota: Quota) -> list[tuple[EntryKind, int, int, int]]:
    rows = db.session.execute(
        select(QuotaEntry.kind, QuotaEntry.held, QuotaEntry.spent, QuotaEntry.accepted_fen)
        .where(QuotaEntry.counter_id == quota.id)
        .order_by(QuotaEntry.position)
    )
    return [(*row,) for row in rows]


def test_a_hold_takes_the_whole_order_and_nothing_beyond_the_ceiling() -> None:
    quota, order_id = opened(100), new_id()
    parts = [procurement.part(60), procurement.part(40, VILLAGE)]
    assert (
        commands.hold(order_id=order_id, quota_id=quota.id, parts=parts, expires_at=LATER, now=NOW)
        == quota.id
    )
    assert counters(quota) == (100, 0)
    assert [(one.origin_kind, one.amount) for one in list_holds(SYSTEM, order_id)] == [
        (C832, 60),
        (VILLAGE, 40),
    ]
    with pytest.raises(QuotaExceeded) as refusal:
        commands.hold(
            order_id=new_id(),
            quota_id=quota.id,
            parts=[procurement.part(1)],
            expires_at=LATER,
            now=NOW,
        )
    assert refusal.value.figures == {"available_fen": 0, "wanted_fen": 1}
    assert counters(quota) == (100, 0)
    assert broken(INVARIANTS) == []


def test_parts_of_one_origin_are_one_hold_and_one_demand() -> None:
    quota, order_id = opened(100), new_id()
    parts = [procurement.part(60), procurement.part(41)]
    with pytest.raises(QuotaExceeded) as refusal:
        commands.hold(order_id=order_id, quota_id=quota.id, parts=parts, expires_at=None, now=NOW)
    assert refusal.value.figures == {"available_fen": 100, "wanted_fen": 101}
    assert list_holds(SYSTEM, order_id) == []


def test_a_hold_by_quota_is_one_statement(db_session: Session) -> None:
    quota = opened()
    sent: list[str] = []
    bind = db_session.get_bind()
    listener = lambda *args: sent.append(args[2])  # noqa: E731
    event.listen(bind, "before_cursor_execute", listener)
    try:
        commands.hold(
            order_id=new_id(),
            quota_id=quota.id,
            parts=[procurement.part(10), procurement.part(20, VILLAGE)],
            expires_at=LATER,
            now=NOW,
        )
    finally:
        event.remove(bind, "before_cursor_execute", listener)
    assert len(sent) == 1


def test_a_quota_is_found_by_unit_year_and_fund() -> None:
    quota = opened()
    held = commands.hold(
        order_id=new_id(),
        unit_id=quota.unit_id,
        year=quota.year,
        fund=Fund.CANTEEN,
        parts=[procurement.part(1)],
        expires_at=None,
        now=NOW,
    )
    assert held == quota.id


def test_without_a_quota_nothing_is_held() -> None:
    quota = opened()
    for where in ({"quota_id": new_id()}, {"unit_id": quota.unit_id, "year": 2019}):
        with pytest.raises(QuotaMissing):
            commands.hold(
                order_id=new_id(),
                parts=[procurement.part(1)],
                expires_at=None,
                now=NOW,
                **where,
            )
    with pytest.raises(TypeError, match="named by its id"):
        commands.hold(order_id=new_id(), parts=[], expires_at=None, now=NOW)


def test_an_order_of_nothing_holds_nothing() -> None:
    quota, order_id = opened(), new_id()
    commands.hold(
        order_id=order_id,
        quota_id=quota.id,
        parts=[procurement.part(0)],
        expires_at=None,
        now=NOW,
    )
    assert list_holds(SYSTEM, order_id) == []


def test_money_goes_from_held_to_spent_and_back() -> None:
    quota, order_id = opened(1_000), new_id()
    parts = [procurement.part(600), procurement.part(300, VILLAGE)]
    commands.hold(order_id=order_id, quota_id=quota.id, parts=parts, expires_at=None, now=NOW)
    commands.accept(order_id=order_id, amounts={C832: Fen(500), VILLAGE: Fen(0)}, now=NOW)
    commands.post(order_id=order_id, amounts={C832: Fen(500), VILLAGE: Fen(300)}, now=NOW)
    assert counters(quota) == (100, 800)
    commands.refund(order_id=order_id, amounts={VILLAGE: Fen(120)}, now=NOW)
    commands.release(order_id=order_id, amounts=None, now=NOW)
    assert counters(quota) == (0, 680)
    assert Counter(entries(quota)[1:]) == Counter(
        [
            (EntryKind.HOLD, 600, 0, 0),
            (EntryKind.HOLD, 300, 0, 0),
            (EntryKind.ACCEPT, 0, 0, 500),
            (EntryKind.POST, -500, 500, 0),
            (EntryKind.POST, -300, 300, 0),
            (EntryKind.REFUND, 0, -120, 0),
            (EntryKind.RELEASE, -100, 0, 0),
        ]
    )
    assert broken(INVARIANTS) == []


def test_an_expired_order_gives_everything_back_once() -> None:
    quota, order_id = opened(1_000), new_id()
    commands.hold(
        order_id=order_id,
        quota_id=quota.id,
        parts=[procurement.part(700)],
        expires_at=LATER,
        now=NOW,
    )
    for _ in range(2):
        commands.release(order_id=order_id, amounts=None, now=LATER, expired=True)
    assert counters(quota) == (0, 0)
    assert [kind for kind, *_ in entries(quota)] == [
        EntryKind.ADJUST,
        EntryKind.HOLD,
        EntryKind.EXPIRE,
    ]


def test_a_hold_ends_once() -> None:
    quota, order_id = opened(1_000), new_id()
    commands.hold(
        order_id=order_id,
        quota_id=quota.id,
        parts=[procurement.part(700)],
        expires_at=None,
        now=NOW,
    )
    commands.post(order_id=order_id, amounts={C832: Fen(700)}, now=NOW)
    for act in (commands.post, commands.release):
        with pytest.raises(HoldSpent):
            act(order_id=order_id, amounts={C832: Fen(1)}, now=NOW)
    with pytest.raises(HoldSpent):
        commands.refund(order_id=order_id, amounts={C832: Fen(701)}, now=NOW)
    with pytest.raises(HoldSpent):
        commands.post(order_id=order_id, amounts={VILLAGE: Fen(1)}, now=NOW)
    assert counters(quota) == (0, 700)


def test_no_more_is_accepted_than_was_ordered() -> None:
    quota, order_id = opened(1_000), new_id()
    commands.hold(
        order_id=order_id,
        quota_id=quota.id,
        parts=[procurement.part(700)],
        expires_at=None,
        now=NOW,
    )
    commands.accept(order_id=order_id, amounts={C832: Fen(699)}, now=NOW)
    with pytest.raises(AcceptedTwice):
        commands.accept(order_id=order_id, amounts={C832: Fen(2)}, now=NOW)
    commands.accept(order_id=order_id, amounts={C832: Fen(1)}, now=NOW)
    commands.accept(order_id=order_id, amounts={}, now=NOW)
    assert [one.accepted_fen for one in list_holds(SYSTEM, order_id)] == [700]
    assert broken(INVARIANTS) == []
