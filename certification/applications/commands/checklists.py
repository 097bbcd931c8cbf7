"""What a reviewer looks at before deciding: facts, compared and judged, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from certification.applications.commands.applications import production_key
from certification.applications.models import (
    Application,
    ApplicationReview,
    ApplicationVersion,
)
from certification.applications.queries.applications import get_application, list_reviews
from certification.applications.queries.conflicts import (
    SameHousehold,
    SamePaper,
    list_kinds,
    list_like_applications,
    list_roster,
    list_same_households,
    list_same_papers,
)
from certification.applications.queries.contents import get_scheme_of, list_prices
from certification.applications.queries.productions import find_production
from certification.applications.queries.versions import list_versions
from certification.applications.rules import findings as rules
from certification.applications.rules.contents import missing_papers
from certification.applications.rules.differences import Change, differences, unanswered
from certification.applications.rules.findings import Finding
from certification.applications.rules.prices import PriceTest, compare_price
from certification.criteria.models import Scheme
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year


@dataclass(frozen=True)
class PaperCheck:
    """A paper that the category needs, as its alternatives, and whether one of them is there."""

    alternatives: Sequence[str]
    is_there: bool


@dataclass(frozen=True)
class Checklist:
    """Everything a reviewer looks at side by side; a finding is told, never a refusal."""

    application_id: UUID
    papers: Sequence[PaperCheck]
    price: PriceTest
    like_applications: Sequence[Application]
    same_papers: Sequence[SamePaper]
    same_households: Sequence[SameHousehold]
    findings: Sequence[Finding]


@dataclass(frozen=True)
class VersionView:
    """A round as it was handed in, and what it changed against the one before."""

    version: ApplicationVersion
    changes: Sequence[Change]
    unanswered: Sequence[object]


def examine_application(application_id: UUID, *, by: Actor, now: datetime) -> Checklist:
    """Lay papers, price, production and conflicts of an application side by side."""
    application = get_application(by, application_id)
    scheme = get_scheme_of(by, application)
    price = compare_price(
        scheme,
        unit=application.unit,
        unit_price=application.unit_price_fen,
        specification=application.specification,
        prices=list_prices(by, application),
    )
    like = list_like_applications(by, application)
    papers = [
        one
        for one in list_same_papers(by, application)
        if not (one.other.is_same_holder and one.kind in rules.ORGANISATION_PAPERS)
    ]
    households = list_same_households(by, application)
    return Checklist(
        application_id=application.id,
        papers=_papers(application, scheme, by=by),
        price=price,
        like_applications=like,
        same_papers=papers,
        same_households=households,
        findings=[
            *rules.price_findings(price),
            *rules.roster_findings(
                list_roster(by, application), declared=application.yearly_quantity
            ),
            *_production_findings(application, now=now),
            *rules.product_findings(application, like),
            *rules.paper_findings([one.kind for one in papers]),
            *rules.household_findings(
                [
                    one.quantity is not None and one.quantity == one.other_quantity
                    for one in households
                ]
            ),
        ],
    )


def compare_rounds(application_id: UUID, *, by: Actor) -> list[VersionView]:
    """Give each round of an application with what it changed and what it left unanswered."""
    application = get_application(by, application_id)
    reviews = list_reviews(by, application)
    views: list[VersionView] = []
    for version in list_versions(by, application):
        before = views[-1].version if views else None
        reasons = [] if before is None else _reasons(reviews, before.round)
        changes = (
            []
            if before is None
            else differences(before.contents, version.contents, reasons=reasons)
        )
        views.append(VersionView(version, changes, unanswered(changes, reasons=reasons)))
    return views


def _reasons(reviews: Sequence[ApplicationReview], of_round: int) -> list[dict[str, str]]:
    return [reason for one in reviews if one.round == of_round for reason in one.reasons]


def _papers(application: Application, scheme: Scheme, *, by: Actor) -> list[PaperCheck]:
    kinds = list_kinds(by, application)
    missing = missing_papers(scheme, application.category_code, kinds=kinds)
    return [
        PaperCheck(one, one not in missing) for one in scheme.papers_of(application.category_code)
    ]


def _production_findings(application: Application, *, now: datetime) -> list[Finding]:
    production = find_production(SYSTEM, production_key(application, year=shanghai_year(now)))
    return rules.production_findings(
        rules.in_production_unit(application.yearly_quantity, application.unit),
        declared=None if production is None else production.declared,
        certified=0 if production is None else production.held + production.certified,
    )
