"""What the database refuses, said as the rule would have said it."""

from __future__ import annotations

from collections.abc import Mapping

from certification.errors import applications, certificates, criteria, inspections
from kernel.errors import Refusal

CONSTRAINTS: Mapping[str, type[Refusal]] = {
    **criteria.CONSTRAINTS,
    **applications.CONSTRAINTS,
    **certificates.CONSTRAINTS,
    **inspections.CONSTRAINTS,
}
