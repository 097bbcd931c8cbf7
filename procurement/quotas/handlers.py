"""What quotas do when a unit comes to its end."""

from __future__ import annotations

from datetime import datetime

from procurement.quotas.commands import mergers
from registry.events import OrganisationAbolished, OrganisationMerged
from registry.organisations.models import OrganisationId


def follow_merger(event: OrganisationMerged, *, now: datetime) -> None:
    """Let the successor take over what the ended unit's quotas hold, spent and have free."""
    mergers.carry_to_successor(
        OrganisationId(event.organisation_id),
        successor_id=OrganisationId(event.successor_id),
        now=now,
    )


def follow_abolition(event: OrganisationAbolished, *, now: datetime) -> None:
    """Let what is free in the abolished unit's quotas lapse."""
    mergers.end_quotas(OrganisationId(event.organisation_id), now=now)
