"""The timers that draw up circulars, tell of late rectifications, and propose matters of years."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from procurement.supervision.commands.drawing import advance_circular
from procurement.supervision.commands.matters import tell_overdue_matters
from procurement.supervision.commands.reviews import review_next


@task(name="procurement.advance_circulars", time_limit=540)
def advance_circulars() -> None:
    """Draw up the circulars that wait, each as of one instant; minutes for the whole country."""
    in_batches(lambda: advance_circular(now=clock.now()), seconds=30, snapshot=True)


@task(name="procurement.tell_overdue_matters")
def tell_of_overdue_matters() -> None:
    """Tell of matters past their deadline, some hundreds in a transaction."""
    in_batches(lambda: tell_overdue_matters(now=clock.now()))


@task(name="procurement.propose_matters")
def propose_unmet_matters() -> None:
    """Propose matters of units whose year ended unmet, each place in its own transaction."""
    in_batches(lambda: review_next(now=clock.now()))
