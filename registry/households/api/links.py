"""Doors to benefit links, the consents they rest on, and what came of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import links as commands
from registry.households.commands.links import NewBenefitLink, NewResult
from registry.households.models.households import HouseholdId
from registry.households.models.links import (
    BenefitLink,
    BenefitLinkId,
    BenefitLinkResult,
    ConsentId,
    HouseholdConsent,
)
from registry.households.queries import evaluations
from registry.households.queries import links as queries
from registry.households.queries.evaluations import Evaluation
from registry.households.queries.links import DoubleCount
from registry.households.schemas.links import (
    BenefitLinkEndIn,
    BenefitLinkIn,
    BenefitLinkOut,
    BenefitLinksQuery,
    ConsentIn,
    ConsentOut,
    DoubleCountOut,
    DoubleCountsQuery,
    EvaluationOut,
    EvaluationsQuery,
    LinkPapersOut,
    ResultIn,
    ResultOut,
)
from registry.regions.rules import subtree_prefix

KEEPS_LINKS = frozenset({Role.COOP_CLERK})
KEEPS_CONSENTS = frozenset({Role.VILLAGE_CADRE})
CHECKS_LINKS = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR, Role.COOP_CLERK}

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


@benefit_links.get("/benefit-links/<uuid:benefit_link_id>/papers")
@endpoint(benefit_links, allow=CHECKS_LINKS, returns=LinkPapersOut())
def list_papers(benefit_link_id: UUID) -> dict[str, Any]:
    """Name the papers that prove a benefit link in sight."""
    found = queries.get_link_document_ids(current_actor(), BenefitLinkId(benefit_link_id))
    return {"document_ids": found}


@benefit_links.post("/benefit-links/<uuid:benefit_link_id>/results")
@endpoint(benefit_links, allow=KEEPS_LINKS, accepts=ResultIn(), returns=ResultOut(), status=201)
def record_result(body: NewResult, benefit_link_id: UUID) -> BenefitLinkResult:
    """Record what a household had of a link of the own organisation in a year."""
    return commands.record_result(
        BenefitLinkId(benefit_link_id), body, by=current_actor(), now=clock.now()
    )


@benefit_links.get("/benefit-double-counts")
@endpoint(
    benefit_links,
    allow=CHECKS_LINKS,
    accepts=DoubleCountsQuery(),
    location="query",
    returns=page_schema(DoubleCountOut),
)
def list_double_counts(query: dict[str, Any]) -> Page[DoubleCount]:
    """List the households in sight that two organisations count in one way on a day."""
    return queries.list_double_counts(
        current_actor(),
        organisation_id=query["organisation_id"],
        region_prefix=subtree_prefix(query["region"]),
        on=query["on"] or shanghai_day(clock.now()),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@benefit_links.get("/benefit-evaluations")
@endpoint(
    benefit_links,
    allow=CHECKS_LINKS,
    accepts=EvaluationsQuery(),
    location="query",
    returns=page_schema(EvaluationOut),
    report=True,
)
def list_evaluations(query: dict[str, Any]) -> Page[Evaluation]:
    """Give what the organisations in sight did for households in a year."""
    return evaluations.list_evaluations(current_actor(), **query)


@benefit_links.post("/households/<uuid:household_id>/consents")
@endpoint(
    benefit_links, allow=KEEPS_CONSENTS, accepts=ConsentIn(), returns=ConsentOut(), status=201
)
def record_consent(body: dict[str, Any], household_id: UUID) -> HouseholdConsent:
    """Record that a household of the own village lets an organisation link it."""
    return commands.record_consent(
        HouseholdId(household_id), **body, by=current_actor(), now=clock.now()
    )


@benefit_links.post("/household-consents/<uuid:consent_id>/withdraw")
@endpoint(benefit_links, allow=KEEPS_CONSENTS, returns=ConsentOut())
def withdraw_consent(consent_id: UUID) -> HouseholdConsent:
    """Record that a household takes its consent back."""
    return commands.withdraw_consent(ConsentId(consent_id), by=current_actor(), now=clock.now())
