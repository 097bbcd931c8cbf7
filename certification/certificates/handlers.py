"""What certificates do when their holder ends."""

from __future__ import annotations

from datetime import datetime

from certification.certificates.commands import changes
from registry.events import OrganisationAbolished, OrganisationMerged
from registry.organisations.models import OrganisationId


def suspend_certificates(
    event: OrganisationMerged | OrganisationAbolished, *, now: datetime
) -> None:
    """Suspend what the ended organisation holds."""
    changes.suspend_certificates(OrganisationId(event.organisation_id), now=now)
