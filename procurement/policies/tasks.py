"""The timer that tells of waivers that are over."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from procurement.policies.commands import end_waivers


@task(name="procurement.end_waivers")
def end_due_waivers() -> None:
    """Tell of waivers whose last day is over, some hundreds in a transaction."""
    in_batches(lambda: end_waivers(now=clock.now()))
