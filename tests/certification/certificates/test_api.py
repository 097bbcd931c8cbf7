"""The doors to certificates: the grant, the public directory, changes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from werkzeug.test import TestResponse

from certification.certificates.models.certificates import Certificate
from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.notices.models import Notice
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, Cast
from tests.conftest import Client

APPLICATIONS = "/api/v1/certification/applications"
CERTIFICATES = "/api/v1/certificates"


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOTICE_OVER):
        yield


@pytest.fixture
def people(client: Client) -> Cast:
    del client  # it brings the transaction
    return build.cast()


@pytest.fixture
def one(client: Client) -> Certificate:
    del client
    return build.certificate()


def code_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.json["code"] if response.json else ""


def json_of(response: TestResponse, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.json
    assert response.json is not None
    return dict(response.json)


def grant(client: Client, application_id: object, token: str) -> TestResponse:
    return client.post(f"{APPLICATIONS}/{application_id}/grant", token=token)


def change(client: Client, certificate: Certificate, what: str, token: str) -> TestResponse:
    path = f"{CERTIFICATES}/{certificate.id}/{what}"
    return client.post(path, json={"reason": "抽检"}, token=token)


def token_of(level: str) -> str:
    return registry.token_of(build.reviewer_of(level))


def test_a_grant_answers_with_the_certificate(client: Client, people: Cast) -> None:
    made = build.in_notice(people)
    token = registry.token_of(people.reviewers["province"])
    granted = json_of(grant(client, made.id, token), 201)
    certificate = granted["certificate"]
    assert granted["id"] == str(made.id)
    assert granted["status"] == "granted"
    assert {name: certificate[name] for name in certificate if name != "id"} == {
        "number": "BF-C-2026-440203-000001",
        "status": "in_force",
        "valid_from_on": "2026-11-13",
        "valid_until_on": "2027-11-13",
    }
    assert code_of(grant(client, made.id, token)) == (409, "wrong_state")


def test_a_grant_before_its_time_or_by_others(client: Client, people: Cast) -> None:
    made = build.in_notice(people)
    assert made.notice_id is not None
    province = registry.token_of(people.reviewers["province"])
    with clock.stopped(build.NOW):
        early = grant(client, made.id, province)
    assert code_of(early) == (409, "notice_running")
    assert early.json is not None
    assert early.json["figures"] == {"closes_on": "2026-11-13"}
    notice = db.session.get(Notice, made.notice_id)
    assert notice is not None
    registry.objection(notice)
    assert code_of(grant(client, made.id, province)) == (409, "objection_open")
    city = registry.token_of(people.reviewers["city"])
    assert code_of(grant(client, made.id, city)) == (403, "forbidden")
    clerk = registry.token_of(people.clerk)
    assert code_of(grant(client, made.id, clerk)) == (403, "forbidden")
    own = registry.token_of(registry.user(people.holder, [Role.PROVINCE_REVIEWER]))
    assert code_of(grant(client, made.id, own)) == (403, "own_organisation")
    assert code_of(grant(client, new_id(), province)) == (404, "not_found")
    assert code_of(client.post(f"{APPLICATIONS}/{made.id}/grant")) == (401, "unauthenticated")


def test_anyone_verifies_a_certificate_by_its_number(client: Client, people: Cast) -> None:
    made = build.in_notice(people)
    token = registry.token_of(people.reviewers["province"])
    number = json_of(grant(client, made.id, token), 201)["certificate"]["number"]
    seen = json_of(client.get(f"{CERTIFICATES}/{number}"))
    assert seen["status"] == "in_force"
    assert seen["product_name"] == "演示丝苗米"
    assert seen["holder"]["name"] == people.holder.name
    assert seen["origin"] == {
        "region_code": registry.VILLAGE,
        "name": "演示石岭村",
        "kind": "provincial_village",
    }
    assert (seen["valid_from_on"], seen["valid_until_on"]) == ("2026-11-13", "2027-11-13")
    assert (seen["yearly_quantity"], seen["unit_price_fen"]) == ("1000.000", 680)
    assert [one["kind"] for one in seen["changes"]] == ["granted"]
    (key,) = json_of(client.get(f"{CERTIFICATES}/keys"))["keys"]
    signature = seen["signature"]
    assert (signature["key_id"], signature["algorithm"]) == (key["key_id"], "Ed25519")
    Ed25519PublicKey.from_public_bytes(b64decode(key["public_key"])).verify(
        b64decode(signature["value"]), signature["payload"].encode()
    )
    assert code_of(client.get(f"{CERTIFICATES}/BF-C-2026-440203-999999")) == (404, "not_found")


def test_a_certificate_is_expired_on_the_day_even_without_the_timer(
    client: Client, one: Certificate
) -> None:
    with clock.stopped(NOTICE_OVER.replace(year=2027)):
        assert json_of(client.get(f"{CERTIFICATES}/{one.number}"))["status"] == "expired"
        (listed,) = json_of(client.get(CERTIFICATES))["items"]
    assert listed["status"] == "expired"


def test_the_directory_is_searched_in_pages(client: Client) -> None:
    holder = registry.organisation(name="石岭稻香合作社")
    mine = [build.certificate(holder) for _ in range(3)]
    other = build.certificate()
    first = json_of(client.get(f"{CERTIFICATES}?q=稻香&limit=2"))
    assert [row["number"] for row in first["items"]] == [mine[2].number, mine[1].number]
    rest = json_of(client.get(f"{CERTIFICATES}?q=稻香&limit=2&cursor={first['next_cursor']}"))
    assert [row["number"] for row in rest["items"]] == [mine[0].number]
    assert rest["next_cursor"] is None
    by_product = json_of(client.get(f"{CERTIFICATES}?q={other.product_name}"))
    assert [row["number"] for row in by_product["items"]] == [other.number]
    by_number = json_of(client.get(f"{CERTIFICATES}?q={mine[0].number}"))
    assert [row["number"] for row in by_number["items"]] == [mine[0].number]
    assert json_of(client.get(f"{CERTIFICATES}?q=%25"))["items"] == []
    assert len(json_of(client.get(CERTIFICATES))["items"]) == 4
    assert code_of(client.get(f"{CERTIFICATES}?colour=red")) == (422, "unknown_field")


def test_a_reviewer_suspends_reinstates_and_revokes(client: Client, one: Certificate) -> None:
    county = token_of("county")
    assert json_of(change(client, one, "suspend", county))["status"] == "suspended"
    assert code_of(change(client, one, "suspend", county)) == (409, "wrong_state")
    assert json_of(change(client, one, "reinstate", county))["status"] == "in_force"
    assert code_of(change(client, one, "reinstate", county)) == (409, "wrong_state")
    revoked = json_of(change(client, one, "revoke", county))
    assert revoked["status"] == "revoked"
    assert [row["kind"] for row in revoked["changes"]] == [
        "granted",
        "suspended",
        "reinstated",
        "revoked",
    ]
    assert "reason" not in revoked["changes"][1]
    for what in ("suspend", "reinstate", "revoke"):
        assert code_of(change(client, one, what, county)) == (409, "wrong_state")


@pytest.mark.parametrize("what", ["suspend", "reinstate", "revoke"])
def test_a_change_by_others_or_without_a_reason(
    client: Client, one: Certificate, what: str
) -> None:
    path = f"{CERTIFICATES}/{one.id}/{what}"
    county = token_of("county")
    assert code_of(client.post(path, json={}, token=county)) == (422, "invalid")
    told = client.post(path, json={"reason": "110101199003078515"}, token=county)
    assert code_of(told) == (422, "identity_in_text")
    abroad = registry.organisation(OrganisationKind.AUTHORITY, registry.XINGGUO)
    stranger = registry.token_of(registry.user(abroad, [Role.COUNTY_REVIEWER]))
    assert code_of(change(client, one, what, stranger)) == (403, "forbidden")
    clerk = registry.token_of(registry.user(registry.organisation(), [Role.COOP_CLERK]))
    assert code_of(change(client, one, what, clerk)) == (403, "forbidden")
    holder = db.session.get_one(Organisation, one.holder_id)
    own = registry.token_of(registry.user(holder, [Role.COUNTY_REVIEWER]))
    assert code_of(change(client, one, what, own)) == (403, "own_organisation")
    missing = client.post(f"{CERTIFICATES}/{new_id()}/{what}", json={"reason": "无"}, token=county)
    assert code_of(missing) == (404, "not_found")
    assert json_of(client.get(f"{CERTIFICATES}/{one.number}"))["status"] == "in_force"
