"""The timers that end certificates and marks, warn before their end, and signal what runs out."""

from __future__ import annotations

from certification.certificates.commands.changes import expire_certificates
from certification.certificates.commands.marks import lapse_marks, warn_of_marks
from certification.certificates.commands.terms import signal_capacities, warn_of_expiry
from kernel import clock
from kernel.jobs import in_batches, task


@task(name="certification.expire_certificates")
def expire_due_certificates() -> None:
    """End certificates whose last day is over, some hundreds in a transaction."""
    in_batches(lambda: expire_certificates(now=clock.now()))


@task(name="certification.warn_of_expiry")
def warn_before_expiry() -> None:
    """Warn of certificates that end soon, some hundreds in a transaction."""
    in_batches(lambda: warn_of_expiry(now=clock.now()))


@task(name="certification.lapse_marks")
def lapse_due_marks() -> None:
    """Let marks lapse whose time is over, and tell of those that soon will."""
    in_batches(lambda: lapse_marks(now=clock.now()))
    in_batches(lambda: warn_of_marks(now=clock.now()))


@task(name="certification.signal_capacities")
def signal_used_capacities() -> None:
    """Tell of capacities that crossed a threshold, some hundreds in a transaction."""
    in_batches(lambda: signal_capacities(now=clock.now()))
