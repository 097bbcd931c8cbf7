"""The timer that reminds units of their last day of filing."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from procurement.filings.commands.reminders import remind_units


@task(name="procurement.remind_units")
def remind_of_filing() -> None:
    """Remind the units whose last day has come near, some hundreds in a transaction."""
    in_batches(lambda: remind_units(now=clock.now()))
