"""S1: the whole trade as a state machine against a model; they agree after every step.

BANGFU_STORY_EXAMPLES and BANGFU_STORY_STEPS make it longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session

from kernel.unit_of_work import run
from marketplace.deliveries.commands import balancing, receiving, substituting
from marketplace.orders.commands import deciding, rebinding
from procurement.quotas.commands import holds
from tests.journeys.story import NOW, Story, fired
from tests.journeys.story_stage import Stage, stage

EXAMPLES = int(os.environ.get("BANGFU_STORY_EXAMPLES", "50"))
STEPS = int(os.environ.get("BANGFU_STORY_STEPS", "50"))
SOAK = 1200
"""Stories of the long run: some 50,000 steps; even what is rare happens a hundred times."""
FIRES = (
    "approve", "cancel", "checkout done", "checkout of two", "confirm", "confirm money", "extend",
    "lapsed", "late money placed", "news", "pay amount_exceeds_due", "pay done", "place done",
    "receive", "rebind done", "record_lot", "refund done", "refund refund_exceeds_paid",
    "reinstated", "replace done", "ship", "ship named", "substitute done",
    "suspended", "withdraw money",
)  # fmt: skip
"""What every run does again and again, whatever the dice."""


@pytest.fixture
def there(app: Flask, db_session: Session) -> Stage:
    del db_session
    return run(lambda: stage(app, NOW))


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
    assert [name for name in FIRES if fired[name] < least] == []


def nothing(*_: Any, **__: Any) -> int:
    return 0


DEFECTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "an ended order keeps its stock": (deciding, "release_stock", nothing),
    "an ended order keeps its capacity": (deciding, "release_capacity", nothing),
    "what is turned away stays sold of its year": (balancing, "release_capacity", nothing),
    "what is turned away never comes back to its lot": (receiving, "return_stock", nothing),
    "what is replaced stays in its lot": (substituting, "release_stock", nothing),
    "money that went back stays spent": (holds, "refund", nothing),
    "a re-bound order is paid by its first unit": (rebinding, "Fen", nothing),
}
QUICK = ["what is turned away never comes back to its lot"]


@pytest.mark.parametrize("names", [QUICK, pytest.param(list(DEFECTS), marks=pytest.mark.faults)])
def test_the_auditor_notices_a_planted_defect(
    there: Stage, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    for name in names:
        with monkeypatch.context() as planted:
            planted.setattr(*DEFECTS[name])
            with pytest.raises(AssertionError):
                tell(there, EXAMPLES)
        print(name, fired["step"])  # noqa: T201 - how soon it was noticed
