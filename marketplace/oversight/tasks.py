"""The timer that looks for red flags, rule after rule."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from marketplace.oversight.commands.searching import look_next


@task(name="marketplace.look_for_flags")
def look_for_flags() -> None:
    """Look for the flags of every rule whose hour is over, each in its own transaction."""
    in_batches(lambda: look_next(now=clock.now()))
