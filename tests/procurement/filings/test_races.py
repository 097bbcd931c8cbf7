"""Two at once on one promise: one wins; without the gate, both do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from procurement.filings.commands import chain, filings, revisions
from procurement.filings.models import Filing, FilingAct, FilingId, FilingStatus, FilingStep
from procurement.quotas.commands import holds
from procurement.quotas.commands.opening import confirm_filing
from procurement.quotas.models import Quota, QuotaId
from procurement.wiring import INVARIANTS
from registry.accounts.models import Role
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, Cast, contents
from tests.promises import broken
from tests.racing import race

ROUNDS = 4


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def before_finance() -> tuple[FilingId, Actor, Actor]:
    """Bring a promise before finance; give it and two people of the bureau."""
    people = procurement.cast_of()
    unit = registry.actor_of(people.admin)
    made = filings.draft_filing(contents(), by=unit, now=NOW)
    filings.submit_filing(made.id, by=unit, now=NOW)
    confirm_filing(made.id, by=registry.actor_of(people.superior_admin), now=NOW)
    other = registry.user(people.bureau, [Role.FINANCE_SUPERVISOR])
    return made.id, registry.actor_of(people.supervisor), registry.actor_of(other)


def acts_on(filing_id: FilingId) -> list[FilingAct]:
    found = select(FilingStep.act).where(FilingStep.filing_id == filing_id)
    return run(lambda: list(db.session.scalars(found.order_by(FilingStep.position))))


def test_a_promise_is_confirmed_or_returned_never_both(app: Flask) -> None:
    for _ in range(ROUNDS):
        filing_id, one, other = run(before_finance)
        outcomes = race(
            app,
            [
                partial(confirm_filing, filing_id, by=one, now=NOW),
                partial(chain.return_filing, filing_id, reason="有误", by=other, now=NOW),
            ],
        )
        assert sorted(outcomes) == ["done", "wrong_state"]
        ends = {FilingAct.FINANCE_CONFIRM, FilingAct.RETURN} & set(acts_on(filing_id))
        assert len(ends) == 1
    assert run(partial(broken, INVARIANTS)) == []


def careless(filing_id: FilingId, become: FilingStatus, seen: Barrier) -> None:
    """Decide with the lock replaced by read, then write: the control."""
    status = db.session.scalar(select(Filing.status).where(Filing.id == filing_id))
    seen.wait(timeout=30)
    if status is not FilingStatus.SUPERIOR_CONFIRMED:
        raise AssertionError(status)
    row = update(Filing).where(Filing.id == filing_id)
    db.session.execute(row.values(note=str(become)).execution_options(synchronize_session=False))


def test_without_the_lock_both_decide(app: Flask) -> None:
    filing_id, _, _ = run(before_finance)
    seen = Barrier(2)
    ends = (FilingStatus.CONFIRMED, FilingStatus.RETURNED)
    acts = [partial(careless, filing_id, end, seen) for end in ends]
    assert race(app, acts) == ["done", "done"]


def cut_to_come(people: Cast) -> tuple[FilingId, QuotaId, Actor]:
    """Leave only the last confirmation of a revision that cuts 8,000 yuan to 3,000."""
    procurement.confirmed(people, contents(ceiling=8_000_00, total=1_000_000, reserved=300_000))
    unit = registry.actor_of(people.admin)
    current = procurement.filing_of(people.unit, FilingStatus.CONFIRMED)
    cut = {"ceiling_fen": Fen(3_000_00)}
    made = revisions.revise_filing(current.id, reason="缩减", changes=cut, by=unit, now=NOW)
    filings.submit_filing(made.id, by=unit, now=NOW)
    confirm_filing(made.id, by=registry.actor_of(people.superior_admin), now=NOW)
    quota = db.session.scalars(select(Quota).where(Quota.unit_id == people.unit.id)).one()
    return made.id, quota.id, registry.actor_of(people.supervisor)


def order(quota_id: QuotaId) -> None:
    holds.hold(
        order_id=new_id(),
        quota_id=quota_id,
        parts=[procurement.part(5_000_00)],
        expires_at=None,
        now=NOW,
    )


def test_a_cut_and_an_order_do_not_both_get_the_money(app: Flask) -> None:
    for _ in range(ROUNDS):
        filing_id, quota_id, finance = run(lambda: cut_to_come(procurement.cast_of()))
        outcomes = race(
            app,
            [
                partial(confirm_filing, filing_id, by=finance, now=NOW),
                partial(order, quota_id),
            ],
        )
        assert sorted(outcomes) == ["done", "quota_exceeded"]
    assert run(partial(broken, INVARIANTS)) == []


def test_without_the_gate_a_cut_and_an_order_both_get_the_money(app: Flask) -> None:
    _, quota_id, _ = run(lambda: cut_to_come(procurement.cast_of()))
    run(lambda: db.session.execute(text("ALTER TABLE quota DROP CONSTRAINT ck_quota_ceiling")))
    seen = Barrier(2)

    def change(**values: int) -> None:
        row = db.session.execute(
            select(Quota.ceiling_fen, Quota.held_fen).where(Quota.id == quota_id)
        ).one()
        seen.wait(timeout=30)
        held, ceiling = values.get("held_fen", row.held_fen), values.get("ceiling_fen", 8_000_00)
        assert held <= ceiling
        db.session.execute(update(Quota).where(Quota.id == quota_id).values(values))

    acts = [lambda: change(ceiling_fen=3_000_00), lambda: change(held_fen=5_000_00)]
    assert race(app, acts) == ["done", "done"]
    assert "P1_quota" in run(partial(broken, INVARIANTS))
