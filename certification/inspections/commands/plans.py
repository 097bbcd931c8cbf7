"""Announcing a draw, drawing, and publishing what it was made of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from certification.criteria.queries import has_category
from certification.events import DrawRevealed, InspectionsDrawn
from certification.inspections.models.plans import (
    DrawPlan,
    DrawStratum,
    PlanId,
    PlanStatus,
    Stratification,
)
from certification.inspections.models.tasks import (
    InspectionTask,
    TaskId,
    TaskSource,
    TaskStatus,
)
from certification.inspections.queries.plans import (
    ALL,
    FrameRow,
    get_plan,
    has_hidden_tasks,
    list_frame,
    list_strata,
)
from certification.inspections.rules import draw as drawing
from certification.inspections.rules import tasks as rules
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Invalid, NotAllowed
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId
from registry.regions.queries import get_live_region
from registry.regions.rules import COUNTY_DIGITS, check_reach

SECRET_BYTES = 32


@dataclass(frozen=True)
class NewPlan:
    """A draw to announce; `sizes` is how many of which stratum."""

    title: str
    region_code: str
    category_code: str | None
    as_of_on: date
    stratification: Stratification
    sizes: Mapping[str, int]
    public_source: str
    public_value_on: date


def announce_plan(new: NewPlan, *, by: Actor, now: datetime) -> DrawPlan:
    """Announce a draw: what from, how many, and the commitment to a secret nobody knows.

    The value that is mixed in later is published by somebody else, on a day that lies ahead.
    Refuses NotAllowed (a region out of reach), RegionUnknown and Invalid.
    """
    if by.organisation_id is None:
        raise NotAllowed
    today = shanghai_day(now)
    _check_new(new, by=by, today=today)
    secret = secrets.token_hex(SECRET_BYTES)
    plan = DrawPlan(
        id=PlanId(new_id()),
        number=next_number(
            "BF-DP", region_code=new.region_code[:COUNTY_DIGITS], year=shanghai_year(now)
        ),
        title=new.title,
        region_code=new.region_code,
        category_code=new.category_code,
        as_of_on=new.as_of_on,
        stratification=new.stratification,
        public_source=new.public_source,
        public_value_on=new.public_value_on,
        commitment=drawing.digest(secret),
        secret=secret,
        status=PlanStatus.ANNOUNCED,
        organisation_id=OrganisationId(by.organisation_id),
        author_id=UserId(by.user_id),
        announced_at=now,
    )
    db.session.add(plan)
    db.session.flush()
    db.session.add_all(
        DrawStratum(plan_id=plan.id, code=code, size=size) for code, size in new.sizes.items()
    )
    _audit("announce_plan", plan, by=by, now=now, after={**asdict(new), "sizes": dict(new.sizes)})
    return plan


def draw_plan(plan_id: UUID, *, public_value: str, by: Actor, now: datetime) -> DrawPlan:
    """Draw with the published value; the inspections that come of it stay hidden.

    By another person of the announcing office than the author (SamePerson); refuses NotAllowed,
    WrongState and PublicValuePending.
    """
    check_clear_of_identity(public_value, pointer="/public_value")
    plan = get_plan(by, plan_id, lock=True)
    rules.check_draw(plan, by=by, today=shanghai_day(now))
    frame = list_frame(SYSTEM, plan)
    rows = [(row.number, row.stratum) for row in frame]
    strata = list_strata(SYSTEM, plan.id)
    for stratum in strata:
        stratum.frame_size = sum(row.stratum == stratum.code for row in frame)
    seed = drawing.seed_of(plan.secret, public_value=public_value)
    drawn = drawing.draw(rows, sizes={one.code: one.size for one in strata}, seed=seed)
    plan.frame = drawing.frame_text(rows)
    plan.frame_sha256, plan.frame_size = drawing.digest(plan.frame), len(frame)
    plan.public_value, plan.status = public_value, PlanStatus.DRAWN
    plan.drawn_by_id, plan.drawn_at = UserId(by.user_id), now
    by_number = {row.number: row for row in frame}
    numbers = [number for numbers in drawn.values() for number in numbers]
    db.session.add_all(_task(plan, by_number[number], by=by, now=now) for number in numbers)
    after = {"frame_sha256": plan.frame_sha256, "drawn": len(numbers)}
    _audit("draw_plan", plan, by=by, now=now, after=after)
    record(InspectionsDrawn(plan_id=plan.id), now=now)
    reveal_if_open(plan, by=by, now=now)
    return plan


def call_off_plan(plan_id: UUID, *, by: Actor, now: datetime) -> DrawPlan:
    """Call a draw off before it is made."""
    plan = get_plan(by, plan_id, lock=True)
    rules.check_office(plan.organisation_id, by=by)
    rules.check_move(rules.PLANS, plan.status, PlanStatus.CALLED_OFF)
    plan.status = PlanStatus.CALLED_OFF
    _audit("call_off_plan", plan, by=by, now=now, after={"status": plan.status})
    return plan


def reveal_if_open(plan: DrawPlan, *, by: Actor, now: datetime) -> None:
    """Publish the secret once nothing of the draw is hidden; the caller holds the plan locked."""
    db.session.flush()
    if plan.status is not PlanStatus.DRAWN or has_hidden_tasks(SYSTEM, plan.id):
        return
    plan.status, plan.revealed_at = PlanStatus.REVEALED, now
    _audit("reveal_plan", plan, by=by, now=now, after={"status": plan.status})
    record(DrawRevealed(plan_id=plan.id), now=now)


def _check_new(new: NewPlan, *, by: Actor, today: date) -> None:
    check_clear_of_identity(new.title, pointer="/title")
    check_clear_of_identity(new.public_source, pointer="/public_source")
    get_live_region(by, new.region_code, on=today, pointer="/region_code")
    check_reach(new.region_code, by=by)
    if new.category_code is not None and not has_category(by, new.category_code):
        raise Invalid(pointer="/category_code", reason="没有此类别 / no such category")
    if new.stratification is Stratification.NONE and set(new.sizes) != {ALL}:
        raise Invalid(pointer="/strata", reason="不分层时只能有 all 一层 / one stratum, `all`")
    rules.check_announcement(
        as_of_on=new.as_of_on, public_value_on=new.public_value_on, today=today
    )


def _task(plan: DrawPlan, row: FrameRow, *, by: Actor, now: datetime) -> InspectionTask:
    return InspectionTask(
        id=TaskId(new_id()),
        plan_id=plan.id,
        source=TaskSource.DRAW,
        certificate_id=row.certificate_id,
        holder_id=row.holder_id,
        region_code=row.region_code,
        organisation_id=plan.organisation_id,
        reason=plan.title,
        status=TaskStatus.HIDDEN,
        opened_by_id=UserId(by.user_id),
        opened_at=now,
    )


def _audit(
    action: str, plan: DrawPlan, *, by: Actor, now: datetime, after: Mapping[str, object]
) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    audit.write(action, subject=("draw_plan", plan.id), by=by, now=now, after=after)
