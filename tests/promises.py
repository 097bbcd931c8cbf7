"""Which promises of the house are broken, as every test that asks reads it."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.database import db
from kernel.operations import judge
from kernel.package import Invariant


def broken(invariants: Sequence[Invariant]) -> list[str]:
    """Give the codes of the invariants that do not hold, in the caller's transaction.

    Pending rows are written first. Tests that commit ask in a unit of work of its own:
    `run(partial(broken, INVARIANTS))`.
    """
    db.session.flush()
    return [finding.code for finding in judge(invariants) if not finding.holds]
