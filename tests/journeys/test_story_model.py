"""S1: the whole trade as a state machine against a model; they agree after every step.

BANGFU_STORY_EXAMPLES and BANGFU_STORY_STEPS make it longer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from secrets import token_bytes
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from demo.stripe_double.server import running
from demo.stripe_double.state import State
from kernel import idempotency
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.deliveries.commands import balancing, receiving, substituting
from marketplace.orders.commands import deciding, rebinding
from marketplace.settlement.commands import statements
from marketplace.settlement.rules import statements as statement_rules
from marketplace.settlement.rules import stripe as stripe_rules
from marketplace.settlement.rules.statements import Claim, Proposal, propose
from procurement.quotas.commands import holds
from tests.builders.stripe import KEY, SECRET, Double
from tests.journeys.story import NOW, Story, fired
from tests.journeys.story_ground import RULES
from tests.journeys.story_stage import Stage, stage

EXAMPLES = int(os.environ.get("BANGFU_STORY_EXAMPLES", "50"))
STEPS = int(os.environ.get("BANGFU_STORY_STEPS", "50"))
SOAK = 1800
"""Stories of the long run: some 80,000 steps; even what is rare happens a hundred times."""
LEAST_RULES = 25
FIRES = (
    "approve", "bank exact", "bank joint", "bank over", "bank partial", "bank split",
    "bank unclear", "bank unknown", "cancel", "card asked", "card charged", "card given up",
    "card paid", "charged all the same", "checkout done", "checkout of two", "close year",
    "confirm", "confirm money", "dispute lost", "dispute opened", "dispute won", "event again",
    "event at last", "extend", "key reused", "lapsed", "late money placed", "look back", "news",
    "pay amount_exceeds_due", "pay done", "place done", "place year_not_open", "receive",
    "rebind done", "record_lot", "refund done", "refund refund_exceeds_paid", "reinstated",
    "reject", "replace done", "retried", "revoked", "sent done", "sent twice", "ship",
    "ship named", "statement again", "substitute done", "suspended", "withdraw money",
)  # fmt: skip
"""What every run does again and again, whatever the dice."""


@pytest.fixture
def there(app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    del db_session
    with running(State(secret_key=KEY, webhook_secret=SECRET)) as listening:
        double = Double(listening)
        offered = double.settings(app.extensions["bangfu.settings"])
        monkeypatch.setitem(app.extensions, "bangfu.settings", offered)
        yield run(lambda: stage(app, double, NOW))


def tell(there: Stage, stories: int, *, random: bool = False) -> None:
    """Let so many stories run their course; the first that goes wrong is told as it was."""
    fired.clear()
    machine = type("StoryOfThisStage", (Story,), {"there": there})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=stories,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not random,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


@pytest.mark.parametrize(
    ("stories", "least"), [(EXAMPLES, 3), pytest.param(SOAK, 100, marks=pytest.mark.soak)]
)
def test_the_books_agree_with_the_model_after_every_step(
    there: Stage, stories: int, least: int
) -> None:
    tell(there, stories, random=stories == SOAK)
    print(sorted(fired.items()))  # noqa: T201 - what was done is the figure of this test
    assert fired["step"] >= stories * STEPS * 4 // 5
    assert {name: fired[name] for name in FIRES if fired[name] < least} == {}
    assert len(RULES) >= LEAST_RULES
    assert [name for name in RULES if fired[f"rule {name}"] < least] == []


def nothing(*_: Any, **__: Any) -> int:
    return 0


def unclaimed(*_: Any, **__: Any) -> None:
    """Ask nobody whether a key was used."""


def unknown(*_: Any, **__: Any) -> bytes:
    """Take every line of a statement for a new one."""
    return token_bytes(32)


def first_alone(amount: Fen, claims: Sequence[Claim]) -> Proposal:
    """Pay the first of the orders that a line names, and leave the others."""
    whole = propose(amount, claims)
    return replace(whole, parts=whole.parts[:1])


DEFECTS: dict[str, tuple[Any, str, Any]] = {
    "an ended order keeps its stock": (deciding, "release_stock", nothing),
    "an ended order keeps its capacity": (deciding, "release_capacity", nothing),
    "what is turned away stays sold of its year": (balancing, "release_capacity", nothing),
    "what is turned away never comes back to its lot": (receiving, "return_stock", nothing),
    "what is replaced stays in its lot": (substituting, "release_stock", nothing),
    "money that went back stays spent": (holds, "refund", nothing),
    "a re-bound order is paid by its first unit": (rebinding, "Fen", nothing),
    "a key that was used places another order": (idempotency, "claim", unclaimed),
    "a line that is known counts again": (statements, "blind_index", unknown),
    "a line for several orders pays one": (statement_rules, "propose", first_alone),
    "money that Stripe tells of again counts again": (stripe_rules, "HAS_MONEY", frozenset()),
}
QUICK = ["what is turned away never comes back to its lot"]


@pytest.mark.parametrize("names", [QUICK, pytest.param(list(DEFECTS), marks=pytest.mark.faults)])
def test_the_auditor_notices_a_planted_defect(
    there: Stage, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    for name in names:
        with monkeypatch.context() as planted:
            planted.setattr(*DEFECTS[name])
            with pytest.raises((AssertionError, IntegrityError)):
                tell(there, EXAMPLES)
        print(name, fired["step"])  # noqa: T201 - how soon it was noticed
