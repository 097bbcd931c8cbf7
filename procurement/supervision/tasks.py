"""The timer that tells of rectifications whose deadline is over."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from procurement.supervision.commands.matters import tell_overdue_matters


@task(name="procurement.tell_overdue_matters")
def tell_of_overdue_matters() -> None:
    """Tell of matters past their deadline, some hundreds in a transaction."""
    in_batches(lambda: tell_overdue_matters(now=clock.now()))
