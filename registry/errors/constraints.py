"""What the database refuses, said as the rule would have said it."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Refusal
from registry.errors import (
    accounts,
    documents,
    households,
    notices,
    organisations,
    pairings,
    reconciliations,
    regions,
)

CONSTRAINTS: Mapping[str, type[Refusal]] = {
    **regions.CONSTRAINTS,
    **organisations.CONSTRAINTS,
    **accounts.CONSTRAINTS,
    **documents.CONSTRAINTS,
    **notices.CONSTRAINTS,
    **households.CONSTRAINTS,
    **pairings.CONSTRAINTS,
    **reconciliations.CONSTRAINTS,
}
