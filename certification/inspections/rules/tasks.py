"""How plans, inspections, findings and complaints move, and who may move them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from certification.certificates.models.certificates import ChangeKind
from certification.errors.inspections import (
    InspectorCertified,
    InspectorUnfit,
    PublicValuePending,
)
from certification.inspections.models.complaints import Complaint, ComplaintStatus
from certification.inspections.models.findings import (
    ConsequenceKind,
    Finding,
    FindingStatus,
    Severity,
)
from certification.inspections.models.plans import DrawPlan, PlanStatus
from certification.inspections.models.tasks import InspectionRule, InspectionTask, TaskStatus
from kernel.actor import Actor
from kernel.errors import Invalid, NotAllowed, OwnOrganisation, SamePerson, WrongState

State = TypeVar("State", bound=StrEnum)

_P, _T, _F, _C = PlanStatus, TaskStatus, FindingStatus, ComplaintStatus
PLANS: Mapping[PlanStatus, frozenset[PlanStatus]] = MappingProxyType(
    {
        _P.ANNOUNCED: frozenset({_P.DRAWN, _P.CALLED_OFF}),
        _P.DRAWN: frozenset({_P.REVEALED}),
        _P.REVEALED: frozenset(),
        _P.CALLED_OFF: frozenset(),
    }
)
TASKS: Mapping[TaskStatus, frozenset[TaskStatus]] = MappingProxyType(
    {
        _T.HIDDEN: frozenset({_T.STARTED, _T.CANCELLED}),
        _T.STARTED: frozenset({_T.CONCLUDED, _T.CLOSED}),
        _T.CONCLUDED: frozenset({_T.CLOSED}),
        _T.CLOSED: frozenset(),
        _T.CANCELLED: frozenset(),
    }
)
FINDINGS: Mapping[FindingStatus, frozenset[FindingStatus]] = MappingProxyType(
    {
        _F.OPEN: frozenset({_F.RECTIFIED}),
        _F.RECTIFIED: frozenset({_F.OPEN, _F.CLOSED}),
        _F.CLOSED: frozenset(),
    }
)
COMPLAINTS: Mapping[ComplaintStatus, frozenset[ComplaintStatus]] = MappingProxyType(
    {
        _C.RECEIVED: frozenset({_C.IN_HAND}),
        _C.IN_HAND: frozenset({_C.ANSWERED}),
        _C.ANSWERED: frozenset(),
    }
)
UNDER_WAY = frozenset({TaskStatus.STARTED, TaskStatus.CONCLUDED})

CHANGES: Mapping[ConsequenceKind, ChangeKind] = MappingProxyType(
    {
        ConsequenceKind.WARNING: ChangeKind.WARNED,
        ConsequenceKind.SUSPENSION: ChangeKind.SUSPENDED,
        ConsequenceKind.REVOCATION: ChangeKind.REVOKED,
    }
)
"""What a consequence does to the certificate."""


def check_move(table: Mapping[State, frozenset[State]], state: State, wanted: State) -> None:
    """Refuse a move that its table does not have (WrongState)."""
    if wanted not in table[state]:
        raise WrongState(state=state, wanted=wanted)


def check_announcement(*, as_of_on: date, public_value_on: date, today: date) -> None:
    """Want the public value to lie ahead, so that nobody knows it when the plan is announced.

    The frame's day may not lie behind that value: it would be chosen with the seed known.
    """
    if public_value_on <= today:
        raise Invalid(pointer="/public_value_on", reason="必须晚于今天 / must be after today")
    if as_of_on > public_value_on:
        raise Invalid(
            pointer="/as_of_on", reason="不得晚于公开数值日 / not after the public value's day"
        )


def check_draw(plan: DrawPlan, *, by: Actor, today: date) -> None:
    """Let another person of the announcing office draw, once the public value is there."""
    check_office(plan.organisation_id, by=by)
    if by.user_id == plan.author_id:
        raise SamePerson
    check_move(PLANS, plan.status, PlanStatus.DRAWN)
    if today < plan.public_value_on:
        raise PublicValuePending(public_value_on=plan.public_value_on)


def check_office(organisation_id: UUID, *, by: Actor) -> None:
    """Let only people of the office in charge act (NotAllowed)."""
    if by.organisation_id != organisation_id:
        raise NotAllowed


def check_foreign(holder_id: UUID | None, *, is_member: bool, by: Actor) -> None:
    """Let nobody of the organisation concerned act, whomever they act for (OwnOrganisation)."""
    if is_member or (holder_id is not None and by.organisation_id == holder_id):
        raise OwnOrganisation


def check_inspector(
    task: InspectionTask,
    *,
    reach: Collection[str],
    organisations: Collection[UUID],
    certifiers: Collection[UUID],
    inspector_id: UUID,
) -> None:
    """Refuse as inspector who cannot reach the place, belongs to the holder, or certified.

    `reach` are the region prefixes of the reviewer's offices. Who checked an application answers
    for it (谁审核、谁把关、谁负责) and does not inspect what came of it.
    """
    if task.holder_id in organisations:
        raise OwnOrganisation
    if not any(task.region_code.startswith(prefix) for prefix in reach):
        raise InspectorUnfit(pointer="/inspector_id")
    if inspector_id in certifiers:
        raise InspectorCertified(pointer="/inspector_id")


def check_is_inspector(task: InspectionTask, *, by: Actor) -> None:
    """Let only the inspector do the inspector's part (NotAllowed)."""
    if (by.user_id, by.organisation_id) != (task.inspector_id, task.inspector_organisation_id):
        raise NotAllowed


def check_start(task: InspectionTask, *, by: Actor) -> None:
    """Let the inspector begin what is still hidden."""
    check_is_inspector(task, by=by)
    check_move(TASKS, task.status, TaskStatus.STARTED)


def check_recording(task: InspectionTask, *, by: Actor) -> None:
    """Let the inspector record findings until the visit is concluded."""
    check_is_inspector(task, by=by)
    if task.status is not TaskStatus.STARTED:
        raise WrongState(state=task.status, wanted=TaskStatus.STARTED)


def check_under_way(task: InspectionTask) -> None:
    """Refuse what comes before the start or after the end (WrongState)."""
    if task.status not in UNDER_WAY:
        raise WrongState(state=task.status, wanted=TaskStatus.STARTED)


def check_rectification(finding: Finding, *, task: InspectionTask, by: Actor) -> None:
    """Let only the holder say that a finding was put right."""
    if by.organisation_id != task.holder_id:
        raise NotAllowed
    check_move(FINDINGS, finding.status, FindingStatus.RECTIFIED)


def check_recheck(
    finding: Finding, wanted: FindingStatus, *, task: InspectionTask, by: Actor
) -> None:
    """Let the inspector, or somebody of the office in charge, look again.

    Who recorded it or put it right may send it back, and does not close it (SamePerson): what
    is put right is struck off by a different person (销号, `domain.md` B06).
    """
    if by.user_id != task.inspector_id:
        check_office(task.organisation_id, by=by)
    check_move(FINDINGS, finding.status, wanted)
    closes = wanted is FindingStatus.CLOSED
    if closes and by.user_id in {finding.found_by_id, finding.rectified_by_id}:
        raise SamePerson


def check_answer(complaint: Complaint, *, by: Actor) -> None:
    """Want an answer to a complaint in hand, once, and not by who lodged it (SamePerson)."""
    check_move(COMPLAINTS, complaint.status, ComplaintStatus.ANSWERED)
    if by.user_id == complaint.lodged_by_id:
        raise SamePerson


def check_consequence(task: InspectionTask, kind: ConsequenceKind, *, by: Actor) -> None:
    """Let the inspector warn and suspend; a revocation needs a second person of the office."""
    if by.user_id != task.inspector_id:
        check_office(task.organisation_id, by=by)
    check_under_way(task)
    if kind is ConsequenceKind.REVOCATION and by.user_id == task.inspector_id:
        raise SamePerson


def is_done(findings: Sequence[Finding]) -> bool:
    """Say whether nothing is left to be put right."""
    return all(finding.status is FindingStatus.CLOSED for finding in findings)


def days_to_rectify(rule: InspectionRule, severity: Severity) -> int:
    """Give the working days in which a finding must be put right."""
    grave = severity is Severity.SERIOUS
    return rule.serious_rectification_days if grave else rule.rectification_days
