"""Every state × every act × everybody of reconciliations and their differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.households.commands import reconciliations as commands
from registry.households.commands.surveys import Comparison
from registry.households.models.reconciliations import (
    DifferenceDecision,
    DifferenceId,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationId,
)
from tests.builders import registry
from tests.conftest import Client
from tests.registry.households.casework import NOW, OFFICE
from tests.transitions import Deed, Token, strangers, walk

SHOWN = ("reconciliation", "reconciliation_difference", "household")


@dataclass(frozen=True)
class Stage:
    """A run with at most one difference, and everybody there is."""

    run_id: ReconciliationId
    difference_id: DifferenceId | None
    people: Mapping[str, Token]


def staged(state: str) -> Stage:
    office = registry.organisation(OFFICE)
    author, decider = (registry.user(office, [Role.COUNTY_REVIEWER]) for _ in range(2))
    by, other = registry.actor_of(author), registry.actor_of(decider)
    registry.household()
    run = commands.open_reconciliation(
        region_code=registry.WUJIANG,
        survey="2026 普查",
        surveyed_on=date(2026, 2, 1),
        by=by,
        now=NOW,
    )
    found = None
    if state != "awaited":
        comparison = Comparison(run)
        comparison.take([])
        comparison.finish(by=by, now=NOW)
        found = db.session.query(ReconciliationDifference).one().id
    if state in {"decided", "settled", "closed"} and found is not None:
        keep = DifferenceDecision.KEEP
        commands.decide_difference(found, decision=keep, reason="核对", by=other, now=NOW)
    if state == "closed":
        commands.close_reconciliation(run.id, by=by, now=NOW)
    names = {"author": author, "decider": decider}
    people = strangers() | {name: registry.token_of(user) for name, user in names.items()}
    return Stage(run.id, found, people)


def post(path: str, body: Mapping[str, Any] | None = None) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        headers = {"Idempotency-Key": str(new_id())}
        return client.post(f"/api/v1/{path}", json=body, token=token, headers=headers)

    return send


def run_state(stage: Stage) -> Callable[[], str]:
    def now() -> str:
        run = db.session.get_one(Reconciliation, stage.run_id, populate_existing=True)
        if run.closed_at is not None:
            return "closed"
        if run.compared_at is None:
            return "awaited"
        waiting = db.session.query(ReconciliationDifference).filter_by(decision=None).count()
        return "compared" if waiting else "settled"

    return now


@pytest.mark.parametrize("state", ["awaited", "compared", "settled", "closed"])
def test_a_reconciliation_moves_only_as_its_table_says(client: Client, state: str) -> None:
    with clock.stopped(NOW):
        stage = staged(state)
        walk(
            client, "reconciliation", state, people=stage.people,
            acts={"close": post(f"reconciliations/{stage.run_id}/close")},
            state_now=run_state(stage), shown_in=SHOWN,
        )  # fmt: skip


@pytest.mark.parametrize("state", ["undecided", "decided", "closed"])
def test_a_difference_moves_only_as_its_table_says(client: Client, state: str) -> None:
    with clock.stopped(NOW):
        stage = staged(state)
        to = f"reconciliation-differences/{stage.difference_id}/decision"
        acts = {
            one.value: post(to, {"decision": one.value, "reason": "入户核对"})
            for one in DifferenceDecision
        }

        def state_now() -> str:
            words = {"compared": "undecided", "settled": "decided"}
            found = run_state(stage)()
            return words.get(found, found)

        walk(
            client, "reconciliation_difference", state, people=stage.people, acts=acts,
            state_now=state_now, shown_in=SHOWN,
        )  # fmt: skip
