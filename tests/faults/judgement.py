"""What must hold after quiet: every invariant, and every fact handled once in effect."""

from __future__ import annotations

from benchmarks.stand import Stand
from kernel.database import db
from kernel.operations import Finding, judge
from kernel.unit_of_work import unit_of_work


def broken_invariants(stand: Stand) -> list[Finding]:
    """Judge every invariant in one snapshot; gives those that do not hold."""
    app = stand.app()
    with app.app_context():
        with unit_of_work():
            findings = judge(app.extensions["bangfu.invariants"])
        db.engine.dispose()
    return [finding for finding in findings if not finding.holds]
