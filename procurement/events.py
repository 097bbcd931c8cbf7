"""What the reserved share announces, once it is true."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class ShareRuleAdopted(Event):
    """A version of a share policy, or of a rule of the union, was adopted."""

    rule_id: UUID


@dataclass(frozen=True)
class WaiverEnded(Event):
    """A unit's lower share is over: its last day passed, or it was revoked."""

    waiver_id: UUID
    unit_id: UUID


@dataclass(frozen=True)
class FilingSubmitted(Event):
    """A unit handed its yearly promise to the chain."""

    filing_id: UUID


@dataclass(frozen=True)
class FilingReturned(Event):
    """A level of the chain sent a promise back, with a reason."""

    filing_id: UUID


@dataclass(frozen=True)
class FilingSuperseded(Event):
    """A revision of a promise was confirmed; the promise is not in force any more."""

    filing_id: UUID


@dataclass(frozen=True)
class FilingCarriedOver(Event):
    """Another unit answers for a promise, since the one that made it has ended."""

    filing_id: UUID
    to_unit_id: UUID


@dataclass(frozen=True)
class FilingDue(Event):
    """A unit's last day of filing has come near, and it has not filed."""

    reminder_id: UUID
    unit_id: UUID


@dataclass(frozen=True)
class FilingConfirmed(Event):
    """The last level confirmed a promise; the unit's quotas exist."""

    filing_id: UUID


@dataclass(frozen=True)
class QuotaNearlyUsed(Event):
    """What is held and spent of a quota has reached its warning level."""

    quota_id: UUID


@dataclass(frozen=True)
class QuotaClosed(Event):
    """A year's quota was closed: what was free has lapsed or was carried over."""

    quota_id: UUID


@dataclass(frozen=True)
class QuotaMerged(Event):
    """All that counted against a quota of a unit that ended counts against its successor's."""

    quota_id: UUID
    into_id: UUID


@dataclass(frozen=True)
class MatterOpened(Event):
    """A unit was told to put something right."""

    matter_id: UUID


@dataclass(frozen=True)
class MatterOverdue(Event):
    """A rectification's deadline passed without a report."""

    matter_id: UUID


@dataclass(frozen=True)
class CircularPublished(Event):
    """A circular is out."""

    circular_id: UUID
