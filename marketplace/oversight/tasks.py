"""The timer that looks for red flags, rule after rule."""

from __future__ import annotations

from functools import partial

from kernel import clock
from kernel.jobs import task
from kernel.unit_of_work import run
from marketplace.oversight.commands.searching import look_for
from marketplace.oversight.models import FlagRule

SECONDS = 600
"""All rules together; what is not done by then is done an hour later."""


@task(name="marketplace.look_for_flags", time_limit=SECONDS)
def look_for_flags() -> None:
    """Look for the flags of every rule, each in its own transaction."""
    for rule in FlagRule:
        run(partial(look_for, rule, now=clock.now()))
