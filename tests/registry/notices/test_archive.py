"""Extensions, boards, masked words and outcomes of notices, and what nobody can take back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.actor import ANYONE, SYSTEM, Actor
from kernel.database import constraint_of, db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from registry.accounts.models import AppUser, Role
from registry.documents.models import DocumentId
from registry.errors.notices import ContactInText, NoticeRuleOverlaps, PostingEarly
from registry.notices.commands import notices, objections, settings
from registry.notices.models import Notice, Objection
from registry.notices.queries import find_rule, get_notice_view
from registry.notices.rules import NewNoticeRule, NewObjection, NewPosting, NewReply
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 4, 1, tzinfo=UTC)
AFTER = datetime(2026, 3, 12, 1, tzinfo=UTC)


def opened(deciding_level: str | None = None) -> Notice:
    return notices.open_notice(
        subject=("application", new_id()),
        region_code=build.LONGGUI,
        working_days=5,
        rule_source="演示办法第九条",
        by=SYSTEM,
        now=NOW,
        deciding_level=deciding_level,
    )


def objected(notice: Notice) -> Objection:
    said = NewObjection("产地存疑，可致电核实", "13800001234")
    return objections.lodge_objection(notice.id, objection=said, by=ANYONE, now=NOW)


def office(region_code: str = build.WUJIANG, role: Role = Role.COUNTY_REVIEWER) -> Actor:
    home = build.organisation(OrganisationKind.AUTHORITY, region_code)
    return build.actor_of(build.user(home, [role]))


@pytest.mark.usefixtures("db_session")
@pytest.mark.parametrize(
    ("at", "closes_on"),
    [(NOW, date(2026, 3, 17)), (LATER, date(2026, 3, 17)), (AFTER, date(2026, 3, 20))],
)
def test_an_upheld_objection_moves_the_closing_day_later(at: datetime, closes_on: date) -> None:
    notice = opened()
    objection = objected(notice)
    assert (notice.closes_on, objection.due_on) == (date(2026, 3, 10), date(2026, 3, 10))
    reply = NewReply(reply="情况属实，已责成改正", upheld=True)
    objections.reply_to_objection(objection.id, reply=reply, by=office(), now=at)
    assert notice.closes_on == closes_on
    (kept,) = get_notice_view(ANYONE, notice.id).extensions
    assert (kept.closed_on, kept.closes_on) == (date(2026, 3, 10), closes_on)
    assert (kept.working_days, kept.objection_id) == (5, objection.id)


@pytest.mark.usefixtures("db_session")
def test_an_objection_that_is_not_upheld_moves_nothing() -> None:
    notice = opened()
    reply = NewReply(reply="已核实", upheld=False)
    objections.reply_to_objection(objected(notice).id, reply=reply, by=office(), now=NOW)
    assert notice.closes_on == date(2026, 3, 10)
    assert get_notice_view(ANYONE, notice.id).extensions == []


@pytest.mark.usefixtures("db_session")
def test_a_matter_that_is_settled_is_not_opened_again() -> None:
    notice = opened()
    objection = objected(notice)
    notices.close_matter(notice.id, outcome="withdrawn", by=SYSTEM, now=NOW)
    reply = NewReply(reply="情况属实", upheld=True)
    objections.reply_to_objection(objection.id, reply=reply, by=office(), now=AFTER)
    assert notice.closes_on == date(2026, 3, 10)


@pytest.mark.usefixtures("db_session")
def test_only_the_level_that_decides_learns_who_objected() -> None:
    objection = objected(opened("county"))
    city = office("440200", Role.CITY_REVIEWER)
    with pytest.raises(NotAllowed):
        objections.disclose_contact(objection.id, purpose="电话核实", by=city, now=NOW)
    given = objections.disclose_contact(objection.id, purpose="电话核实", by=office(), now=NOW)
    assert given.contact == "13800001234"


def test_the_public_reads_words_only_as_masked(client: Client) -> None:
    notice = opened()
    objection = objected(notice)
    with pytest.raises(ContactInText):
        objections.publish_objection(objection.id, text="致电13800001234", by=office(), now=NOW)
    token = build.token_of(
        build.user(build.organisation(OrganisationKind.AUTHORITY, build.WUJIANG),
                   [Role.COUNTY_REVIEWER])
    )  # fmt: skip
    path = f"/api/v1/objections/{objection.id}/publish"
    bare = {"text": "户主 11010519491231002X"}
    assert client.post(path, json=bare, token=token).status_code == 422
    assert client.post(path, json={"text": "产地存疑"}, token=token).status_code == 200
    seen = client.get(f"/api/v1/notices/{notice.id}").json
    assert seen is not None
    assert seen["objections"][0]["text"] == "产地存疑"


@pytest.mark.usefixtures("db_session")
def test_a_board_is_photographed_between_the_opening_and_today() -> None:
    notice = opened()
    by = office(build.LONGGUI, Role.TOWN_CHECKER)
    assert by.organisation_id is not None
    photo = _photo(by.organisation_id, by)

    def posted(day: date) -> None:
        posting = NewPosting("town", "镇政府公示栏", photo, day)
        notices.post_notice(notice.id, posting=posting, by=by, now=LATER)

    for day in (date(2026, 3, 1), date(2026, 3, 5)):
        with pytest.raises(PostingEarly):
            posted(day)
    posted(date(2026, 3, 3))
    (seen,) = get_notice_view(ANYONE, notice.id).postings
    assert (seen.level, seen.place, seen.document_id) == ("town", "镇政府公示栏", photo)


def _photo(organisation_id: UUID, by: Actor) -> DocumentId:
    from_whom = db.session.get_one(AppUser, by.user_id)
    home = db.session.get_one(Organisation, organisation_id)
    return build.document(home, from_whom, "notice_photo").id


@pytest.mark.usefixtures("db_session")
def test_the_days_of_a_kind_of_matter_go_before_those_of_any() -> None:
    new = NewNoticeRule("fund", 3, 10, date(2026, 3, 3), "演示文件")
    settings.adopt_notice_rule(new, by=SYSTEM, now=NOW)
    for kind, on, days in (
        ("fund", date(2026, 3, 2), 5),
        ("fund", date(2026, 3, 3), 3),
        ("application", date(2026, 3, 3), 5),
    ):
        rule = find_rule(ANYONE, kind, on=on)
        assert rule is not None
        assert rule.reply_working_days == days
    with pytest.raises(NoticeRuleOverlaps):
        settings.adopt_notice_rule(new, by=SYSTEM, now=NOW)


def test_the_archive_keeps_what_became_of_a_matter(client: Client) -> None:
    notice = opened()
    notices.close_matter(notice.id, outcome="granted", by=SYSTEM, now=AFTER)
    with clock.stopped(datetime(2036, 3, 2, tzinfo=UTC)):
        seen = client.get(f"/api/v1/notices/{notice.id}").json
    assert seen is not None
    assert seen["outcome"]["outcome"] == "granted"
    assert (seen["opens_on"], seen["closes_on"]) == ("2026-03-02", "2026-03-10")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE notice SET closes_on = closes_on - 1", "ck_notice_later"),
        ("UPDATE notice SET opens_on = opens_on - 1", "ck_notice_later"),
        ("DELETE FROM notice", "ck_notice_stays"),
    ],
)
def test_a_notice_is_neither_shortened_nor_taken_down(
    db_session: Session, statement: str, constraint: str
) -> None:
    opened()
    with pytest.raises(DBAPIError) as caught, db_session.begin_nested():
        db_session.execute(text(statement))
    assert constraint_of(caught.value) == constraint  # type: ignore[arg-type]


@pytest.mark.parametrize("table", ["notice_extension", "notice_posting", "notice_outcome"])
def test_the_archive_is_not_rewritten(db_session: Session, table: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), db_session.begin_nested():
        db_session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a table of ours
