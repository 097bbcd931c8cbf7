"""Doors to organisations: status, body, code, and who sees whom."""

from __future__ import annotations

from uuid import uuid1

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.actor import ANYONE, SYSTEM
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.organisations.queries import visible
from tests.builders import registry as build
from tests.conftest import Client

PATH = "/api/v1/organisations"
AUTHORITY, UNIT = OrganisationKind.AUTHORITY, OrganisationKind.BUDGET_UNIT


def _platform() -> str:
    home = build.organisation(OrganisationKind.PLATFORM, "000000")
    return build.token_of(build.user(home, [Role.PLATFORM_ADMIN]))


def _body(**changes: object) -> dict[str, object]:
    return {
        "credit_code": build.credit_code(),
        "name": "演示合作社",
        "kind": "cooperative",
        "region_code": build.WUJIANG,
        **changes,
    }


def test_an_organisation_is_registered_and_read_back(client: Client) -> None:
    token = _platform()
    body = _body()
    made = client.post(PATH, json=body, token=token)
    assert made.status_code == 201
    assert made.json is not None
    assert {name: made.json[name] for name in body} == body
    assert (made.json["version"], made.json["supervising_id"]) == (1, None)
    read = client.get(f"{PATH}/{made.json['id']}", token=token)
    assert (read.status_code, read.json) == (200, made.json)
    assert read.headers["ETag"] == '"1"'


def test_a_unit_stands_under_its_supervising_unit(client: Client, db_session: Session) -> None:
    above = build.organisation(UNIT)
    made = client.post(
        PATH, json=_body(kind="budget_unit", supervising_id=str(above.id)), token=_platform()
    )
    assert made.status_code == 201
    assert made.json is not None
    below = db_session.scalars(
        select(Organisation).where(Organisation.credit_code == made.json["credit_code"])
    ).one()
    assert below.lineage == f"{above.lineage}{below.id}/"
    assert below.region_prefix == "440203"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"credit_code": "93440203MA00000010"}, "credit_code_invalid", "/credit_code"),
        ({"credit_code": 5}, "invalid", "/credit_code"),
        ({"region_code": "999999"}, "region_unknown", "/region_code"),
        ({"region_code": "540422"}, "region_unknown", "/region_code"),
        ({"kind": "bakery"}, "invalid", "/kind"),
        ({"name": " "}, "invalid", "/name"),
        ({"name": "a\x00b"}, "invalid", "/name"),
        ({"lineage": "/"}, "unknown_field", "/lineage"),
        ({"supervising_id": "x"}, "invalid", "/supervising_id"),
    ],
)
def test_what_cannot_be_registered_says_which_field(
    client: Client, db_session: Session, changes: dict[str, object], code: str, pointer: str
) -> None:
    token = _platform()
    before = db_session.scalar(select(func.count(Organisation.id)))
    answer = client.post(PATH, json=_body(**changes), token=token)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == code
    assert answer.json["errors"][0]["pointer"] == pointer
    assert db_session.scalar(select(func.count(Organisation.id))) == before


def test_a_supervising_one_must_exist_and_fit(client: Client) -> None:
    token = _platform()
    missing = client.post(PATH, json=_body(supervising_id=str(uuid1())), token=token)
    assert missing.status_code == 404
    unfit = client.post(
        PATH, json=_body(supervising_id=str(build.organisation(UNIT).id)), token=token
    )
    assert (unfit.status_code, unfit.json and unfit.json["code"]) == (422, "supervision_unfit")


def test_a_credit_code_is_registered_once(client: Client) -> None:
    token = _platform()
    body = _body()
    assert client.post(PATH, json=body, token=token).status_code == 201
    again = client.post(PATH, json={**body, "name": "另一家"}, token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "credit_code_taken")


def test_only_the_platform_registers(client: Client) -> None:
    for role, kind in ((Role.COUNTY_REVIEWER, AUTHORITY), (Role.UNIT_ADMIN, UNIT)):
        token = build.token_of(build.user(build.organisation(kind), [role]))
        answer = client.post(PATH, json=_body(), token=token)
        assert (answer.status_code, answer.json and answer.json["code"]) == (403, "forbidden")
    assert client.post(PATH, json=_body()).status_code == 401


def test_an_edit_names_its_version(client: Client) -> None:
    token = _platform()
    one = build.organisation(name="旧名")
    path = f"{PATH}/{one.id}"
    blind = client.patch(path, json={"name": "新名"}, token=token)
    assert (blind.status_code, blind.json and blind.json["code"]) == (428, "precondition_required")
    stale = client.patch(path, json={"name": "新名"}, token=token, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json and stale.json["code"]) == (412, "version_stale")
    done = client.patch(path, json={"name": "新名"}, token=token, headers={"If-Match": '"1"'})
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')
    assert done.json is not None
    assert (done.json["name"], done.json["region_code"]) == ("新名", build.WUJIANG)
    moved = client.patch(
        path, json={"region_code": "360700"}, token=token, headers={"If-Match": '"2"'}
    )
    assert moved.json is not None
    assert moved.json["region_code"] == "360700"
    nowhere = client.patch(
        path, json={"region_code": "999999"}, token=token, headers={"If-Match": '"3"'}
    )
    assert (nowhere.status_code, nowhere.json and nowhere.json["code"]) == (422, "region_unknown")


def test_everybody_sees_their_own_tree_or_region_and_nothing_else(db_session: Session) -> None:
    above = build.organisation(UNIT, "440203")
    below = build.organisation(UNIT, "440204", above)
    county = build.organisation(AUTHORITY, "440203")
    city = build.organisation(AUTHORITY, "440200")
    other = build.organisation(OrganisationKind.COOPERATIVE, "360732")
    everything = {above.id, below.id, county.id, city.id, other.id}

    def seen(organisation: Organisation, role: Role) -> set[OrganisationId]:
        actor = build.actor_of(build.user(organisation, [role]))
        found = db_session.scalars(select(Organisation.id).where(visible(actor)))
        return set(found) & everything

    assert seen(above, Role.UNIT_ADMIN) == {above.id, below.id}
    assert seen(below, Role.UNIT_ADMIN) == {below.id}
    assert seen(county, Role.COUNTY_REVIEWER) == {above.id, county.id}
    assert seen(city, Role.CITY_REVIEWER) == everything - {other.id}
    assert seen(other, Role.COOP_CLERK) == {other.id}
    assert seen(city, Role.AUDITOR) == everything
    for actor, count in ((SYSTEM, 5), (ANYONE, 0)):
        found = set(db_session.scalars(select(Organisation.id).where(visible(actor))))
        assert len(found & everything) == count


def test_what_is_out_of_sight_does_not_exist(client: Client) -> None:
    token = build.token_of(build.user(build.organisation(), [Role.COOP_CLERK]))
    elsewhere = build.organisation()
    hidden = client.get(f"{PATH}/{elsewhere.id}", token=token)
    missing = client.get(f"{PATH}/{uuid1()}", token=token)
    assert hidden.status_code == missing.status_code == 404
    said = [{**(answer.json or {}), "instance": None} for answer in (hidden, missing)]
    assert said[0] == said[1]
    assert said[0]["code"] == "not_found"


def test_the_list_is_cut_to_sight_and_kind(client: Client) -> None:
    unit = build.organisation(UNIT)
    contractor = build.organisation(OrganisationKind.CANTEEN_CONTRACTOR, supervising=unit)
    build.organisation(UNIT)
    token = build.token_of(build.user(unit, [Role.UNIT_ADMIN]))
    page = client.get(PATH, token=token).json
    assert page is not None
    assert {one["id"] for one in page["items"]} == {str(unit.id), str(contractor.id)}
    cut = client.get(f"{PATH}?kind=canteen_contractor", token=token).json
    assert cut is not None
    assert [one["id"] for one in cut["items"]] == [str(contractor.id)]
    named = client.get(PATH, query_string={"name": contractor.name[1:]}, token=token).json
    assert named is not None
    assert [one["id"] for one in named["items"]] == [str(contractor.id)]
    elsewhere = client.get(PATH, query_string={"name": build.organisation(UNIT).name}, token=token)
    assert (elsewhere.json or {})["items"] == []
    assert client.get(PATH).status_code == 401
