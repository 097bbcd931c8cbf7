"""What the reserved share announces, once it is true."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class FilingSubmitted(Event):
    """A unit handed its yearly promise to the chain."""

    filing_id: UUID


@dataclass(frozen=True)
class FilingReturned(Event):
    """A level of the chain sent a promise back, with a reason."""

    filing_id: UUID


@dataclass(frozen=True)
class FilingConfirmed(Event):
    """The last level confirmed a promise; the unit's quotas exist."""

    filing_id: UUID
