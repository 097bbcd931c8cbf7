"""Two answer an objection at once, or one extends what another closes; what the rows refuse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM, Actor
from kernel.database import constraint_of, db
from kernel.identity import new_id
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.notices import queries
from registry.notices.commands import notices, objections
from registry.notices.models import Notice, NoticeExtension, NoticeId, Objection, ObjectionId
from registry.notices.rules import NewObjection, NewReply
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.racing import Act, rival
from tests.registry.conftest import NOW


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def objected() -> tuple[NoticeId, ObjectionId, Actor, Actor]:
    """Give a notice of a cooperative's matter, a reviewer's objection to it, and two reviewers."""
    office, holder = registry.organisation(OrganisationKind.AUTHORITY), registry.organisation()
    lodger, one, two = (
        registry.actor_of(registry.user(office, [Role.COUNTY_REVIEWER])) for _ in range(3)
    )
    notice = notices.open_notice(
        subject=("application", new_id()), region_code=registry.LONGGUI, working_days=5,
        rule_source="演示办法", party_id=holder.id, by=SYSTEM, now=NOW,
    )  # fmt: skip
    said = NewObjection("产地存疑")
    made = objections.lodge_objection(notice.id, objection=said, by=lodger, now=NOW)
    return notice.id, made.id, one, two


def reply(objection_id: ObjectionId, by: Actor, *, upheld: bool) -> Act:
    said = NewReply("已核实", upheld=upheld)
    return lambda: objections.reply_to_objection(objection_id, reply=said, by=by, now=NOW)


def careless_objection(actor: Actor, objection_id: ObjectionId) -> Objection:
    """Give an objection without a lock: the control."""
    del actor
    return db.session.get_one(Objection, objection_id)


@pytest.mark.parametrize("locks", [True, False], ids=["locked", "control: not locked"])
def test_an_objection_is_answered_once_by_two_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    if not locks:
        monkeypatch.setattr(queries, "lock_objection", careless_objection)
    _, objection_id, one, two = run(objected)
    first = reply(objection_id, one, upheld=False)
    second = rival(app, first, reply(objection_id, two, upheld=True))
    assert second == ("objection_answered" if locks else "done")
    kept = run(lambda: db.session.get_one(Objection, objection_id).replied_by)
    assert kept == (one if locks else two).user_id


def careless_notice(actor: Actor, notice_id: NoticeId) -> Notice:
    """Give a notice without a lock: the control."""
    del actor
    return db.session.get_one(Notice, notice_id)


@pytest.mark.parametrize("locks", [True, False], ids=["locked", "control: not locked"])
def test_what_is_withdrawn_meanwhile_is_not_extended(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    if not locks:
        monkeypatch.setattr(queries, "lock_notice", careless_notice)
    notice_id, objection_id, one, _ = run(objected)

    def withdraw() -> None:
        notices.close_matter(notice_id, outcome="withdrawn", by=SYSTEM, now=NOW)

    told = rival(app, withdraw, reply(objection_id, one, upheld=True), waits=locks)
    assert told == "done"
    extended = run(lambda: db.session.query(NoticeExtension).count())
    assert extended == (0 if locks else 1)


ANSWER = """
UPDATE objection SET reply = '好', upheld = false, replied_at = now(), replied_by = {by},
  replied_for_id = {office}
"""


@pytest.mark.parametrize(
    ("by", "office", "constraint"),
    [
        ("lodged_by_id", "NULL", "ck_objection_author"),
        ("(SELECT min(id::text)::uuid FROM app_user WHERE id <> lodged_by_id)", "party_id",
         "ck_objection_own_organisation"),
    ],
)  # fmt: skip
def test_the_rows_refuse_who_answers_in_their_own_matter(
    db_session: Session, by: str, office: str, constraint: str
) -> None:
    objected()
    with pytest.raises(IntegrityError) as caught, db_session.begin_nested():
        db_session.execute(text(ANSWER.format(by=by, office=office)))
    assert constraint_of(caught.value) == constraint
