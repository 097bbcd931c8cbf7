"""Every state × every act × everybody of draws, inspections, findings and complaints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from werkzeug.test import TestResponse

from certification.certificates.models.certificates import Certificate
from certification.inspections.commands import complaints, findings, plans, tasks
from certification.inspections.commands.complaints import LodgedComplaint, NewComplaint
from certification.inspections.commands.findings import NewFinding, Report
from certification.inspections.models.complaints import Complaint
from certification.inspections.models.findings import Finding, FindingKind, Severity
from certification.inspections.models.plans import DrawPlan
from certification.inspections.models.tasks import InspectionTask
from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation
from tests.builders import certification as build
from tests.builders import inspections as make
from tests.builders import registry
from tests.builders.inspections import DRAW_DAY, NOW, Office
from tests.conftest import Client
from tests.transitions import Deed, Token, also_of, strangers, walk

AT = "/api/v1/inspections"
SEEN = Report("看过", ())
TOLD = {"text": "看过"}
_serials = count(1)


@dataclass(frozen=True)
class Stage:
    """An office, what it inspects, and who has put a foot on both sides."""

    there: Office
    one: Certificate
    holder: Organisation
    clerk: Actor
    mover: AppUser
    people: Mapping[str, Token]

    @property
    def as_mover(self) -> Actor:
        """Who is of the office now, as they were when they were of the holder."""
        return replace(self.clerk, user_id=self.mover.id)


@pytest.fixture
def at(client: Client) -> Iterator[ExitStack]:
    del client
    with ExitStack() as stack:
        stack.enter_context(clock.stopped(NOW))
        yield stack


@pytest.fixture
def stage(at: ExitStack) -> Stage:
    del at
    there, holder = make.office(), registry.organisation()
    clerk = registry.user(holder, [Role.COOP_CLERK])
    manager = registry.user(holder, [Role.COOP_MANAGER])
    insider, mover = (registry.user(there.organisation, [Role.COUNTY_REVIEWER]) for _ in range(2))
    names = {
        "author": there.people[0], "drawer": there.people[1], "inspector": there.people[2],
        "insider": also_of(holder, insider), "mover": mover,
        "holder clerk": clerk, "holder manager": manager,
    }  # fmt: skip
    people = strangers() | {name: registry.token_of(user) for name, user in names.items()}
    one = build.certificate(holder)
    return Stage(there, one, holder, registry.actor_of(clerk), mover, people)


def post(path: str, body: Mapping[str, Any] | None = None) -> Deed:
    """Give a request that comes from another address each time."""

    def send(client: Client, token: Token) -> TestResponse:
        serial = next(_serials)
        address = {"REMOTE_ADDR": f"10.7.{serial // 250 % 250}.{serial % 250}"}
        return client.post(path, json=body, token=token, environ_base=address)

    return send


def but(stage: Stage, *names: str) -> dict[str, Token]:
    """Leave out people who have no part in a machine."""
    return {name: token for name, token in stage.people.items() if name not in names}


@pytest.mark.parametrize("state", ["waiting", "announced", "drawn", "revealed", "called_off"])
def test_a_draw_plan_moves_only_as_its_table_says(
    client: Client, at: ExitStack, stage: Stage, state: str
) -> None:
    there = stage.there
    plan_id = make.announced(there).id if state != "drawn" else make.drawn(there).id
    if state == "called_off":
        plans.call_off_plan(plan_id, by=there.author, now=NOW)
    if state != "waiting":
        at.enter_context(clock.stopped(DRAW_DAY))
    if state == "revealed":
        plans.draw_plan(plan_id, public_value="07", by=there.drawer, now=DRAW_DAY)
        (task,) = db.session.query(InspectionTask)
        tasks.cancel_inspection(task.id, reason="停产", by=there.author, now=DRAW_DAY)

    def state_now() -> str:
        status = db.session.get_one(DrawPlan, plan_id, populate_existing=True).status.value
        early = clock.now() < DRAW_DAY
        return "waiting" if status == "announced" and early else status

    acts = {
        "draw": post(f"{AT}/plans/{plan_id}/draw", {"public_value": "07 11 23"}),
        "call_off": post(f"{AT}/plans/{plan_id}/call-off"),
    }
    people = but(stage, "insider", "mover", "holder clerk", "holder manager")
    shown = ("draw_plan", "draw_stratum", "inspection_task")
    walk(client, "draw_plan", state, people=people, acts=acts, state_now=state_now, shown_in=shown)


def inspection(stage: Stage, state: str) -> InspectionTask:
    there = stage.there
    if state in {"hidden", "cancelled"}:
        task = make.hidden(there, stage.one)
        if state == "cancelled":
            tasks.cancel_inspection(task.id, reason="停产", by=there.author, now=NOW)
        return task
    task = make.started(there, stage.one)
    if state != "closed":
        wrong = NewFinding(FindingKind.PAPERS, Severity.MINOR, "台账缺页", ())
        findings.record_finding(task.id, wrong, by=there.inspector, now=NOW)
    if state != "started":
        tasks.conclude_inspection(task.id, summary="已检查", by=there.inspector, now=NOW)
    return task


@pytest.mark.parametrize("state", ["hidden", "started", "concluded", "closed", "cancelled"])
def test_an_inspection_moves_only_as_its_table_says(
    client: Client, stage: Stage, state: str
) -> None:
    task_id = inspection(stage, state).id
    to = f"{AT}/tasks/{task_id}"
    found = {"kind": "price", "severity": "minor", "text": "价格偏高"}
    acts = {
        "assign": post(f"{to}/inspector", {"inspector_id": str(stage.there.people[1].id)}),
        "start": post(f"{to}/start"),
        "cancel": post(f"{to}/cancel", {"reason": "停产"}),
        "record": post(f"{to}/findings", found),
        "conclude": post(f"{to}/conclude", {"summary": "已检查"}),
        "warn": post(f"{to}/consequences", {"kind": "warning", "reason": "台账缺页"}),
        "revoke": post(f"{to}/consequences", {"kind": "revocation", "reason": "失实"}),
    }

    def state_now() -> str:
        return db.session.get_one(InspectionTask, task_id, populate_existing=True).status.value

    walk(
        client, "inspection", state, people=but(stage, "mover"), acts=acts, state_now=state_now,
        shown_in=("inspection_task", "finding", "finding_step", "consequence", "certificate"),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "rectified", "closed"])
def test_a_finding_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    task = inspection(stage, "concluded")
    finding_id = db.session.query(Finding).one().id
    if state != "open":
        findings.rectify_finding(finding_id, SEEN, by=stage.as_mover, now=NOW)
    if state == "closed":
        findings.recheck_finding(finding_id, SEEN, passed=True, by=stage.there.drawer, now=NOW)
        assert task.status == "closed"
    to = f"{AT}/findings/{finding_id}"
    acts = {
        "rectify": post(f"{to}/rectify", TOLD),
        "pass": post(f"{to}/recheck", TOLD | {"passed": True}),
        "return": post(f"{to}/recheck", TOLD | {"passed": False}),
    }

    def state_now() -> str:
        return db.session.get_one(Finding, finding_id, populate_existing=True).status.value

    walk(
        client, "finding", state, people=stage.people, acts=acts, state_now=state_now,
        shown_in=("inspection_task", "finding", "finding_step", "certificate"),
    )  # fmt: skip


def complaint(stage: Stage, state: str, lodger: Actor, now: datetime) -> LodgedComplaint:
    said = NewComplaint("产地不符", stage.one.number, contact="13800009876")
    made = complaints.lodge_complaint(said, by=lodger, now=now)
    by, one = stage.there.author, made.complaint.id
    if state != "received":
        complaints.take_complaint(one, by=by, now=now)
    if state == "inspected":
        complaints.inspect_complaint(one, reason="核查产地", by=by, now=now)
    if state == "answered":
        complaints.answer_complaint(one, reply="已核实", by=by, now=now)
    return made


@pytest.mark.parametrize("state", ["received", "in_hand", "inspected", "answered"])
def test_a_complaint_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    lodger = build.reviewer_of("county")
    made = complaint(stage, state, registry.actor_of(lodger), NOW)
    complaint_id, number = made.complaint.id, made.complaint.number
    to = f"/api/v1/complaints/{complaint_id}"
    acts = {
        "take": post(f"{to}/take"),
        "inspect": post(f"{to}/inspection", {"reason": "核查产地"}),
        "answer": post(f"{to}/answer", {"reply": "已核实"}),
        "contact": post(f"{to}/contact", {"purpose": "回访"}),
        "follow": post(f"/api/v1/complaints/{number}/tracking", {"code": made.code}),
    }

    def state_now() -> str:
        one = db.session.get_one(Complaint, complaint_id, populate_existing=True)
        inspected = one.status == "in_hand" and one.task_id is not None
        return "inspected" if inspected else one.status.value

    people = but(stage, "author", "drawer", "inspector", "mover", "holder clerk", "holder manager")
    walk(
        client, "complaint", state,
        people=people | {"lodger": registry.token_of(lodger)},
        acts=acts, state_now=state_now, shown_in=("complaint", "inspection_task", "disclosure"),
    )  # fmt: skip
