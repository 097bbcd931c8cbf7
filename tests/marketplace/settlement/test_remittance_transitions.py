"""Every state × every act × everybody of payouts and their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from kernel import clock
from kernel.database import db
from marketplace.settlement.commands.remittances import (
    cancel_remittance,
    confirm_line,
    fail_line,
)
from marketplace.settlement.models.remittances import Remittance, RemittanceLine
from marketplace.settlement.queries.remittances import RemittanceView
from tests.builders import registry
from tests.builders.remittances import Platform, collected, drawn, platform, released
from tests.builders.settlement import NOW
from tests.conftest import Client
from tests.marketplace.settlement.test_transitions import post
from tests.transitions import Token, strangers, walk

SHOWN_IN = ("remittance", "remittance_line", "seller_funds")


@dataclass(frozen=True)
class Stage:
    """The platform with collected money, and everybody."""

    at: Platform
    people: Mapping[str, Token]


@pytest.fixture
def stage(client: Client) -> Iterator[Stage]:
    del client
    with clock.stopped(NOW):
        at = platform()
        collected(at)
        own = {"drawer": at.drawer, "second": at.second}
        people = strangers() | {name: registry.token_of(user) for name, user in own.items()}
        yield Stage(at, people)


def brought_to(at: Platform, state: str) -> RemittanceView:
    """Draw a list up and bring it, or its line, to a state."""
    if state in {"drawn", "early", "cancelled"}:
        view = drawn(at)
        if state == "cancelled":
            cancel_remittance(view.remittance.id, expected_version=None, by=at.by, now=NOW)
        return view
    view = released(at)
    if state in {"settled", "paid"}:
        confirm_line(view.lines[0].id, bank_reference="P1", by=at.by, now=NOW)
    if state == "failed":
        fail_line(view.lines[0].id, reason="户名不符", by=at.by, now=NOW)
    return view


@pytest.mark.parametrize("state", ["drawn", "released", "settled", "cancelled"])
def test_a_list_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    remittance_id = brought_to(stage.at, state).remittance.id
    door = f"/remittances/{remittance_id}"

    def state_now() -> str:
        return db.session.get_one(Remittance, remittance_id, populate_existing=True).status.value

    walk(
        client,
        "remittance",
        state,
        people=stage.people,
        acts={"release": post(f"{door}/release"), "cancel": post(f"{door}/cancel")},
        state_now=state_now,
        shown_in=SHOWN_IN,
    )


@pytest.mark.parametrize("state", ["early", "listed", "paid", "failed"])
def test_a_line_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    line_id = brought_to(stage.at, state).lines[0].id
    door = f"/remittance-lines/{line_id}"

    def state_now() -> str:
        line = db.session.get_one(RemittanceLine, line_id, populate_existing=True)
        listed = db.session.get_one(Remittance, line.remittance_id, populate_existing=True)
        return "early" if listed.status.value == "drawn" else line.status.value

    walk(
        client,
        "remittance_line",
        state,
        people=stage.people,
        acts={
            "confirm": post(f"{door}/confirm", {"bank_reference": "P1"}),
            "fail": post(f"{door}/fail", {"reason": "户名不符"}),
        },
        state_now=state_now,
        shown_in=SHOWN_IN,
    )
