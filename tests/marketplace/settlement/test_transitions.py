"""Every state × every act × everybody of statement lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from marketplace.settlement.commands.waiting import park_line, return_line
from marketplace.settlement.models.statements import BankAccount, BankLine
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market, ordered
from tests.builders.statements import (
    bank_account,
    credit,
    debit,
    lines_on,
    looked_at,
    number_of,
    read,
)
from tests.conftest import Client
from tests.transitions import Deed, Token, strangers, walk


@dataclass(frozen=True)
class Stage:
    """A market, its cooperative's account, and everybody."""

    there: Market
    account: BankAccount
    people: Mapping[str, Token]


@pytest.fixture
def stage(client: Client) -> Iterator[Stage]:
    del client
    with clock.stopped(NOW):
        there = market()
        people = strangers() | {"manager": registry.token_of(there.manager)}
        yield Stage(there, bank_account(there.by("manager")), people)


def post(path: str, body: object = None) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        headers = {"Idempotency-Key": str(new_id())}
        return client.post(f"/api/v1{path}", json=body, token=token, headers=headers)

    return send


def brought_to(stage: Stage, state: str) -> BankLine:
    """Read a line and bring it to a state."""
    by = stage.there.by("manager")
    if state == "new":
        read(stage.account, [credit(3_000)], by=by)
        return lines_on(stage.account)[-1]
    rows = {
        "matched": [credit(3_000, number_of(ordered(stage.there, "1")))],
        "reversed": [credit(3_000, payer="演示"), debit(3_000, "冲正", payer="演示")],
        "noted": [debit(3_000)],
    }
    line = looked_at(stage.account, rows.get(state, [credit(3_000)]), by=by)[0]
    if state == "parked":
        park_line(line.id, reason="等", expected_version=None, by=by, now=NOW)
    if state == "returned":
        return_line(line.id, reason="退", expected_version=None, by=by, now=NOW)
    return line


ALIKE = [pytest.param(one, marks=pytest.mark.faults) for one in ("returned", "reversed", "noted")]


@pytest.mark.parametrize("state", ["new", "open", "parked", "matched", *ALIKE])
def test_a_line_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    order_id = ordered(stage.there, "1")
    line = brought_to(stage, state)
    door = f"/bank-lines/{line.id}"
    parts = [{"order_id": str(order_id), "amount_fen": 3_000}]
    acts = {
        "match": post(f"{door}/match", {"parts": parts}),
        "park": post(f"{door}/park", {"reason": "等对方来电"}),
        "resume": post(f"{door}/resume"),
        "return": post(f"{door}/return", {"reason": "误转"}),
        "reverse": post(f"{door}/reverse", {"reverses_id": str(line.id)}),
    }
    line_id = line.id

    def state_now() -> str:
        return db.session.get_one(BankLine, line_id, populate_existing=True).state.value

    walk(
        client,
        "bank_line",
        state,
        people=stage.people,
        acts=acts,
        state_now=state_now,
        shown_in=("bank_line", "line_match", "payment", "purchase_order"),
    )
