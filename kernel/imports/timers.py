"""The tasks of imports: what waits is checked or written, what nobody wants is deleted."""

from __future__ import annotations

from kernel import clock
from kernel.imports.commands import advance_import, lapse_imports
from kernel.jobs import in_batches, task
from kernel.package import Schedule


@task(name="kernel.advance_imports", time_limit=540)
def advance_imports() -> None:
    """Check or write the imports that wait, one transaction each; minutes for the largest."""
    in_batches(lambda: advance_import(now=clock.now()), seconds=30)


@task(name="kernel.lapse_imports")
def drop_stale_imports() -> None:
    """Delete the contents that were never committed."""
    in_batches(lambda: lapse_imports(now=clock.now()))


SCHEDULE = {
    "advance imports": Schedule(task=advance_imports, every=2.0),
    "lapse imports": Schedule(task=drop_stale_imports, every=3600.0),
}
