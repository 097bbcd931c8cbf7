"""Every state × every act × everybody of payout lists, their lines and surplus runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from kernel import clock
from kernel.database import db
from kernel.money import Fen
from kernel.visits import limiter
from marketplace.attribution.commands.confirmations import answer_payout
from marketplace.attribution.commands.payouts import cancel_list, return_line
from marketplace.attribution.commands.surpluses import (
    NewVolumeReturn,
    approve_run,
    cancel_run,
    draw_up_return,
)
from marketplace.attribution.models.payouts import PayoutLine, PayoutList
from marketplace.attribution.models.surpluses import SurplusRun
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.payouts import Paying, coded, drawn_up, issued, lines_of, paid_out, paying
from tests.builders.settlement import NOW, TODAY
from tests.conftest import Client
from tests.transitions import Token, posting, strangers, walk

ROOM = "/api/v1/attribution"
REASON = {"reason": "有误"}


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(limiter, "enabled", False)  # one address walks through all states
    with clock.stopped(NOW):
        yield


@pytest.fixture
def stage(client: Client) -> Paying:
    """Give a stage whose clerk and manager each have both roles."""
    del client
    found = paying()
    both = [Role.COOP_CLERK, Role.COOP_MANAGER]
    drawer, issuer = (registry.user(found.there.cooperative, both) for _ in range(2))
    return replace(found, there=replace(found.there, clerk=drawer, manager=issuer))


def people(stage: Paying, *, village: bool = False) -> Mapping[str, Token]:
    own = {"drawer": stage.there.clerk, "issuer": stage.there.manager}
    if village:
        own["cadre"] = stage.cadre
    return {**{name: registry.token_of(one) for name, one in own.items()}, **strangers()}


def payment(stage: Paying, *line_ids: object) -> Mapping[str, object]:
    body = {"paid_on": TODAY.isoformat(), "document_id": str(stage.proof.id)}
    return body | ({"line_ids": [str(one) for one in line_ids]} if line_ids else {})


@pytest.mark.parametrize("state", ["draft", "issued", "cancelled"])
def test_a_list_moves_only_as_its_table_says(client: Client, stage: Paying, state: str) -> None:
    list_id = issued(stage) if state == "issued" else drawn_up(stage)
    if state == "cancelled":
        cancel_list(list_id, reason="漏", expected_version=None, by=stage.by("clerk"), now=NOW)
    to = f"{ROOM}/payout-lists/{list_id}"
    acts = {
        "issue": posting(f"{to}/issue"),
        "cancel": posting(f"{to}/cancel", REASON),
        "pay": posting(f"{to}/payments", payment(stage)),
    }

    def state_now() -> str:
        return db.session.get_one(PayoutList, list_id, populate_existing=True).status.value

    walk(
        client, "payout_list", state, people=people(stage), acts=acts, state_now=state_now,
        shown_in=("payout_list", "payout_line", "payout_item"),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["listed", "paid", "denied", "confirmed", "returned"])
def test_a_line_moves_only_as_its_table_says(client: Client, stage: Paying, state: str) -> None:
    list_id = issued(stage) if state == "listed" else paid_out(stage)
    view = lines_of(stage, list_id)[0]
    if state in {"denied", "confirmed"}:
        handed = coded(stage, view)
        answer_payout(handed.number, code=handed.code, received=state == "confirmed", now=NOW)
    if state == "returned":
        return_line(view.line.id, reason="退回", by=stage.by("clerk"), now=NOW)
    line_id = view.line.id
    to = f"{ROOM}/payout-lines/{line_id}"
    pays = f"{ROOM}/payout-lists/{list_id}/payments"
    acts = {
        "pay": posting(pays, payment(stage, line_id)),
        "return": posting(f"{to}/return", REASON),
        "code": posting(f"{to}/code"),
    }

    def state_now() -> str:
        return db.session.get_one(PayoutLine, line_id, populate_existing=True).status.value

    walk(
        client, "payout_line", state, people=people(stage, village=True), acts=acts,
        state_now=state_now, shown_in=("payout_line", "payout_item", "household_income"),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["draft", "approved", "cancelled"])
def test_a_run_moves_only_as_its_table_says(client: Client, stage: Paying, state: str) -> None:
    new = NewVolumeReturn(2026, Fen(10_000), 6_000, "决议", stage.proof.id)
    run_id = draw_up_return(new, by=stage.by("clerk"), now=NOW).id
    if state == "approved":
        approve_run(run_id, expected_version=None, by=stage.by("manager"), now=NOW)
    if state == "cancelled":
        cancel_run(run_id, reason="误", expected_version=None, by=stage.by("clerk"), now=NOW)
    to = f"{ROOM}/surplus-runs/{run_id}"
    acts = {"approve": posting(f"{to}/approve"), "cancel": posting(f"{to}/cancel", REASON)}

    def state_now() -> str:
        return db.session.get_one(SurplusRun, run_id, populate_existing=True).status.value

    walk(
        client, "surplus_run", state, people=people(stage), acts=acts, state_now=state_now,
        shown_in=("surplus_run", "surplus_share"),
    )  # fmt: skip
