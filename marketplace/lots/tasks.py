"""Timers that keep what listings show as available close to what the lots have left."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import task
from kernel.unit_of_work import run
from marketplace.lots.commands import stock as commands


@task(name="marketplace.refresh_moved_stock")
def refresh_moved_stock() -> int:
    """Show again what the listings of moved lots have left."""
    return run(lambda: commands.refresh_moved(now=clock.now()))


@task(name="marketplace.refresh_all_stock")
def refresh_all_stock() -> int:
    """Show again what every listing has left."""
    return run(lambda: commands.refresh_all(now=clock.now()))
