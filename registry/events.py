"""What the register announces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class OrganisationRenamed(Event):
    """An organisation bears another name; the former ones stay by date."""

    organisation_id: UUID


@dataclass(frozen=True)
class OrganisationMerged(Event):
    """An organisation has ended in its successor: what it held is to be carried over."""

    organisation_id: UUID
    successor_id: UUID


@dataclass(frozen=True)
class OrganisationAbolished(Event):
    """An organisation has ended; the register knows whether anything took its place."""

    organisation_id: UUID


@dataclass(frozen=True)
class NoticeExtended(Event):
    """An upheld objection moved the closing day of a notice."""

    notice_id: UUID
