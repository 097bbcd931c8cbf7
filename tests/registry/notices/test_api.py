"""Doors to notices: what the public sees and says, and how an office answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import uuid1

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.audit import AuditRow
from kernel.identity import new_id
from registry.accounts.models import Disclosure, Role
from registry.notices.models import Objection
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

Clock = Callable[[datetime], AbstractContextManager[None]]
LAST_INSTANT = datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
CLOSING_INSTANT = datetime(2026, 3, 9, 16, tzinfo=UTC)
SAID = {"text": "香芋是否确为本村所产？", "contact": "demo@example.org"}
ANSWER = {"reply": "已核实", "upheld": False}


def _office(role: Role = Role.COUNTY_REVIEWER, region_code: str = build.WUJIANG) -> str:
    home = build.organisation(OrganisationKind.AUTHORITY, region_code)
    return build.token_of(build.user(home, [role]))


def test_the_public_reads_a_notice_without_words_or_contacts_of_who_objected(
    client: Client,
) -> None:
    notice = build.notice()
    objection = build.objection(notice, "张三的说法不实")
    answer = client.get(f"/api/v1/notices/{notice.id}")
    assert answer.status_code == 200
    body = answer.json
    assert body is not None
    assert body["number"] == notice.number
    assert (body["opens_on"], body["closes_on"]) == ("2026-03-02", "2026-03-10")
    assert body["objections"] == [
        {
            "id": str(objection.id),
            "text": None,
            "lodged_at": "2026-03-02T04:00:00+00:00",
            "due_on": None,
            "reply": None,
            "upheld": None,
            "replied_at": None,
        }
    ]
    assert "13800001234" not in answer.text
    assert "张三" not in answer.text
    assert client.get(f"/api/v1/notices/{uuid1()}").status_code == 404


def test_notices_are_listed_by_matter_and_region(client: Client) -> None:
    subject = ("application", new_id())
    ours = build.notice(subject)
    theirs = build.notice(region_code="360732100")

    def listed(query: str) -> list[str]:
        page = client.get(f"/api/v1/notices?{query}").json
        assert page is not None
        return [one["id"] for one in page["items"]]

    assert listed("") == [str(theirs.id), str(ours.id)]
    assert listed("region=440200") == [str(ours.id)]
    assert listed("region=360732") == [str(theirs.id)]
    assert listed(f"subject_id={subject[1]}") == [str(ours.id)]
    assert listed("subject_kind=household") == []
    assert listed("limit=1") == [str(theirs.id)]


def test_the_public_objects_to_the_last_instant_and_not_after(
    client: Client, db_session: Session, clock_at: Clock
) -> None:
    path = f"/api/v1/notices/{build.notice().id}/objections"
    with clock_at(LAST_INSTANT):
        made = client.post(path, json=SAID)
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["lodged_at"] == "2026-03-09T15:59:59+00:00"
    assert "demo@example.org" not in made.text
    with clock_at(CLOSING_INSTANT):
        late = client.post(path, json=SAID)
    assert (late.status_code, late.json and late.json["code"]) == (409, "notice_closed")
    kept = db_session.query(Objection).one()
    assert (kept.text, kept.contact) == (SAID["text"], SAID["contact"])
    sealed = db_session.execute(text("SELECT contact FROM objection")).scalar_one()
    assert b"demo@example.org" not in bytes(sealed)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"text": ""}, "invalid"),
        ({"text": "a" * 2001}, "invalid"),
        ({"text": "户主 11010519491231002X"}, "identity_in_text"),
        ({"text": "好", "upheld": True}, "unknown_field"),
    ],
)
def test_an_objection_is_refused(
    client: Client, db_session: Session, body: dict[str, object], code: str
) -> None:
    answer = client.post(f"/api/v1/notices/{build.notice().id}/objections", json=body)
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, code)
    assert db_session.query(Objection).count() == 0


def test_an_objection_needs_a_notice(client: Client) -> None:
    assert client.post(f"/api/v1/notices/{uuid1()}/objections", json=SAID).status_code == 404


@pytest.mark.parametrize("above", ["", "/notices/{notice}"])
def test_an_office_of_the_region_answers_once(
    client: Client, above: str, written: Callable[[], list[AuditRow]]
) -> None:
    notice = build.notice()
    objection = build.objection(notice)
    path = f"/api/v1{above.format(notice=notice.id)}/objections/{objection.id}/reply"
    token = _office()
    done = client.post(path, json=ANSWER, token=token)
    assert done.status_code == 200
    assert done.json is not None
    assert (done.json["reply"], done.json["upheld"]) == ("已核实", False)
    assert done.json["text"] == "产地存疑"
    assert "contact" not in done.json
    again = client.post(path, json={"reply": "改口", "upheld": True}, token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "objection_answered")
    seen = client.get(f"/api/v1/notices/{notice.id}").json
    assert seen is not None
    assert seen["objections"][0]["reply"] == "已核实"
    assert "reply_to_objection" in [row.action for row in written()]


def test_nobody_else_answers(client: Client) -> None:
    notice = build.notice()
    objection = build.objection(notice)
    path = f"/api/v1/objections/{objection.id}/reply"
    clerk = build.token_of(build.user(build.organisation(), [Role.COOP_CLERK]))
    assert client.post(path, json=ANSWER).status_code == 401
    assert client.post(path, json=ANSWER, token=clerk).status_code == 403
    assert client.post(path, json=ANSWER, token=_office(region_code="440204")).status_code == 404
    other = build.notice()
    astray = f"/api/v1/notices/{other.id}/objections/{objection.id}/reply"
    assert client.post(astray, json=ANSWER, token=_office()).status_code == 404
    bare = {"reply": "户主 11010519491231002X", "upheld": False}
    refused = client.post(path, json=bare, token=_office())
    assert (refused.status_code, refused.json and refused.json["code"]) == (422, "identity_in_text")
    assert client.post(path, json={"reply": "好"}, token=_office()).status_code == 422
    assert client.post(path, json=ANSWER, token=_office()).status_code == 200


def test_an_office_lists_the_open_objections_of_its_region(client: Client) -> None:
    notice = build.notice()
    first, second = build.objection(notice), build.objection(notice)
    build.objection(build.notice(region_code="360732"))
    token = _office()
    client.post(f"/api/v1/objections/{first.id}/reply", json=ANSWER, token=token)

    def listed(query: str) -> list[str]:
        page = client.get(f"/api/v1/objections?{query}", token=token).json
        assert page is not None
        return [one["id"] for one in page["items"]]

    assert listed("") == [str(first.id), str(second.id)]
    assert listed("open=true") == [str(second.id)]
    assert listed("open=false") == [str(first.id)]
    assert client.get("/api/v1/objections").status_code == 401


def test_a_contact_is_given_for_a_purpose_that_is_kept(client: Client, db_session: Session) -> None:
    objection = build.objection(build.notice())
    path = f"/api/v1/objections/{objection.id}/contact"
    assert client.post(path, json={}, token=_office()).status_code == 422
    elsewhere = _office(region_code="440204")
    assert client.post(path, json={"purpose": "电话核实"}, token=elsewhere).status_code == 404
    assert db_session.query(Disclosure).count() == 0
    given = client.post(path, json={"purpose": "电话核实"}, token=_office())
    assert given.json == {"id": str(objection.id), "contact": "13800001234"}
    kept = db_session.query(Disclosure).one()
    assert (kept.subject_kind, kept.subject_id) == ("objection", objection.id)


def test_the_platform_corrects_the_calendar(client: Client) -> None:
    home = build.organisation(OrganisationKind.PLATFORM, "000000")
    token = build.token_of(build.user(home, [Role.PLATFORM_ADMIN]))
    path = "/api/v1/calendar-days"
    body = {"day_on": "2027-02-06", "is_working": False, "source": "国办发明电〔演示〕"}
    assert client.post(path, json=body, token=_office()).status_code == 403
    assert client.post(path, json={**body, "is_working": True}, token=token).status_code == 200
    assert client.post(path, json=body, token=token).json == body
    page = client.get(path).json
    assert page == {"items": [body], "next_cursor": None}
