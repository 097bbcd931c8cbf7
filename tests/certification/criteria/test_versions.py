"""Adopting versions of a scheme: who, from when, and that nothing that runs is changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.applications.commands import applications as commands
from certification.applications.models import Decision
from certification.applications.queries.contents import get_scheme_of
from certification.criteria.models import ReviewLevel, Scheme
from certification.criteria.rules import check_chain, check_price_band
from certification.errors.applications import SchemeChanged
from kernel import clock
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import Invalid
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOW, SCHEME
from tests.conftest import Client

PATH = "/api/v1/certification/schemes"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


def body(session: Session, **changes: Any) -> dict[str, Any]:
    """Give the first version as somebody sends the next one."""
    first = session.scalars(select(Scheme).where(Scheme.code == SCHEME, Scheme.version == 1)).one()
    unsaid = {"id", "version", "in_force_until_on", "adopted_by_id"}
    said = {
        column.key: getattr(first, column.key)
        for column in Scheme.__table__.columns
        if column.key not in unsaid
    }
    return said | {"in_force_from_on": "2026-11-06"} | changes


def token_of(role: Role, kind: OrganisationKind, region_code: str) -> str:
    return registry.token_of(registry.user(registry.organisation(kind, region_code), [role]))


@pytest.fixture
def province(client: Client) -> str:
    del client
    return token_of(Role.PROVINCE_REVIEWER, OrganisationKind.AUTHORITY, "440000")


def test_a_new_version_begins_where_the_one_before_ends(
    client: Client, db_session: Session, province: str
) -> None:
    made = client.post(PATH, json=body(db_session, validity_months=24), token=province)
    assert made.status_code == 201, made.text
    assert made.json is not None
    assert (made.json["version"], made.json["validity_months"]) == (2, 24)
    versions = client.get(f"{PATH}/{SCHEME}/versions").json
    assert versions is not None
    assert [(one["version"], one["in_force_until_on"]) for one in versions["items"]] == [
        (2, None),
        (1, "2026-11-06"),
    ]
    now = client.get(f"{PATH}/{SCHEME}").json
    with clock.stopped(TOMORROW):
        then = client.get(f"{PATH}/{SCHEME}").json
    assert now is not None
    assert then is not None
    assert (now["version"], then["version"]) == (1, 2)
    again = client.post(PATH, json=body(db_session), token=province)
    assert (again.status_code, again.json and again.json["code"]) == (422, "scheme_overlaps")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"in_force_from_on": "2026-11-05"}, "/in_force_from_on"),
        ({"review_chain": ["county", "town"]}, "/review_chain"),
        ({"review_chain": ["town", "town"]}, "/review_chain"),
        ({"review_chain": ["notice"]}, "/review_chain"),
        ({"price_low_bp": 13000}, "/price_low_bp"),
        ({"category_papers": {"none": [["test_report"]]}}, "/category_papers/none"),
    ],
)
def test_a_version_that_makes_no_sense_says_where(
    client: Client,
    db_session: Session,
    province: str,
    changes: dict[str, Any],
    pointer: str,
) -> None:
    answer = client.post(PATH, json=body(db_session, **changes), token=province)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == pointer
    assert client.get(f"{PATH}/{SCHEME}/versions").json["items"][0]["version"] == 1  # type: ignore[index]


def test_only_a_province_or_the_platform_adopts(client: Client, db_session: Session) -> None:
    county = token_of(Role.COUNTY_REVIEWER, OrganisationKind.AUTHORITY, registry.WUJIANG)
    assert client.post(PATH, json=body(db_session), token=county).status_code == 403
    platform = token_of(Role.PLATFORM_ADMIN, OrganisationKind.PLATFORM, "000000")
    other = body(db_session, code="local-list")
    assert client.post(PATH, json=other, token=platform).status_code == 201
    assert client.get(f"{PATH}/none/versions").status_code == 404


def test_every_scheme_says_of_each_figure_where_it_comes_from(client: Client) -> None:
    schemes = client.get(PATH).json
    assert schemes is not None
    for scheme in schemes["items"]:
        for name in ("notice", "validity", "papers", "price", "goods_value", "deadline"):
            assert scheme[f"{name}_source"], (scheme["code"], name)
    society = next(one for one in schemes["items"] if one["code"] == "society-2024")
    assert society["minimum_goods_value_fen"] == 50_000_000
    assert society["review_chain"] == ["county", "province"]
    national = next(one for one in schemes["items"] if one["code"] == "national-832")
    assert (national["review_chain"], national["origin_kinds"]) == (["county"], ["national_832"])


@pytest.mark.usefixtures("db_session")
def test_what_was_handed_in_stays_under_its_version_and_a_draft_follows() -> None:
    people = build.cast()
    draft, running = build.draft(people), build.submitted(people)
    first = get_scheme_of(SYSTEM, running)
    adopt_second()
    build.review(running.id, people.reviewer("town"), Decision.RETURN, now=TOMORROW)
    commands.submit_application(running.id, by=people.by, now=TOMORROW)
    assert (running.round, get_scheme_of(SYSTEM, running).id) == (2, first.id)
    commands.submit_application(draft.id, by=people.by, now=TOMORROW)
    assert get_scheme_of(SYSTEM, draft).version == 2
    assert get_scheme_of(SYSTEM, build.draft(people, TOMORROW)).version == 2


@pytest.mark.usefixtures("db_session")
def test_a_running_application_does_not_change_its_scheme() -> None:
    people = build.cast()
    made = build.submitted(people)
    build.review(made.id, people.reviewer("town"), Decision.RETURN)
    with pytest.raises(SchemeChanged):
        commands.edit_application(
            made.id,
            {"scheme_code": "guangdong-list"},
            expected_version=None,
            by=people.by,
            now=NOW,
        )


def adopt_second() -> None:
    """Put a second version in force from tomorrow, as a province does."""
    from_on = date(2026, 11, 6)
    first = db.session.scalars(
        select(Scheme).where(Scheme.code == SCHEME, Scheme.version == 1)
    ).one()
    first.in_force_until_on = from_on
    kept = {
        column.key: getattr(first, column.key)
        for column in Scheme.__table__.columns
        if column.key not in {"id", "version", "in_force_from_on", "in_force_until_on"}
    }
    db.session.add(Scheme(id=new_id(), version=2, in_force_from_on=from_on, **kept))
    db.session.flush()


def test_the_rules_of_a_version() -> None:
    for chain in ([], ["province", "county"]):
        with pytest.raises(Invalid):
            check_chain([ReviewLevel(one) for one in chain])
    with pytest.raises(Invalid):
        check_price_band(10_000, 10_000)
    check_price_band(9_999, 10_000)
