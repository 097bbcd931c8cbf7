"""Which cases an actor sees, the steps taken in them, and which wait for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked
from registry.households.models.cases import (
    CaseId,
    CaseKind,
    CaseStatus,
    CaseStep,
    ClueSource,
    HouseholdCase,
    HouseholdCaseStep,
)
from registry.households.models.households import Household, HouseholdClass, HouseholdId
from registry.households.queries.households import inside
from registry.notices.models import Notice, NoticeId


@dataclass(frozen=True)
class CaseView:
    """A case with its household's code and the steps of all rounds; never a name."""

    id: CaseId
    number: str
    kind: CaseKind
    household_id: HouseholdId
    household_code: str
    village_code: str
    wanted_class: HouseholdClass | None
    source: ClueSource
    clue: str
    status: CaseStatus
    round: int
    opened_on: date
    due_on: date | None
    notice_id: NoticeId | None
    created_at: datetime
    updated_at: datetime
    version: int
    steps: Sequence[HouseholdCaseStep]


@dataclass(frozen=True)
class PostedCase:
    """What the board of a village says of a case: a code, a class, the days; nothing else."""

    notice_id: NoticeId
    notice_number: str
    kind: CaseKind
    household_code: str
    village_code: str
    wanted_class: HouseholdClass | None
    opens_on: date
    closes_on: date


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `HouseholdCase`, that the actor sees it: offices the cases of their region."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return inside(HouseholdCase.village_code, actor.region_prefix)
    return false()


def get_case_view(actor: Actor, case_id: CaseId) -> CaseView:
    """Give a case in the actor's sight with its steps, or NotFound."""
    row = db.session.execute(
        select(HouseholdCase, Household.code)
        .join(Household, Household.id == HouseholdCase.household_id)
        .where(HouseholdCase.id == case_id, visible(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    case, code = row
    return CaseView(
        id=case.id,
        number=case.number,
        kind=case.kind,
        household_id=case.household_id,
        household_code=code,
        village_code=case.village_code,
        wanted_class=case.wanted_class,
        source=case.source,
        clue=case.clue,
        status=case.status,
        round=case.round,
        opened_on=case.opened_on,
        due_on=case.due_on,
        notice_id=case.notice_id,
        created_at=case.created_at,
        updated_at=case.updated_at,
        version=case.version,
        steps=list_steps(actor, case.id),
    )


def lock_case(actor: Actor, case_id: CaseId) -> HouseholdCase:
    """Give a case in the actor's sight, locked, or NotFound."""
    return locked(select(HouseholdCase).where(HouseholdCase.id == case_id, visible(actor)))


def list_steps(actor: Actor, case_id: CaseId) -> list[HouseholdCaseStep]:
    """List the steps of a case that the caller has found in the actor's sight, the first first."""
    del actor
    return list(
        db.session.execute(
            select(HouseholdCaseStep)
            .where(HouseholdCaseStep.case_id == case_id)
            .order_by(HouseholdCaseStep.id)
        ).scalars()
    )


def has_open_case(actor: Actor, household_id: HouseholdId) -> bool:
    """Say whether a household that the caller found in the actor's sight has a case that runs."""
    del actor
    ended = (CaseStatus.DECIDED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN)
    statement = select(HouseholdCase.id).where(
        HouseholdCase.household_id == household_id, HouseholdCase.status.not_in(ended)
    )
    return db.session.execute(statement).first() is not None


def has_guarantees(actor: Actor, case: HouseholdCase) -> bool:
    """Say whether the visit of this round found the guarantees safe."""
    return any(
        one.step is CaseStep.VISIT and one.round == case.round and one.guarantees_safe
        for one in list_steps(actor, case.id)
    )


def list_cases(
    actor: Actor,
    *,
    household_id: HouseholdId | None,
    kind: CaseKind | None,
    status: CaseStatus | None,
    due_before_on: date | None,
    region_prefix: str,
    limit: int,
    cursor: str | None,
) -> Page[HouseholdCase]:
    """List cases in the actor's sight: the work that waits by its due day, else all by age.

    With `due_before_on` only what comes late before that day, the most urgent first.
    """
    statement = select(HouseholdCase).where(visible(actor))
    if region_prefix:
        statement = statement.where(inside(HouseholdCase.village_code, region_prefix))
    if household_id is not None:
        statement = statement.where(HouseholdCase.household_id == household_id)
    if kind is not None:
        statement = statement.where(HouseholdCase.kind == kind)
    if status is not None:
        statement = statement.where(HouseholdCase.status == status)
    waits = due_before_on is not None
    if waits:
        statement = statement.where(HouseholdCase.due_on < due_before_on)
    return page(
        statement,
        keys=[(HouseholdCase.due_on, False)] * waits + [(HouseholdCase.id, not waits)],
        limit=limit,
        cursor=cursor,
        filters={
            "household": household_id,
            "kind": kind,
            "status": status,
            "before": due_before_on,
            "region": region_prefix,
        },
    )


def list_posted_cases(
    actor: Actor, *, region_prefix: str, on: date, limit: int, cursor: str | None
) -> Page[PostedCase]:
    """List the cases that are on village notice on a day, for anybody, by household code."""
    del actor  # a notice is public
    found = page(
        select(HouseholdCase, Household.code, Notice)
        .join(Household, Household.id == HouseholdCase.household_id)
        .join(Notice, Notice.id == HouseholdCase.notice_id)
        .where(
            inside(HouseholdCase.village_code, region_prefix),
            HouseholdCase.status == CaseStatus.IN_NOTICE,
            Notice.closes_on > on,
        ),
        keys=[(HouseholdCase.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"region": region_prefix, "on": on},
    )
    return Page(
        [
            PostedCase(
                notice_id=notice.id,
                notice_number=notice.number,
                kind=case.kind,
                household_code=code,
                village_code=case.village_code,
                wanted_class=case.wanted_class,
                opens_on=notice.opens_on,
                closes_on=notice.closes_on,
            )
            for case, code, notice in found.items
        ],
        found.next_cursor,
    )
