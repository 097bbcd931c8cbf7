"""Doors to households: masked answers, who sees whom, and reading in clear."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel.audit import AuditRow
from registry.accounts.models import Disclosure, Role
from registry.households.models.households import Household
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

PATH = "/api/v1/households"
OFFICE = OrganisationKind.AUTHORITY
ID_NUMBER = "44020319690214001X"


def _office(role: Role = Role.COUNTY_REVIEWER, region_code: str = build.WUJIANG) -> str:
    return build.token_of(build.user(build.organisation(OFFICE, region_code), [role]))


def _clerk(home: Organisation, role: Role = Role.COOP_CLERK) -> str:
    return build.token_of(build.user(home, [role]))


def _body(**changes: object) -> dict[str, object]:
    build.village()
    return {
        "village_code": build.VILLAGE,
        "head_name": "何示一",
        "id_number": build.id_number(),
        "members": 4,
        "able_labour": 2,
        "class": "registered",
        "phone": "13800001234",
        "bank_card": "6228480402564890018",
        **changes,
    }


def test_a_household_is_registered_and_answered_masked(client: Client, db_session: Session) -> None:
    token = _office(Role.VILLAGE_CADRE, build.LONGGUI)
    body = _body()
    number = str(body["id_number"])
    made = client.post(PATH, json=body, token=token)
    assert made.status_code == 201
    assert made.json is not None
    answer = {**made.json}
    household_id = answer.pop("id")
    assert answer == {
        "code": "BF-H-2026-440203-000001",
        "village_code": build.VILLAGE,
        "head_name": "何**",
        "id_number": f"440**************{number[-1]}",
        "phone": "138****1234",
        "bank_card": "***************0018",
        "members": 4,
        "able_labour": 2,
        "willing": True,
        "class": "registered",
        "state": "listed",
        "observed_until_on": None,
        "cause": None,
        "registered_at": "2026-03-02T01:00:00+00:00",
        "version": 1,
    }
    assert client.get(f"{PATH}/{household_id}", token=token).json == made.json
    row = db_session.execute(text("SELECT * FROM household")).mappings().one()
    kept = b"|".join(value if isinstance(value, bytes) else b"" for value in row.values())
    for clear in (body["head_name"], number, body["phone"], body["bank_card"]):
        assert str(clear).encode() not in kept
        assert str(clear) not in {str(value) for value in row.values()}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"id_number": "440203196902140011"}, 422, "id_number_invalid"),
        ({"id_number": "440203196902300010"}, 422, "id_number_invalid"),
        ({"village_code": "440203103999"}, 422, "region_unknown"),
        ({"village_code": build.LONGGUI}, 422, "region_unfit"),
        ({"members": 2, "able_labour": 3}, 422, "labour_above_members"),
        ({"members": 0}, 422, "invalid"),
        ({"members": "4"}, 422, "invalid"),
        ({"class": "rich"}, 422, "invalid"),
        ({"phone": "call me"}, 422, "invalid"),
        ({"bank_card": "12"}, 422, "invalid"),
        ({"willing": 1}, 422, "invalid"),
        ({"code": "BF-H-1"}, 422, "unknown_field"),
    ],
)
def test_a_household_is_refused(
    client: Client, db_session: Session, changes: dict[str, object], status: int, code: str
) -> None:
    answer = client.post(PATH, json=_body(**changes), token=_office())
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)
    assert db_session.scalar(select(func.count(Household.id))) == 0


def test_an_identity_number_is_registered_once_in_whatever_case(client: Client) -> None:
    token = _office()
    head = "11010519491231002"
    assert client.post(PATH, json=_body(id_number=f"{head}x"), token=token).status_code == 201
    again = client.post(PATH, json=_body(id_number=f"{head}X"), token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "id_number_taken")
    assert head not in again.text


def test_an_office_registers_in_its_own_region_only(client: Client) -> None:
    body = _body()
    elsewhere = client.post(PATH, json=body, token=_office(region_code="440204"))
    assert (elsewhere.status_code, elsewhere.json and elsewhere.json["code"]) == (403, "forbidden")
    assert client.post(PATH, json=body, token=_clerk(build.organisation())).status_code == 403
    assert client.post(PATH, json=body).status_code == 401


def test_offices_see_their_region_and_cooperatives_whom_they_are_linked_to(
    client: Client,
) -> None:
    ours, theirs = build.household(), build.household("360732100801")
    coop, stranger = build.organisation(), build.organisation()
    build.benefit_link(ours, coop)
    path = f"{PATH}/{ours.id}"

    def listed(token: str) -> set[str]:
        page = client.get(PATH, token=token).json
        assert page is not None
        return {one["id"] for one in page["items"]}

    for token, seen in (
        (_office(Role.TOWN_CHECKER, build.LONGGUI), {ours}),
        (_office(Role.PROVINCE_REVIEWER, "440000"), {ours}),
        (_office(Role.AUDITOR, "440000"), {ours, theirs}),
        (_office(Role.COUNTY_REVIEWER, "440204"), set()),
        (_clerk(coop), {ours}),
        (_clerk(coop, Role.COOP_MANAGER), {ours}),
        (_clerk(stranger), set()),
    ):
        assert listed(token) == {str(one.id) for one in seen}
        assert client.get(path, token=token).status_code == (200 if ours in seen else 404)
    buyer = build.token_of(
        build.user(build.organisation(OrganisationKind.BUDGET_UNIT), [Role.CANTEEN_BUYER])
    )
    assert client.get(PATH, token=buyer).status_code == 403
    assert client.get(PATH).status_code == 401


def test_a_cooperative_finds_a_household_of_its_county_by_the_exact_code(client: Client) -> None:
    ours, theirs = build.household(), build.household("360732100801")
    token = _clerk(build.organisation())

    def found(code: str) -> list[str]:
        page = client.get(f"{PATH}?code={code}", token=token).json
        assert page is not None
        return [one["head_name"] for one in page["items"]]

    assert found(ours.code) == ["何**"]
    assert found(theirs.code) == []
    assert found(ours.code[:-1]) == []
    office = client.get(f"{PATH}?code={theirs.code}", token=_office()).json
    assert office == {"items": [], "next_cursor": None}


def test_households_are_cut_by_region_and_class(client: Client) -> None:
    build.household()
    build.household("440203102801")
    token = _office()

    def count(query: str) -> int:
        page = client.get(f"{PATH}?{query}", token=token).json
        assert page is not None
        return len(page["items"])

    assert count("region=440203") == 2
    assert count("region=440203102") == 1
    assert count("class=registered") == 2
    assert count("class=marginal") == 0


def test_a_household_is_read_in_clear_for_a_purpose_that_is_kept(
    client: Client, db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    household = build.household(number=ID_NUMBER)
    path = f"{PATH}/{household.id}/reveal"
    purpose = {"purpose": "核对兑付名单"}
    for token, body, status in (
        (_office(), {}, 422),
        (_office(), {"purpose": "户主 11010519491231002X"}, 422),
        (_office(region_code="440204"), purpose, 404),
        (_office(Role.TOWN_CHECKER, build.LONGGUI), purpose, 403),
        (_clerk(build.organisation()), purpose, 403),
    ):
        assert client.post(path, json=body, token=token).status_code == status
    assert db_session.scalar(select(func.count(Disclosure.id))) == 0
    given = client.post(path, json=purpose, token=_office())
    assert given.status_code == 200
    assert given.json == {
        "id": str(household.id),
        "code": household.code,
        "head_name": "何示一",
        "id_number": ID_NUMBER,
        "phone": "13800001234",
        "bank_card": "6228480402564890018",
    }
    kept = db_session.scalars(select(Disclosure)).one()
    assert (kept.subject_id, kept.purpose) == (household.id, "核对兑付名单")
    (row,) = [row for row in written() if row.action == "disclose"]
    assert (row.subject_kind, row.subject_id) == ("household", str(household.id))
