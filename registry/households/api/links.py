"""Doors to benefit links."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import Role
from registry.households.commands import links as commands
from registry.households.commands.links import NewBenefitLink
from registry.households.models.links import BenefitLink, BenefitLinkId
from registry.households.queries import links as queries
from registry.households.schemas.links import (
    BenefitLinkEndIn,
    BenefitLinkIn,
    BenefitLinkOut,
    BenefitLinksQuery,
)

KEEPS_LINKS = frozenset({Role.COOP_CLERK})

benefit_links = Blueprint("benefit_links", __name__, url_prefix="/api/v1")


@benefit_links.post("/benefit-links")
@endpoint(
    benefit_links, allow=KEEPS_LINKS, accepts=BenefitLinkIn(), returns=BenefitLinkOut(), status=201
)
def link(body: NewBenefitLink) -> BenefitLink:
    """Link a household to the own organisation."""
    return commands.link_household(body, by=current_actor(), now=clock.now())


@benefit_links.get("/benefit-links")
@endpoint(
    benefit_links,
    allow=SIGNED_IN,
    accepts=BenefitLinksQuery(),
    location="query",
    returns=page_schema(BenefitLinkOut),
)
def list_links(query: dict[str, Any]) -> Page[BenefitLink]:
    """List the benefit links of the organisations in sight, the newest first."""
    return queries.list_links_in_sight(current_actor(), **query)


@benefit_links.post("/benefit-links/<uuid:benefit_link_id>/end")
@endpoint(benefit_links, allow=KEEPS_LINKS, accepts=BenefitLinkEndIn(), returns=BenefitLinkOut())
def end_link(body: dict[str, Any], benefit_link_id: UUID) -> BenefitLink:
    """End a benefit link of the own organisation."""
    return commands.end_benefit_link(
        BenefitLinkId(benefit_link_id),
        until_on=body["until_on"],
        by=current_actor(),
        now=clock.now(),
    )
