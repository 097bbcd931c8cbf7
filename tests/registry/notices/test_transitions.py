"""Every state × every act × everybody of notices and of the objections to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.documents.models import Document
from registry.notices.commands import notices, objections
from registry.notices.models import Notice, NoticeOutcome, Objection
from registry.notices.rules import NewObjection, NewReply
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client
from tests.registry.conftest import NOW
from tests.transitions import Deed, Token, also_of, strangers, walk

OVER = datetime(2026, 3, 10, 1, tzinfo=UTC)
OFFICE = OrganisationKind.AUTHORITY
SHOWN = (
    "notice",
    "objection",
    "notice_extension",
    "notice_posting",
    "notice_outcome",
    "disclosure",
)
CONTACT = "13800001234"


@dataclass(frozen=True)
class Stage:
    """A notice of a cooperative's matter, an objection to it, a photo of the board, people."""

    notice: Notice
    objection: Objection
    photo: Document
    office: Actor
    people: Mapping[str, Token]


@pytest.fixture
def at(client: Client) -> Iterator[ExitStack]:
    del client
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def stage(at: ExitStack) -> Stage:
    del at
    holder, home = registry.organisation(), registry.organisation(OFFICE)
    insider, lodger, officer = (registry.user(home, [Role.COUNTY_REVIEWER]) for _ in range(3))
    people = strangers() | {
        "insider": registry.token_of(also_of(holder, insider)),
        "lodger": registry.token_of(lodger),
    }
    notice = notices.open_notice(
        subject=("application", new_id()), region_code=registry.LONGGUI, working_days=5,
        rule_source="演示办法第九条", deciding_level="county", party_id=holder.id, by=SYSTEM,
        now=NOW,
    )  # fmt: skip
    objection = objections.lodge_objection(
        notice.id,
        objection=NewObjection("产地存疑", CONTACT),
        by=registry.actor_of(lodger),
        now=NOW,
    )
    town = registry.organisation(OFFICE, registry.LONGGUI)
    photo = registry.document(town, registry.user(town, [Role.TOWN_CHECKER]), "photo")
    return Stage(notice, objection, photo, registry.actor_of(officer), people)


def post(path: str, body: Mapping[str, Any]) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        return client.post(path, json=body, token=token)

    return send


def reply(stage: Stage, *, upheld: bool) -> Deed:
    path = f"/api/v1/objections/{stage.objection.id}/reply"
    return post(path, {"reply": "已核实", "upheld": upheld})


def standing(notice_id: Any) -> Callable[[], str]:
    """Tell where a notice stands, from its rows."""

    def tell() -> str:
        closed = db.session.query(NoticeOutcome).filter_by(notice_id=notice_id).count()
        one = db.session.get_one(Notice, notice_id, populate_existing=True)
        running = shanghai_day(clock.now()) < one.closes_on
        return "closed" if closed else "running" if running else "over"

    return tell


@pytest.mark.parametrize("state", ["running", "over", "closed"])
def test_a_notice_moves_only_as_its_table_says(
    client: Client, at: ExitStack, stage: Stage, state: str
) -> None:
    if state == "over":
        at.enter_context(clock.stopped(OVER))
    if state == "closed":
        notices.close_matter(stage.notice.id, outcome="withdrawn", by=SYSTEM, now=NOW)
    to = f"/api/v1/notices/{stage.notice.id}"
    board = {
        "level": "town", "place": "镇政府公告栏", "document_id": str(stage.photo.id),
        "posted_on": "2026-03-02",
    }  # fmt: skip
    acts = {
        "lodge": post(f"{to}/objections", {"text": "价格偏高"}),
        "post": post(f"{to}/postings", board),
        "uphold": reply(stage, upheld=True),
        "dismiss": reply(stage, upheld=False),
    }
    walk(
        client, "notice", state, people=stage.people, acts=acts,
        state_now=standing(stage.notice.id), shown_in=SHOWN,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "upheld", "dismissed"])
def test_an_objection_moves_only_as_its_table_says(
    client: Client, stage: Stage, state: str
) -> None:
    if state != "open":
        said = NewReply("已核实", upheld=state == "upheld")
        objections.reply_to_objection(stage.objection.id, reply=said, by=stage.office, now=NOW)
    to = f"/api/v1/objections/{stage.objection.id}"
    acts = {
        "uphold": reply(stage, upheld=True),
        "dismiss": reply(stage, upheld=False),
        "publish": post(f"{to}/publish", {"text": "（已遮盖）"}),
        "contact": post(f"{to}/contact", {"purpose": "电话核实"}),
    }
    objection_id = stage.objection.id

    def state_now() -> str:
        one = db.session.get_one(Objection, objection_id, populate_existing=True)
        return {None: "open", True: "upheld", False: "dismissed"}[one.upheld]

    walk(
        client, "objection", state, people=stage.people, acts=acts, state_now=state_now,
        shown_in=SHOWN,
    )  # fmt: skip


def test_what_was_said_and_done_stays_readable_to_everybody_after_the_end(
    client: Client, stage: Stage
) -> None:
    said = NewReply("已核实", upheld=False)
    objections.reply_to_objection(stage.objection.id, reply=said, by=stage.office, now=NOW)
    notices.close_matter(stage.notice.id, outcome="granted", by=SYSTEM, now=OVER)
    for who, token in stage.people.items():
        seen = client.get(f"/api/v1/notices/{stage.notice.id}", token=token)
        assert seen.json is not None, who
        assert seen.json["outcome"]["outcome"] == "granted"
        assert seen.json["objections"][0]["reply"] == "已核实"
        assert CONTACT not in seen.text
        assert "产地存疑" not in seen.text, "not masked, so not shown"
