"""The timer that ends the observation of households."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from registry.households.commands.households import end_observations


@task(name="registry.end_observations")
def end_due_observations() -> None:
    """Let households leave the register whose observation is over, some hundreds at a time."""
    in_batches(lambda: end_observations(now=clock.now()))
