"""The timer that ends certificates whose validity is over."""

from __future__ import annotations

from certification.certificates.commands.changes import expire_certificates
from kernel import clock
from kernel.jobs import in_batches, task


@task(name="certification.expire_certificates")
def expire_due_certificates() -> None:
    """End certificates whose last day is over, some hundreds in a transaction."""
    in_batches(lambda: expire_certificates(now=clock.now()))
