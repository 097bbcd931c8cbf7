"""Draw plans as anyone may see them, and the frame that is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import undefer

from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    CertificateId,
    ChangeKind,
)
from certification.inspections.models.findings import Finding, FindingStatus
from certification.inspections.models.plans import (
    DrawPlan,
    DrawStratum,
    PlanId,
    PlanStatus,
    Stratification,
)
from certification.inspections.models.tasks import InspectionTask, TaskStatus
from kernel.actor import Actor
from kernel.calendar import start_of_day
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.organisations.models import OrganisationId
from registry.regions.rules import COUNTY_DIGITS, subtree_prefix

ALL = "all"
STATES = (
    ChangeKind.GRANTED,
    ChangeKind.SUSPENDED,
    ChangeKind.REINSTATED,
    ChangeKind.REVOKED,
    ChangeKind.EXPIRED,
)
"""The changes that say what a certificate is from then on."""
OPENING = (ChangeKind.GRANTED, ChangeKind.REINSTATED)


@dataclass(frozen=True)
class FrameRow:
    """A certificate of the frame with its stratum."""

    certificate_id: CertificateId
    number: str
    stratum: str
    holder_id: OrganisationId
    region_code: str


@dataclass(frozen=True)
class PlanLedger:
    """How far a plan is: inspections, and findings opened = closed + open."""

    tasks: int
    started: int
    findings_opened: int
    findings_closed: int

    @property
    def findings_open(self) -> int:
        """What is left to be put right."""
        return self.findings_opened - self.findings_closed


@dataclass(frozen=True)
class PlanView:
    """A plan as anyone sees it; `secret` and `sample` are None until they are published."""

    plan: DrawPlan
    strata: Sequence[DrawStratum]
    ledger: PlanLedger
    secret: str | None
    sample: Sequence[str] | None


def get_plan(actor: Actor, plan_id: UUID, *, lock: bool = False) -> DrawPlan:
    """Get a plan (NotFound), locked where it is decided on."""
    del actor  # plans are public; what was drawn is not
    query = select(DrawPlan).where(DrawPlan.id == plan_id)
    return locked(query, key_share=True) if lock else one(query)


def get_plan_view(actor: Actor, number: str) -> PlanView:
    """Get a plan by its number with all that is published of it (NotFound)."""
    plan = one(select(DrawPlan).where(DrawPlan.number == number))
    revealed = plan.status is PlanStatus.REVEALED
    return PlanView(
        plan=plan,
        strata=list_strata(actor, plan.id),
        ledger=_ledger(plan.id),
        secret=plan.secret if revealed else None,
        sample=_sample(plan.id) if revealed else None,
    )


def get_frame(actor: Actor, number: str) -> str:
    """Get the frame of a drawn plan, as it was hashed (NotFound before the draw)."""
    del actor
    query = select(DrawPlan).where(DrawPlan.number == number).options(undefer(DrawPlan.frame))
    plan = db.session.scalar(query)
    if plan is None or plan.frame is None:
        raise NotFound
    return plan.frame


def list_plans(
    actor: Actor, *, region: str, status: PlanStatus | None, limit: int, cursor: str | None
) -> Page[DrawPlan]:
    """List the plans inside a region, the newest first."""
    del actor
    prefix = subtree_prefix(region)
    query = select(DrawPlan).where(DrawPlan.region_code.startswith(prefix, autoescape=True))
    if status is not None:
        query = query.where(DrawPlan.status == status)
    filters = {"region": region, "status": status}
    return page(query, keys=[(DrawPlan.id, True)], limit=limit, cursor=cursor, filters=filters)


def list_strata(actor: Actor, plan_id: PlanId) -> list[DrawStratum]:
    """List the strata of a plan by code."""
    del actor
    query = select(DrawStratum).where(DrawStratum.plan_id == plan_id)
    return list(db.session.scalars(query.order_by(DrawStratum.code)))


def list_frame(actor: Actor, plan: DrawPlan) -> list[FrameRow]:
    """List what a plan draws from: certificates in force as the frame's day began, by number.

    What happened to them later that day does not count, so the frame is the same for ever.
    """
    del actor
    changed = (
        select(CertificateChange.kind)
        .where(
            CertificateChange.certificate_id == Certificate.id,
            CertificateChange.kind.in_(STATES),
            CertificateChange.at < start_of_day(plan.as_of_on),
        )
        .order_by(CertificateChange.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    prefix = subtree_prefix(plan.region_code)
    query: Select[*tuple[object, ...]] = select(
        Certificate.id,
        Certificate.number,
        _stratum(plan.stratification),
        Certificate.holder_id,
        Certificate.origin_region_code,
    ).where(
        Certificate.origin_region_code.startswith(prefix, autoescape=True),
        Certificate.valid_from_on <= plan.as_of_on,
        Certificate.valid_until_on > plan.as_of_on,
        changed.in_(OPENING),
    )
    if plan.category_code is not None:
        query = query.where(Certificate.category_code == plan.category_code)
    rows = [FrameRow(*row) for row in db.session.execute(query)]  # type: ignore[arg-type]
    return sorted(rows, key=lambda row: row.number)


def has_hidden_tasks(actor: Actor, plan_id: PlanId) -> bool:
    """Say whether anything of a plan's draw is still hidden."""
    del actor
    query = select(InspectionTask.id).where(
        InspectionTask.plan_id == plan_id, InspectionTask.status == TaskStatus.HIDDEN
    )
    return db.session.scalar(query.limit(1)) is not None


def _stratum(by: Stratification) -> ColumnElement[str]:
    if by is Stratification.CATEGORY:
        return Certificate.category_code.expression
    if by is Stratification.COUNTY:
        return func.left(Certificate.origin_region_code, COUNTY_DIGITS)
    return literal(ALL)


def _ledger(plan_id: PlanId) -> PlanLedger:
    mine = InspectionTask.plan_id == plan_id
    tasks = select(func.count(), func.count(InspectionTask.started_at)).where(mine)
    closed = Finding.status == FindingStatus.CLOSED
    findings = select(func.count(), func.count().filter(closed)).join_from(
        Finding, InspectionTask, InspectionTask.id == Finding.task_id
    )
    all_tasks, started = db.session.execute(tasks).one()
    opened, done = db.session.execute(findings.where(mine)).one()
    return PlanLedger(all_tasks, started, opened, done)


def _sample(plan_id: PlanId) -> list[str]:
    query = select(Certificate.number).join(
        InspectionTask, InspectionTask.certificate_id == Certificate.id
    )
    return sorted(db.session.scalars(query.where(InspectionTask.plan_id == plan_id)))
