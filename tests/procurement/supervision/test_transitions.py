"""Every state × every act × everybody of matters and circulars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel.database import db
from kernel.errors import SamePerson
from kernel.progress import ATTEMPTS
from procurement.supervision.commands import circulars as issuing
from procurement.supervision.commands import matters as commands
from procurement.supervision.commands.drawing import advance_circular
from procurement.supervision.commands.matters import NewMatter, NewTalk, Word
from procurement.supervision.models.circulars import Circular, CircularId, CircularProgress
from procurement.supervision.models.matters import (
    Cause,
    Matter,
    MatterAct,
    MatterId,
    Talk,
    TalkKind,
)
from registry.organisations.models import OrganisationId
from tests.builders import procurement, registry
from tests.builders.people import one_person
from tests.builders.procurement import NOW, YEAR
from tests.conftest import Client
from tests.procurement.supervision.conftest import Stage
from tests.transitions import Deed, Token, posting, walk

ROOM = "/api/v1/procurement"
SAID = {"text": "已督促"}
LATE_FEBRUARY = datetime(2026, 2, 20, tzinfo=UTC)
_serials = count(1)


def post(path: str, body: Mapping[str, Any] | None = None) -> Deed:
    return posting(f"{ROOM}{path}", body)


def made(stage: Stage, state: str) -> MatterId:
    unit = stage.cast.unit
    new = NewMatter(OrganisationId(unit.id), YEAR, Cause.NOT_FILED, "请于期限内填报")
    deadline = None if state in {"proposed", "dismissed"} else NOW.date()
    by, word = stage.raiser, Word("说明")
    matter_id = commands.make_matter(unit, new, deadline_on=deadline, by=by, now=NOW).id
    as_mover = replace(registry.actor_of(stage.cast.admin), user_id=stage.mover.id)
    if state == "dismissed":
        commands.act_on_matter(matter_id, MatterAct.DISMISS, word, by=by, now=NOW)
    if state == "called":
        talk = NewTalk(TalkKind.SUMMONED_TALK, "主要负责人", "逾期未填报", NOW.date())
        commands.call_talk(matter_id, talk, by=by, now=NOW)
    if state in {"reported", "closed"}:
        commands.act_on_matter(matter_id, MatterAct.REPORT, word, by=as_mover, now=NOW)
    if state == "closed":
        commands.act_on_matter(matter_id, MatterAct.CLOSE, word, by=by, now=NOW)
    return matter_id


@pytest.mark.parametrize("state", ["proposed", "open", "called", "reported", "closed", "dismissed"])
def test_a_matter_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    matter_id = made(stage, state)
    to = f"/matters/{matter_id}"
    today = NOW.date().isoformat()
    talk = {
        "kind": "summoned_talk", "office": "主要负责人", "reason": "逾期", "planned_on": today,
    }  # fmt: skip
    acts = {act: post(f"{to}/{act}", SAID) for act in ("open", "dismiss", "remind", "report")}
    acts |= {act: post(f"{to}/{act}", SAID) for act in ("return", "close")}
    acts |= {
        "call": post(f"{to}/talks", talk),
        "talk": post(f"{to}/talks/result", SAID | {"held_on": today}),
    }

    def state_now() -> str:
        status = db.session.get_one(Matter, matter_id, populate_existing=True).status.value
        pending = db.session.query(Talk).filter_by(matter_id=matter_id, held_on=None).count()
        return "called" if pending and status == "open" else status

    calls = dict(acts)
    if state == "open":  # a call leaves the state, with a talk pending
        calls["call"] = _calling(acts["call"])
    walk(
        client, "supervision_matter", state, people=stage.people, acts=calls,
        state_now=state_now,
        shown_in=("supervision_matter", "supervision_step", "supervision_talk"),
    )  # fmt: skip


def test_who_reported_closes_nothing_through_another_account(stage: Stage) -> None:
    matter_id = made(stage, "reported")
    one_person(stage.mover.id, stage.raiser.user_id)
    with pytest.raises(SamePerson):
        commands.act_on_matter(matter_id, MatterAct.CLOSE, Word("已改"), by=stage.raiser, now=NOW)
    commands.act_on_matter(
        matter_id, MatterAct.CLOSE, Word("已改"), by=registry.actor_of(stage.colleague), now=NOW
    )


def _calling(deed: Deed) -> Deed:
    """Call to a talk and hold it at once, so that the walk sees the state that follows."""

    def send(client: Client, token: Token) -> TestResponse:
        answer = deed(client, token)
        db.session.query(Talk).filter_by(held_on=None).update(
            {"held_on": NOW.date(), "result": "已谈"}
        )
        return answer

    return send


@pytest.mark.parametrize("state", ["drawing", "failed", "draft", "issued", "withdrawn"])
def test_a_circular_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    circular_id = _circular(stage, state)
    to = f"/circulars/{circular_id}"
    acts = {
        "redraw": post(f"{to}/redraw"),
        "issue": post(f"{to}/issue"),
        "withdraw": post(f"{to}/withdraw", {"reason": "数据有误"}),
    }

    def state_now() -> str:
        return db.session.get_one(Circular, circular_id, populate_existing=True).status.value

    people = {
        {"raiser": "author"}.get(name, name): token
        for name, token in stage.people.items()
        if name not in {"mover", "unit"}
    }
    walk(
        client, "circular", state, people=people, acts=acts, state_now=state_now,
        shown_in=("circular",),
    )  # fmt: skip


def _circular(stage: Stage, state: str) -> CircularId:
    circular = procurement.asked_circular(stage.raiser)
    if state == "failed":
        tried = CircularProgress(circular_id=circular.id, done=0, attempts=ATTEMPTS, at=NOW)
        db.session.add(tried)
        db.session.flush()
        assert advance_circular(now=NOW) == 1
    if state in {"draft", "issued", "withdrawn"}:
        procurement.draft_of(circular)
    if state in {"issued", "withdrawn"}:
        issuing.issue_circular(circular.id, by=registry.actor_of(stage.colleague), now=NOW)
    if state == "withdrawn":
        issuing.withdraw_circular(circular.id, reason="数据有误", by=stage.raiser, now=NOW)
    return circular.id
