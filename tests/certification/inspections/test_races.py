"""Two decide at once on a finding or a complaint: one does; and what the rows refuse alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from certification.inspections.commands import complaints, findings, tasks
from certification.inspections.commands.complaints import NewComplaint
from certification.inspections.commands.findings import NewFinding, Report
from certification.inspections.models.complaints import Complaint
from certification.inspections.models.findings import (
    Finding,
    FindingKind,
    FindingStep,
    Severity,
    StepKind,
)
from certification.inspections.models.tasks import InspectionTask
from kernel.actor import Actor
from kernel.database import constraint_of, db
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import Organisation
from tests.builders import certification as build
from tests.builders import inspections as make
from tests.builders import registry
from tests.builders.inspections import NOW, Office
from tests.certification.test_races import broken
from tests.racing import race, rival

SEEN = Report("看过", ())


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def rectified() -> tuple[Office, UUID, Actor]:
    """Give an office, a finding that was put right, and who says so."""
    there = make.office()
    one = build.certificate()
    holder = db.session.get_one(Organisation, one.holder_id)
    clerk = registry.actor_of(registry.user(holder, [Role.COOP_CLERK]))
    task = make.started(there, one)
    wrong = NewFinding(FindingKind.PAPERS, Severity.MINOR, "台账缺页", ())
    finding = findings.record_finding(task.id, wrong, by=there.inspector, now=NOW)
    tasks.conclude_inspection(task.id, summary="已检查", by=there.inspector, now=NOW)
    findings.rectify_finding(finding.id, SEEN, by=clerk, now=NOW)
    return there, finding.id, clerk


def steps(finding_id: UUID) -> list[str]:
    query = select(FindingStep.kind).where(FindingStep.finding_id == finding_id)
    return [
        one.value
        for one in run(lambda: db.session.scalars(query.order_by(FindingStep.position)).all())
    ]


def test_a_finding_is_closed_or_sent_back_once_by_many_at_once(app: Flask) -> None:
    there, finding_id, _ = run(rectified)
    actors = run(lambda: [there.author, there.drawer, there.inspector])
    acts = [
        partial(findings.recheck_finding, finding_id, SEEN, passed=passed, by=by, now=NOW)
        for by, passed in zip([*actors, *actors], [True, True, False] * 2, strict=True)
    ]
    assert sorted(race(app, acts)) == ["done"] + ["wrong_state"] * 5
    assert steps(finding_id)[-1] in {"closed", "returned"}
    assert len(steps(finding_id)) == 3
    assert broken() == []


def careless(actor: Actor, finding_id: UUID) -> tuple[Finding, InspectionTask]:
    """Give a finding without a lock: the control."""
    del actor
    finding = db.session.get_one(Finding, finding_id)
    return finding, db.session.get_one(InspectionTask, finding.task_id)


@pytest.mark.parametrize("locks", [True, False], ids=["locked", "control: not locked"])
def test_two_close_a_finding_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    if not locks:
        monkeypatch.setattr(findings, "lock_finding", careless)
    there, finding_id, _ = run(rectified)
    author, drawer = run(lambda: (there.author, there.drawer))
    closes = [
        partial(findings.recheck_finding, finding_id, SEEN, passed=True, by=by, now=NOW)
        for by in (author, drawer)
    ]
    second = rival(app, closes[0], closes[1])
    closed = steps(finding_id).count(StepKind.CLOSED)
    assert (second, closed) == (("wrong_state", 1) if locks else ("done", 2))
    assert ("N1_findings" in broken()) is not locks


def lodged() -> tuple[UUID, list[Actor]]:
    one = build.certificate()
    actors = [registry.actor_of(build.reviewer_of(level)) for level in build.LEVELS]
    said = NewComplaint("产地不符", one.number)
    made = complaints.lodge_complaint(said, by=actors[0], now=NOW).complaint
    complaints.take_complaint(made.id, by=actors[1], now=NOW)
    return made.id, actors


def test_a_complaint_is_answered_once_by_many_at_once_and_never_by_who_lodged_it(
    app: Flask,
) -> None:
    complaint_id, actors = run(lodged)
    acts = [
        partial(complaints.answer_complaint, complaint_id, reply=f"答复{n}", by=by, now=NOW)
        for n, by in enumerate(actors)
    ]
    outcomes = race(app, acts)
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "wrong_state", "same_person"}
    answered = run(lambda: db.session.get_one(Complaint, complaint_id))
    assert answered.replied_by_id in {one.user_id for one in actors[1:]}


CLOSE = "UPDATE finding SET status = 'closed', closed_by_id = {by}"
ANSWER = """
UPDATE complaint SET status = 'answered', reply = '好', replied_at = now(),
  replied_by_id = {by}, replied_for_id = {office}
"""


def refused(session: Session, statement: str) -> str:
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        session.execute(text(statement))
    return constraint_of(caught.value)


def test_the_rows_refuse_who_decides_on_their_own(db_session: Session) -> None:
    rectified()
    for by in ("found_by_id", "rectified_by_id"):
        assert refused(db_session, CLOSE.format(by=by)) == "ck_finding_closer"
    half = "UPDATE finding SET status = 'closed'"
    assert refused(db_session, half) == "ck_finding_closed"
    unsaid = "UPDATE finding SET rectified_by_id = NULL"
    assert refused(db_session, unsaid) == "ck_finding_rectified"
    lodged()
    own = ANSWER.format(by="lodged_by_id", office="NULL")
    assert refused(db_session, own) == "ck_complaint_author"
    home = ANSWER.format(by="taken_by_id", office="holder_id")
    assert refused(db_session, home) == "ck_complaint_own_organisation"
