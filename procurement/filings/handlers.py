"""What promises do when their unit ends."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from kernel.actor import SYSTEM
from procurement.filings.commands.successions import end_promises
from procurement.filings.models import CarryReason
from registry.events import OrganisationAbolished, OrganisationMerged
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation


def carry_over_merged(event: OrganisationMerged, *, now: datetime) -> None:
    """Let the successor answer for the promises of a unit that was merged."""
    end_promises(
        cast("OrganisationId", event.organisation_id),
        successor_id=cast("OrganisationId", event.successor_id),
        reason=CarryReason.MERGED,
        now=now,
    )


def carry_over_abolished(event: OrganisationAbolished, *, now: datetime) -> None:
    """Let whatever took the place of an abolished unit answer for its promises."""
    unit = get_organisation(SYSTEM, cast("OrganisationId", event.organisation_id))
    end_promises(unit.id, successor_id=unit.successor_id, reason=CarryReason.ABOLISHED, now=now)
