"""Those who ask in a measurement: offices of a region, sellers; known to no table."""

from __future__ import annotations

from uuid import UUID

from kernel.actor import Actor, Sight
from registry.organisations.models import OrganisationKind

OFFICE = OrganisationKind.AUTHORITY


def office(prefix: str) -> Actor:
    """Give somebody of an office who sees a region; all of the country without a prefix."""
    return Actor(
        user_id=UUID(int=1),
        organisation_id=UUID(int=1),
        organisation_kind=OFFICE,
        lineage="/00000000-0000-0000-0000-000000000001/",
        region_code=prefix.ljust(6, "0"),
        region_prefix=prefix,
        sight=Sight.REGION,
    )


def seller(organisation_id: str, region_code: str) -> Actor:
    """Give somebody of a cooperative."""
    return Actor(
        user_id=UUID(int=2),
        organisation_id=UUID(organisation_id),
        organisation_kind=OrganisationKind.COOPERATIVE,
        lineage=f"/{organisation_id}/",
        region_code=region_code,
        region_prefix=region_code,
        sight=Sight.ORGANISATION,
    )
