"""What must hold after quiet: every invariant, and every fact handled once in effect."""

from __future__ import annotations

from benchmarks.clients import elsewhere
from benchmarks.stand import Stand
from kernel.operations import Finding, judge
from kernel.unit_of_work import unit_of_work


def broken_invariants(stand: Stand) -> list[Finding]:
    """Judge every invariant in one snapshot; gives those that do not hold."""
    return [finding for finding in elsewhere(_judge, stand) if not finding.holds]


def _judge(stand: Stand) -> list[Finding]:
    app = stand.app()
    with app.app_context(), unit_of_work():
        return judge(app.extensions["bangfu.invariants"])
