"""Two at once: the last fen of a quota, one hold ended twice, one filing confirmed twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from kernel.actor import Actor
from kernel.database import db
from kernel.holds import EntryKind
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from procurement.errors.quotas import QuotaExceeded
from procurement.filings.commands.filings import draft_filing, submit_filing
from procurement.filings.models import Filing
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds as commands
from procurement.quotas.commands.opening import confirm_filing
from procurement.quotas.models import Quota, QuotaEntry, QuotaHold, QuotaId
from procurement.wiring import INVARIANTS
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.promises import broken
from tests.racing import race

C832 = OriginKind.NATIONAL_832
RIVALS = 20
ROUNDS = 8
Hold = Callable[[QuotaId, Barrier], None]


def opened(fresh: Flask, ceiling: int) -> QuotaId:
    with fresh.app_context():
        return run(
            lambda: (
                procurement.quota(registry.organisation(OrganisationKind.BUDGET_UNIT), ceiling).id
            )
        )


def hold_one(quota_id: QuotaId, _: Barrier) -> None:
    commands.hold(
        order_id=new_id(),
        quota_id=quota_id,
        parts=[procurement.part(1)],
        expires_at=None,
        now=NOW,
    )


def read_then_write(quota_id: QuotaId, everybody_has_read: Barrier) -> None:
    """Hold one fen the wrong way: look first, write what was seen."""
    row = db.session.execute(
        select(Quota.ceiling_fen, Quota.held_fen).where(Quota.id == quota_id)
    ).one()
    everybody_has_read.wait(timeout=30)
    if row.held_fen + 1 > row.ceiling_fen:
        raise QuotaExceeded(available_fen=0, wanted_fen=1)
    hold_id, order_id = new_id(), new_id()
    db.session.execute(insert(QuotaHold).values(_hold(hold_id, order_id, quota_id, NOW)))
    db.session.execute(
        insert(QuotaEntry).values(
            id=new_id(),
            counter_id=quota_id,
            hold_id=hold_id,
            kind=EntryKind.HOLD,
            held=1,
            spent=0,
            at=NOW,
        )
    )
    db.session.execute(update(Quota).where(Quota.id == quota_id).values(held_fen=row.held_fen + 1))


def _hold(hold_id: UUID, order_id: UUID, quota_id: QuotaId, now: datetime) -> dict[str, object]:
    return {
        "id": hold_id,
        "counter_id": quota_id,
        "source": "order",
        "source_id": order_id,
        "order_id": order_id,
        "origin_kind": C832,
        "order_kind": OrderKind.RESERVED_SHARE,
        "amount": 1,
        "held_at": now,
    }


def race_for_the_last(fresh: Flask, hold: Hold, *, ceiling: int) -> int:
    """Give how many of `ceiling` + RIVALS one-fen orders got through."""
    quota_id = opened(fresh, ceiling)
    rivals = ceiling + RIVALS
    middle = Barrier(rivals)
    outcomes = race(fresh, [lambda: hold(quota_id, middle)] * rivals)
    assert set(outcomes) <= {"done", "quota_exceeded"}
    return outcomes.count("done")


def held_by_orders(fresh: Flask) -> tuple[int, int]:
    """Give what counters say is held, and what orders hold."""
    with fresh.app_context():
        counters = db.session.execute(select(func.sum(Quota.held_fen))).scalar_one()
        holds = db.session.execute(select(func.sum(QuotaHold.amount))).scalar_one()
        db.session.remove()
    return int(counters), int(holds)


def broken_by(fresh: Flask) -> list[str]:
    with fresh.app_context():
        found = run(partial(broken, INVARIANTS))
        db.session.remove()
    return found


@pytest.mark.parametrize("ceiling", [1, 2, 7])
def test_exactly_the_last_fen_are_held(fresh: Flask, ceiling: int) -> None:
    won = [race_for_the_last(fresh, hold_one, ceiling=ceiling) for _ in range(ROUNDS)]
    assert won == [ceiling] * ROUNDS
    assert held_by_orders(fresh) == (ceiling * ROUNDS, ceiling * ROUNDS)
    assert broken_by(fresh) == []


def test_read_then_write_would_overspend(fresh: Flask) -> None:
    """The negative control: without the gate the same race breaks, so the race is one."""
    assert race_for_the_last(fresh, read_then_write, ceiling=1) == 1 + RIVALS
    assert held_by_orders(fresh) == (1, 1 + RIVALS)
    assert broken_by(fresh) == ["P1_quota"]


def held(fresh: Flask, quota_id: QuotaId, amount: int) -> UUID:
    order_id = new_id()
    with fresh.app_context():
        run(
            lambda: commands.hold(
                order_id=order_id,
                quota_id=quota_id,
                parts=[procurement.part(amount)],
                expires_at=None,
                now=NOW,
            )
        )
    return order_id


def test_payment_and_expiry_of_one_hold_are_one_or_the_other(fresh: Flask) -> None:
    quota_id = opened(fresh, 1_000)
    for _ in range(ROUNDS):
        order_id, amounts = held(fresh, quota_id, 100), {C832: Fen(100)}
        pay = partial(commands.post, order_id=order_id, amounts=amounts, now=NOW)
        expire = partial(
            commands.release, order_id=order_id, amounts=amounts, now=NOW, expired=True
        )
        outcomes = race(fresh, [pay, expire, pay, expire])
        assert sorted(outcomes) == ["done", *["hold_spent"] * 3]
    assert broken_by(fresh) == []


def test_a_refund_is_given_once(fresh: Flask) -> None:
    quota_id = opened(fresh, 1_000)
    order_id = held(fresh, quota_id, 100)
    with fresh.app_context():
        run(lambda: commands.post(order_id=order_id, amounts={C832: Fen(100)}, now=NOW))
    outcomes = race(
        fresh,
        [lambda: commands.refund(order_id=order_id, amounts={C832: Fen(60)}, now=NOW)] * 8,
    )
    assert sorted(outcomes) == ["done", *["hold_spent"] * 7]
    assert broken_by(fresh) == []


def _people(fresh: Flask) -> tuple[procurement.Cast, Actor, list[Actor], list[Actor]]:
    """Give a filing chain with four administrators and four supervisors."""

    def make() -> tuple[procurement.Cast, Actor, list[Actor], list[Actor]]:
        people = procurement.cast_of()
        admins = [registry.user(people.unit, [Role.UNIT_ADMIN]) for _ in range(4)]
        finance = [registry.user(people.bureau, [Role.FINANCE_SUPERVISOR]) for _ in range(4)]
        return (
            people,
            registry.actor_of(people.superior_admin),
            [registry.actor_of(one) for one in admins],
            [registry.actor_of(one) for one in finance],
        )

    with fresh.app_context():
        return run(make)


def test_a_promise_is_filed_once_and_confirmed_once(fresh: Flask) -> None:
    _, superior, admins, finance = _people(fresh)
    filed = procurement.contents()

    def file(by: Actor) -> Callable[[], object]:
        return lambda: draft_filing(filed, by=by, now=NOW)

    def confirm(by: Actor) -> Callable[[], object]:
        return lambda: confirm_filing(filing_id, by=by, now=NOW)

    drafts = race(fresh, [file(by) for by in admins])
    assert drafts.count("done") == 1
    once = {"uq_filing_unit_year", "uq_filing_open"}  # whichever of them the loser meets first
    assert set(drafts) <= {"done", "filing_exists"} | once  # or it came too late
    with fresh.app_context():
        filing_id = db.session.execute(select(Filing.id)).scalar_one()
        run(lambda: submit_filing(filing_id, by=admins[0], now=NOW))
        run(lambda: confirm_filing(filing_id, by=superior, now=NOW))
    outcomes = race(fresh, [confirm(by) for by in finance])
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "wrong_state", "same_person"}
    with fresh.app_context():
        assert db.session.execute(select(func.count(Quota.id))).scalar_one() == 1
        db.session.remove()
    assert broken_by(fresh) == []
