"""The timers that close years that are over, and warn of quotas that are nearly used."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from procurement.quotas.commands import closings, settings


@task(name="procurement.close_years")
def close_years() -> None:
    """Close the quotas of years that are over, each in a transaction of its own."""
    in_batches(lambda: closings.close_next(now=clock.now()))


@task(name="procurement.warn_of_quotas")
def warn_of_quotas() -> None:
    """Tell of quotas that reached their warning level, some hundreds in a transaction."""
    in_batches(lambda: settings.warn_of_used(now=clock.now()))
