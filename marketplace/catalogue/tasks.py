"""The timer that takes off sale what rests on a paper that lapsed."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from marketplace.catalogue.commands.following import block_lapsed


@task(name="marketplace.block_lapsed")
def block_lapsed_papers() -> None:
    """Block what is sold under lapsed papers, some hundreds of certificates in a transaction."""
    in_batches(lambda: block_lapsed(now=clock.now()))
