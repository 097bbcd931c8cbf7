"""Doors to papers: what is taken, what is refused, who sees them, how they are given out."""

from __future__ import annotations

import hashlib
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid1

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from kernel.actor import SYSTEM
from kernel.errors import NotAllowed
from registry.accounts.models import Role
from registry.documents.commands import NewDocument, hand_in_document
from registry.documents.models import Document, DocumentId
from registry.documents.queries import list_documents
from registry.errors.documents import DocumentUnknown
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.conftest import NOW

PATH = "/api/v1/documents"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture(kind: str, **options: Any) -> bytes:
    into = BytesIO()
    Image.new("RGB", (32, 24), "green").save(into, kind, **options)
    return into.getvalue()


def _hand_in(client: Client, token: str, content: bytes = PDF, **form: str) -> TestResponse:
    data: dict[str, object] = {"kind": "business_licence", **form}
    data["file"] = (BytesIO(content), "paper.bin")
    return client.post(PATH, data=data, content_type="multipart/form-data", token=token)


def _clerk() -> str:
    return build.token_of(build.user(build.organisation(), [Role.COOP_CLERK]))


def test_a_paper_is_handed_in_and_given_back_as_it_was(client: Client) -> None:
    token = _clerk()
    made = _hand_in(
        client,
        token,
        number="SC10144020300123",
        issuer="演示局",
        scope="大米生产加工",
        valid_until_on="2027-01-01",
    )
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert made.json["media_type"] == "application/pdf"
    assert made.json["size_bytes"] == len(PDF)
    assert made.json["valid_until_on"] == "2027-01-01"
    assert made.json["scope"] == "大米生产加工"
    path = f"{PATH}/{made.json['id']}"
    assert client.get(path, token=token).json == made.json
    given = client.get(f"{path}/content", token=token)
    assert given.status_code == 200
    assert given.data == PDF
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Content-Disposition"] == (f'attachment; filename="{made.json["id"]}.pdf"')


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        ("品名,数量\n大米,5\n".encode("gb18030"), "text/csv"),
    ],
)
def test_the_content_says_what_a_paper_is(client: Client, content: bytes, media_type: str) -> None:
    made = _hand_in(client, _clerk(), content)
    assert made.json is not None
    assert made.json["media_type"] == media_type


@pytest.mark.parametrize(
    ("content", "form", "code", "pointer"),
    [
        (b"MZ\x90\x00 program", {}, "invalid", "/file"),
        (b"<svg onload=alert(1)>,", {}, "invalid", "/file"),
        (b"", {}, "invalid", "/file"),
        (PDF, {"kind": "a b"}, "invalid", "/kind"),
        (PDF, {"valid_until_on": "soon"}, "invalid", "/valid_until_on"),
        (PDF, {"number": "11010519491231002X"}, "identity_in_text", "/number"),
        (PDF, {"issuer": "户主 11010519491231002X"}, "identity_in_text", "/issuer"),
        (PDF, {"scope": "户主 11010519491231002X"}, "identity_in_text", "/scope"),
        (PDF, {"owner": "me"}, "unknown_field", "/owner"),
    ],
)
def test_what_is_no_paper_is_refused(
    client: Client, content: bytes, form: dict[str, str], code: str, pointer: str
) -> None:
    token = _clerk()
    answer = _hand_in(client, token, content, **form)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == code
    assert answer.json["errors"][0]["pointer"] == pointer
    page = client.get(PATH, token=token).json
    assert page is not None
    assert page["items"] == []


def test_a_file_is_a_file_and_comes_with_a_form(client: Client) -> None:
    token = _clerk()
    data = {"kind": "pledge", "file": "not a file"}
    text = client.post(PATH, data=data, content_type="multipart/form-data", token=token)
    assert text.status_code == 422
    assert client.post(PATH, json=data, token=token).status_code == 422
    assert client.post(PATH, data={}, token=token).status_code == 422
    assert client.post(PATH, data=data, content_type="multipart/form-data").status_code == 401


def test_a_paper_above_the_limit_is_too_large(client: Client) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p"\r\n\r\n'
    answer = client.post(
        PATH,
        data=head + PDF + bytes(20 * 1024 * 1024) + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        token=_clerk(),
    )
    assert (answer.status_code, answer.json and answer.json["code"]) == (413, "too_large")


def test_the_own_organisation_and_the_offices_of_its_region_see_a_paper(client: Client) -> None:
    home = build.organisation(region_code="440203")
    clerk = build.user(home, [Role.COOP_CLERK])
    path = f"{PATH}/{build.document(home, clerk).id}"

    def status(role: Role, region_code: str, kind: OrganisationKind) -> set[int]:
        token = build.token_of(build.user(build.organisation(kind, region_code), [role]))
        return {
            client.get(address, token=token).status_code for address in (path, f"{path}/content")
        }

    office = OrganisationKind.AUTHORITY
    assert {client.get(path, token=build.token_of(clerk)).status_code} == {200}
    assert status(Role.COUNTY_REVIEWER, "440203", office) == {200}
    assert status(Role.PROVINCE_REVIEWER, "440000", office) == {200}
    assert status(Role.COUNTY_REVIEWER, "440204", office) == {404}
    assert status(Role.COOP_CLERK, "440203", OrganisationKind.COOPERATIVE) == {404}
    assert client.get(path).status_code == 401
    missing = client.get(f"{PATH}/{uuid1()}", token=build.token_of(clerk))
    assert missing.status_code == 404


def test_papers_are_listed_by_kind_and_by_the_day_they_lapse(client: Client) -> None:
    home = build.organisation()
    clerk = build.user(home, [Role.COOP_CLERK])
    lasting = build.document(home, clerk, "pledge")
    soon = build.document(home, clerk, "test_report", date(2026, 4, 1))
    later = build.document(home, clerk, "test_report", date(2027, 4, 1))
    token = build.token_of(clerk)

    def listed(query: str) -> list[str]:
        page = client.get(f"{PATH}?{query}", token=token).json
        assert page is not None
        return [one["id"] for one in page["items"]]

    assert listed("") == [str(one.id) for one in (later, soon, lasting)]
    assert listed("kind=test_report") == [str(later.id), str(soon.id)]
    assert listed("lapsing_by=2026-12-31") == [str(soon.id)]


def test_named_papers_come_in_their_order_or_the_first_unknown_is_pointed_at(
    db_session: Session,
) -> None:
    home = build.organisation()
    clerk = build.user(home, [Role.COOP_CLERK])
    actor = build.actor_of(clerk)
    first, second = build.document(home, clerk), build.document(home, clerk)
    assert list_documents(actor, [second.id, first.id]) == [second, first]
    other = build.organisation()
    foreign = build.document(other, build.user(other, [Role.COOP_CLERK]))
    for unknown in (foreign.id, DocumentId(uuid1())):
        with pytest.raises(DocumentUnknown) as refusal:
            list_documents(actor, [first.id, unknown])
        assert refusal.value.pointer == "/document_ids/1"
    assert db_session.scalar(select(func.count(Document.id))) == 3


def test_papers_are_listed_by_how_they_stand_today(client: Client) -> None:
    home = build.organisation()
    clerk = build.user(home, [Role.COOP_CLERK])
    today, soon, later = date(2026, 3, 2), date(2026, 4, 1), date(2026, 4, 2)
    lapsed, expiring, lasting = (
        build.document(home, clerk, "test_report", day) for day in (today, soon, later)
    )
    endless = build.document(home, clerk)
    token = build.token_of(clerk)

    def listed(validity: str) -> list[str]:
        page: Any = client.get(f"{PATH}?validity={validity}", token=token).json
        return [one["id"] for one in page["items"]]

    assert listed("lapsed") == [str(lapsed.id)]
    assert listed("expiring") == [str(expiring.id)]
    assert listed("in_force") == [str(one.id) for one in (endless, lasting, expiring)]
    text = client.get(f"{PATH}/export?format=csv&validity=lapsed", token=token).text
    assert str(lapsed.id) in text
    assert str(lasting.id) not in text


def test_the_same_paper_shows_where_it_was_used_before_in_sight(client: Client) -> None:
    first, second, foreign = (
        build.organisation(region_code=c) for c in ("440203", "440203", "440204")
    )
    tokens = [
        build.token_of(build.user(one, [Role.COOP_CLERK])) for one in (first, second, foreign)
    ]
    photo = picture("JPEG", exif=Image.Exif(), comment=b"again")
    made: list[Any] = [_hand_in(client, token, photo).json for token in tokens]
    assert [one["same_papers"] for one in made] == [[], [], []]
    again: Any = _hand_in(client, tokens[0], photo).json
    assert [one["id"] for one in again["same_papers"]] == [made[0]["id"]]
    office = build.organisation(OrganisationKind.AUTHORITY, "440203")
    reviewer = build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))
    seen: Any = client.get(f"{PATH}/{made[1]['id']}", token=reviewer).json
    assert {one["id"] for one in seen["same_papers"]} == {made[0]["id"], again["id"]}


def test_a_paper_is_seen_by_who_sees_what_it_is_about(client: Client) -> None:
    coop = build.organisation()
    clerk = build.token_of(build.user(coop, [Role.COOP_CLERK]))
    household = build.household()
    about = {"subject_kind": "household", "subject_id": str(household.id)}
    refused = _hand_in(client, clerk, PDF, **about)
    assert (refused.status_code, refused.json and refused.json["code"]) == (422, "subject_unknown")
    assert _hand_in(client, clerk, subject_kind="household").status_code == 422
    assert _hand_in(client, clerk, PDF, **{**about, "subject_kind": "none"}).status_code == 422
    office = build.organisation(OrganisationKind.AUTHORITY, "440203")
    cadre = build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))
    made: Any = _hand_in(client, cadre, PDF, **about).json
    assert made["subject_id"] == str(household.id)
    path = f"{PATH}/{made['id']}"
    assert client.get(path, token=clerk).status_code == 404
    assert client.get(f"{path}/content", token=clerk).status_code == 404
    build.benefit_link(household, coop)
    assert client.get(path, token=clerk).status_code == 200
    other = build.organisation(OrganisationKind.AUTHORITY, "440204")
    stranger = build.token_of(build.user(other, [Role.COUNTY_REVIEWER]))
    assert client.get(path, token=stranger).status_code == 404


def test_only_an_organisation_hands_in_papers(db_session: Session) -> None:
    with pytest.raises(NotAllowed):
        hand_in_document(NewDocument(file=PDF, kind="pledge"), by=SYSTEM, now=NOW)
    assert db_session.scalar(select(func.count(Document.id))) == 0
