"""Inspections: hidden until they begin, put right one by one, with consequences at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from certification.certificates.commands.capacities import CapacityWant, hold_capacity
from certification.certificates.models.certificates import Certificate
from certification.errors.certificates import CertificateNotInForce
from certification.errors.inspections import InspectorCertified, InspectorUnfit
from certification.inspections.commands import findings, tasks
from certification.inspections.commands.findings import NewFinding, Report
from certification.inspections.models.findings import (
    ConsequenceKind,
    Finding,
    FindingKind,
    FindingStatus,
    Severity,
)
from certification.inspections.models.tasks import InspectionTask, TaskStatus
from certification.inspections.queries.tasks import get_task, get_task_view
from certification.inspections.rules import tasks as rules
from certification.wiring import INVARIANTS
from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed, NotFound, OwnOrganisation, SamePerson, WrongState
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.organisations.models import Organisation
from tests.builders import certification as build
from tests.builders import inspections as make
from tests.builders import registry
from tests.builders.inspections import NOW, Office
from tests.conftest import Client
from tests.promises import broken

TASKS = "/api/v1/inspections/tasks"
S, F = TaskStatus, FindingStatus


@pytest.fixture(autouse=True)
def stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there() -> Office:
    return make.office()


@pytest.fixture
def one() -> Certificate:
    return build.certificate()


def clerk_of(certificate: Certificate) -> Actor:
    holder = db.session.get_one(Organisation, certificate.holder_id)
    return registry.actor_of(registry.user(holder, [Role.COOP_CLERK]))


def wrong(severity: Severity = Severity.MINOR) -> NewFinding:
    return NewFinding(FindingKind.PAPERS, severity, "台账缺页", ())


def test_a_hidden_inspection_does_not_exist_for_the_inspected_and_others(
    client: Client, there: Office, one: Certificate
) -> None:
    task_id = make.hidden(there, one).id
    holder = db.session.get_one(Organisation, one.holder_id)
    others = [
        registry.token_of(registry.user(holder, [Role.COOP_CLERK])),
        registry.token_of(registry.user(make.office().organisation, [Role.COUNTY_REVIEWER])),
        registry.token_of(build.reviewer_of("city")),
        registry.token_of(build.reviewer_of("town")),
        registry.token_of(registry.administrator()),
    ]
    mine = registry.token_of(there.people[2])
    for token in others:
        assert client.get(f"{TASKS}/{task_id}", token=token).status_code == 404
        assert client.get(TASKS, token=token).json == {"items": [], "next_cursor": None}
    seen = client.get(f"{TASKS}/{task_id}", token=mine)
    assert seen.json is not None
    assert (seen.json["task"]["number"], seen.json["reason"]) == (None, "群众反映")
    assert client.post(f"{TASKS}/{task_id}/start", token=others[1]).status_code == 404
    assert client.post(f"{TASKS}/{task_id}/start", token=mine).status_code == 200
    told = client.get(f"{TASKS}/{task_id}", token=others[0])
    assert told.json is not None
    assert told.json["task"]["number"].startswith("BF-IN-2026-440203-")
    assert told.json["reason"] is None, "who complained is not told"


def test_an_inspector_is_of_the_place_and_neither_holds_nor_certified(
    there: Office, one: Certificate
) -> None:
    task = tasks.open_case(one.id, reason="复查", by=there.author, now=NOW)

    def assign(inspector_id: Any) -> None:
        tasks.assign_inspector(task.id, inspector_id=inspector_id, by=there.author, now=NOW)

    with pytest.raises(InspectorCertified):
        assign(one.granted_by_id)
    with pytest.raises(InspectorUnfit):
        assign(make.office(registry.XINGGUO).people[0].id)
    holder = db.session.get_one(Organisation, one.holder_id)
    with pytest.raises(OwnOrganisation):
        assign(registry.user(holder, [Role.COOP_CLERK]).id)
    with pytest.raises(InspectorUnfit):
        assign(new_id())
    assign(there.people[2].id)
    with pytest.raises(NotAllowed):
        tasks.start_inspection(task.id, by=there.author, now=NOW)
    assert task.status is S.HIDDEN


def test_findings_are_put_right_one_by_one_until_none_is_left(
    there: Office, one: Certificate
) -> None:
    task = make.started(there, one)
    first, second = (
        findings.record_finding(task.id, wrong(grave), by=there.inspector, now=NOW)
        for grave in (Severity.MINOR, Severity.SERIOUS)
    )
    assert (str(first.deadline_on), str(second.deadline_on)) == ("2026-12-08", "2026-11-24")
    tasks.conclude_inspection(task.id, summary="已检查", by=there.inspector, now=NOW)
    with pytest.raises(WrongState):
        findings.record_finding(task.id, wrong(), by=there.inspector, now=NOW)
    clerk = clerk_of(one)
    photo = registry.document(
        db.session.get_one(Organisation, one.holder_id),
        registry.user(db.session.get_one(Organisation, one.holder_id), [Role.COOP_CLERK]),
        "photo",
    )
    for finding in (first, second):
        report = Report("已补齐", [photo.id])
        findings.rectify_finding(finding.id, report, by=clerk, now=NOW)
    back = Report("仍缺一页", ())
    findings.recheck_finding(first.id, back, passed=False, by=there.inspector, now=NOW)
    findings.rectify_finding(first.id, Report("再补", ()), by=clerk, now=NOW)
    for finding in (second, first):
        assert task.status is S.CONCLUDED
        seen = Report("核实", ())
        findings.recheck_finding(finding.id, seen, passed=True, by=there.drawer, now=NOW)
    assert task.status is S.CLOSED
    view = get_task_view(there.author, task.id)
    kinds = [step.step.kind.value for step in view.findings[0].steps]
    assert kinds == ["opened", "rectified", "returned", "rectified", "closed"]
    assert view.findings[0].steps[1].document_ids == [photo.id]
    assert broken(INVARIANTS) == []


def test_a_late_finding_is_told_once_a_round(there: Office, one: Certificate) -> None:
    task = make.started(there, one)
    finding = findings.record_finding(task.id, wrong(), by=there.inspector, now=NOW)
    late = NOW + timedelta(days=22)
    assert findings.tell_overdue(now=late - timedelta(days=1)) == 0
    assert findings.tell_overdue(now=late) == 1
    assert findings.tell_overdue(now=late) == 0
    findings.rectify_finding(finding.id, Report("迟到的整改", ()), by=clerk_of(one), now=late)
    back = Report("不合格", ())
    findings.recheck_finding(finding.id, back, passed=False, by=there.inspector, now=late)
    assert findings.tell_overdue(now=late + timedelta(days=40)) == 1


@pytest.mark.parametrize(
    ("kind", "state"),
    [("warning", "in_force"), ("suspension", "suspended"), ("revocation", "revoked")],
)
def test_a_consequence_reaches_the_certificate_in_its_transaction(
    there: Office, one: Certificate, kind: str, state: str
) -> None:
    task = make.started(there, one)
    meant = ConsequenceKind(kind)
    by = there.drawer if kind == "revocation" else there.inspector
    tasks.impose_consequence(task.id, kind=meant, reason="抽检不合格", by=by, now=NOW)
    assert one.status == state
    want = CapacityWant(new_id(), one.id, Decimal(1))
    if state == "in_force":
        hold_capacity([want], expires_at=None, now=NOW)
    else:
        with pytest.raises(CertificateNotInForce):
            hold_capacity([want], expires_at=None, now=NOW)
    assert broken(INVARIANTS) == []


def test_an_inspector_revokes_nothing_alone(there: Office, one: Certificate) -> None:
    task = make.started(there, one)
    with pytest.raises(SamePerson):
        tasks.impose_consequence(
            task.id, kind=ConsequenceKind.REVOCATION, reason="失实", by=there.inspector, now=NOW
        )
    assert one.status == "in_force"


TASK_MOVES = {(S.HIDDEN, S.STARTED), (S.HIDDEN, S.CANCELLED), (S.STARTED, S.CONCLUDED),
              (S.STARTED, S.CLOSED), (S.CONCLUDED, S.CLOSED)}  # fmt: skip
FINDING_MOVES = {(F.OPEN, F.RECTIFIED), (F.RECTIFIED, F.OPEN), (F.RECTIFIED, F.CLOSED)}


@pytest.mark.parametrize(("state", "wanted"), list(product(TaskStatus, repeat=2)))
def test_an_inspection_moves_only_along_its_table(state: TaskStatus, wanted: TaskStatus) -> None:
    assert (wanted in rules.TASKS[state]) == ((state, wanted) in TASK_MOVES)


@pytest.mark.parametrize(("state", "wanted"), list(product(FindingStatus, repeat=2)))
def test_a_finding_moves_only_along_its_table(state: FindingStatus, wanted: FindingStatus) -> None:
    assert (wanted in rules.FINDINGS[state]) == ((state, wanted) in FINDING_MOVES)


Deed = Callable[[Office, InspectionTask, Finding, Actor], Any]
SEEN = Report("看过", ())
DEEDS: dict[str, tuple[Deed, frozenset[str]]] = {
    "start": (
        lambda _, task, __, by: rules.check_start(task, by=by),
        frozenset({"inspector"}),
    ),
    "record": (
        lambda _, task, __, by: rules.check_is_inspector(task, by=by),
        frozenset({"inspector"}),
    ),
    "office": (
        lambda _, task, __, by: rules.check_office(task.organisation_id, by=by),
        frozenset({"inspector", "office"}),
    ),
    "rectify": (
        lambda _, task, found, by: rules.check_rectification(found, task=task, by=by),
        frozenset({"holder"}),
    ),
}


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("deed", DEEDS)
def test_who_may_do_what(there: Office, one: Certificate, deed: str, role: Role | None) -> None:
    task = make.hidden(there, one)
    found = Finding(status=F.OPEN)
    people = {"inspector": there.inspector, "office": there.author, "holder": clerk_of(one)}
    if role is not None:
        people = {"stranger": Actor(new_id(), new_id(), roles=frozenset({role}))}
    act, allowed = DEEDS[deed]
    for name, by in people.items():
        if name in allowed:
            act(there, task, found, by)
        else:
            with pytest.raises(NotAllowed):
                act(there, task, found, by)


def test_a_cancelled_inspection_stays_hidden(there: Office, one: Certificate) -> None:
    task = make.hidden(there, one)
    tasks.cancel_inspection(task.id, reason="证书已到期", by=there.author, now=NOW)
    with pytest.raises(NotFound):
        get_task(clerk_of(one), task.id)
    with pytest.raises(WrongState):
        tasks.start_inspection(task.id, by=there.inspector, now=NOW)
