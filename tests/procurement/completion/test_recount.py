"""Completion against a recount of all orders and payments, as of any instant, whatever happened."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.procurement.completion.recounting import Recount

ACTS = {"accept", "post", "refund", "release", "rebind", "merge", "as of a past instant"}
"""What happens in every example, by its beginning alone."""
FEW = 4


@pytest.mark.usefixtures("db_session")
@pytest.mark.parametrize("examples", [FEW, pytest.param(100, marks=pytest.mark.soak)])
def test_completion_is_what_a_recount_of_orders_and_payments_gives(examples: int) -> None:
    """Compare 17 pairs of a unit and an instant for each example: 1,700 in the long run."""
    Recount.FIRED.clear()
    run_state_machine_as_test(
        Recount,
        settings=settings(
            max_examples=examples,
            stateful_step_count=16,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    fired = Recount.FIRED
    assert {act for act in ACTS if fired[act] >= examples} == ACTS, fired
    assert examples == FEW or fired["close"] >= examples, fired
