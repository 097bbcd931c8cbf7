"""Draws, inspections and their people, as tests need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select

from certification.certificates.models.certificates import Certificate
from certification.certificates.models.scope import ScopeChange, ScopeChangeId, ScopeStatus
from certification.inspections.commands import plans, tasks
from certification.inspections.commands.complaints import NewComplaint, lodge_complaint
from certification.inspections.commands.findings import NewFinding, record_finding
from certification.inspections.commands.plans import NewPlan
from certification.inspections.models.findings import FindingKind, Severity
from certification.inspections.models.plans import DrawPlan, Stratification
from certification.inspections.models.tasks import InspectionTask
from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry
from tests.builders.marks import mark

NOW = datetime(2026, 11, 16, 2, tzinfo=UTC)
"""A Monday morning in Shanghai."""
DRAW_DAY = datetime(2026, 11, 18, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Office:
    """A county's office with three reviewers: one announces, one draws, one inspects."""

    organisation: Organisation
    people: tuple[AppUser, AppUser, AppUser]

    @property
    def author(self) -> Actor:
        """Who announces and assigns."""
        return registry.actor_of(self.people[0])

    @property
    def drawer(self) -> Actor:
        """Who draws."""
        return registry.actor_of(self.people[1])

    @property
    def inspector(self) -> Actor:
        """Who inspects."""
        return registry.actor_of(self.people[2])


def office(region_code: str = registry.WUJIANG) -> Office:
    """Open a county's office."""
    made = registry.organisation(OrganisationKind.AUTHORITY, region_code)
    one, two, three = (registry.user(made, [Role.COUNTY_REVIEWER]) for _ in range(3))
    return Office(made, (one, two, three))


def announced(
    there: Office, *, size: int = 2, by: Stratification = Stratification.NONE
) -> DrawPlan:
    """Announce a draw whose public value comes out in two days."""
    code = {"none": "all", "category": "grain", "county": registry.WUJIANG}[by.value]
    new = NewPlan(
        title="四季度专项抽查",
        region_code=registry.WUJIANG,
        category_code=None,
        as_of_on=date(2026, 11, 17),
        stratification=by,
        sizes={code: size},
        public_source="演示公报第 18 号",
        public_value_on=date(2026, 11, 18),
    )
    return plans.announce_plan(new, by=there.author, now=NOW)


def drawn(there: Office, *, size: int = 2) -> DrawPlan:
    """Announce and draw."""
    plan = announced(there, size=size)
    return plans.draw_plan(plan.id, public_value="07 11 23", by=there.drawer, now=DRAW_DAY)


def hidden(there: Office, certificate: Certificate) -> InspectionTask:
    """Open a hidden inspection with its inspector named."""
    task = tasks.open_case(certificate.id, reason="群众反映", by=there.author, now=NOW)
    tasks.assign_inspector(task.id, inspector_id=there.people[2].id, by=there.author, now=NOW)
    return task


def started(there: Office, certificate: Certificate) -> InspectionTask:
    """Open and begin an inspection."""
    task = hidden(there, certificate)
    tasks.start_inspection(task.id, by=there.inspector, now=NOW)
    db.session.flush()
    return task


def inspect_something() -> None:
    """Leave one of each: plan, inspection with finding, complaint, wish for scope, mark."""
    certificate = db.session.scalars(select(Certificate).order_by(Certificate.number)).first()
    assert certificate is not None
    there = office(certificate.origin_region_code[:6])
    task = started(there, certificate)
    found = NewFinding(FindingKind.PAPERS, Severity.MINOR, "台账缺页", ())
    record_finding(task.id, found, by=there.inspector, now=NOW)
    lodge_complaint(NewComplaint("产地不符", certificate.number), by=there.author, now=NOW)
    announced(office())
    mark(certificate, NOW, valid_until_on=None)
    db.session.add(
        ScopeChange(
            id=ScopeChangeId(new_id()),
            certificate_id=certificate.id,
            product_name=certificate.product_name,
            specification="二级",
            yearly_quantity=certificate.yearly_quantity,
            reason="规格调整",
            status=ScopeStatus.REQUESTED,
            requested_by_id=certificate.author_id,
            requested_at=NOW,
        )
    )
    db.session.flush()
