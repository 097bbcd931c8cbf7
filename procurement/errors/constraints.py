"""What the database refuses, said as the rule would have said it."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Refusal
from procurement.errors import approvals, filings, policies, quotas, supervision

CONSTRAINTS: Mapping[str, type[Refusal]] = {
    **approvals.CONSTRAINTS,
    **policies.CONSTRAINTS,
    **filings.CONSTRAINTS,
    **quotas.CONSTRAINTS,
    **supervision.CONSTRAINTS,
}
