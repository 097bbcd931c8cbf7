"""The schemes and categories as anyone reads them, and which version is in force."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.criteria import queries
from certification.criteria.commands import load_criteria
from certification.criteria.models import ProductCategory, Scheme, SchemeId
from kernel.actor import ANYONE
from kernel.errors import NotFound
from kernel.identity import new_id
from tests.builders.certification import NOW, SCHEME
from tests.conftest import Client

PATH = "/api/v1/certification"
OTHERS = ["guangdong-list", "national-832", "society-2024"]


def another_version(session: Session, version: int, from_on: date, until_on: date | None) -> None:
    first = session.scalars(select(Scheme).where(Scheme.code == SCHEME)).first()
    kept = {
        column.key: getattr(first, column.key)
        for column in Scheme.__table__.columns
        if column.key not in {"id", "version", "in_force_from_on", "in_force_until_on"}
    }
    session.add(
        Scheme(
            id=SchemeId(new_id()),
            version=version,
            in_force_from_on=from_on,
            in_force_until_on=until_on,
            **kept,
        )
    )
    session.flush()


def test_a_scheme_says_its_rules_and_where_they_come_from(client: Client) -> None:
    scheme = client.get(f"{PATH}/schemes/{SCHEME}").json
    assert scheme is not None
    assert (scheme["code"], scheme["version"]) == (SCHEME, 1)
    assert scheme["review_chain"] == ["town", "county", "city", "province"]
    assert scheme["origin_kinds"] == ["national_832", "provincial_village", "paired_region"]
    assert scheme["paper_kinds"] == ["business_licence", "test_report"]
    assert (scheme["notice_working_days"], scheme["validity_months"]) == (5, 12)
    for source in ("notice_source", "validity_source"):
        assert "A configured default, not a fact" in scheme[source]
    listed = client.get(f"{PATH}/schemes").json
    assert listed is not None
    assert listed["items"][0] == scheme
    assert [one["code"] for one in listed["items"]] == [SCHEME, *OTHERS]
    missing = client.get(f"{PATH}/schemes/none")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")  # type: ignore[index]


def test_categories_are_listed_in_their_order(client: Client) -> None:
    listed = client.get(f"{PATH}/categories").json
    assert listed is not None
    assert listed["items"][0] == {"code": "grain", "name_zh": "粮食", "name_en": "Grain"}
    assert [one["code"] for one in listed["items"]][-1] == "other"


def test_the_newest_version_in_force_on_the_day_is_the_scheme(db_session: Session) -> None:
    another_version(db_session, 2, date(2027, 1, 1), date(2028, 1, 1))
    for on, version in (
        (date(2021, 1, 1), 1),
        (date(2026, 12, 31), 1),
        (date(2027, 1, 1), 2),
        (date(2027, 12, 31), 2),
        (date(2028, 1, 1), 1),
    ):
        assert queries.get_scheme(ANYONE, SCHEME, on=on).version == version
        listed = {one.code: one.version for one in queries.list_schemes(ANYONE, on=on)}
        assert listed[SCHEME] == version


def test_before_its_first_day_there_is_no_scheme(db_session: Session) -> None:
    del db_session
    with pytest.raises(NotFound):
        queries.get_scheme(ANYONE, SCHEME, on=date(2020, 12, 31))


def test_loading_again_changes_nothing(db_session: Session) -> None:
    before = db_session.scalars(select(Scheme.id)).all()
    categories = db_session.scalars(select(ProductCategory.code)).all()
    load_criteria(NOW)
    assert db_session.scalars(select(Scheme.id)).all() == before
    assert db_session.scalars(select(ProductCategory.code)).all() == categories
