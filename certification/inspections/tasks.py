"""The timer that tells of findings whose deadline is over."""

from __future__ import annotations

from certification.inspections.commands.findings import tell_overdue
from kernel import clock
from kernel.jobs import in_batches, task


@task(name="certification.tell_overdue_findings")
def tell_overdue_findings() -> None:
    """Tell of findings that were not put right in time, some hundreds in a transaction."""
    in_batches(lambda: tell_overdue(now=clock.now()))
