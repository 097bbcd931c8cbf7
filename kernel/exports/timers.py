"""The tasks of exports: what waits is made, what is over its days is deleted."""

from __future__ import annotations

from kernel import clock
from kernel.exports.commands import advance_export, expire_exports
from kernel.jobs import in_batches, task
from kernel.package import Schedule


@task(name="kernel.advance_exports", time_limit=540)
def advance_exports() -> None:
    """Make the exports that wait, each as of one instant; minutes for the longest."""
    in_batches(lambda: advance_export(now=clock.now()), seconds=30, snapshot=True)


@task(name="kernel.expire_exports")
def delete_expired_exports() -> None:
    """Delete the files whose days are over."""
    in_batches(lambda: expire_exports(now=clock.now()))


SCHEDULE = {
    "advance exports": Schedule(task=advance_exports, every=2.0),
    "expire exports": Schedule(task=delete_expired_exports, every=3600.0),
}
