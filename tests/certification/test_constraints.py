"""What the tables refuse by themselves, whatever the code above them does."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from certification.errors.constraints import CONSTRAINTS
from kernel.database import constraint_of
from kernel.identity import new_id
from tests.builders import certification as build
from tests.builders.certification import NOW

REVIEW = """
INSERT INTO application_review (id, application_id, author_id, holder_id, round, level,
  reviewer_id, organisation_id, decision, opinion, status, at)
SELECT :id, a.id, a.author_id, {holder}, {round}, '{level}', {reviewer}, {office},
  '{decision}', '', 'returned', :now
FROM application a JOIN application_review r ON r.application_id = a.id AND r.level = 'town'
JOIN app_user u ON u.id <> a.author_id AND u.id <> r.reviewer_id
ORDER BY u.id LIMIT 1
"""
FIT = {
    "holder": "a.holder_id",
    "round": "1",
    "level": "county",
    "reviewer": "u.id",
    "office": "u.organisation_id",
    "decision": "pass",
}


FOREIGN = "fk_application_review_application"
YEAR_TWICE = """
INSERT INTO capacity
SELECT :id, certificate_id, from_on, until_on, is_open, declared FROM capacity
"""
BY_NOBODY = """
INSERT INTO certificate_change (id, certificate_id, kind, reason, at)
SELECT :id, id, 'revoked', '', :now FROM certificate
"""
TIME_BY_SOMEBODY = """
INSERT INTO certificate_change (id, certificate_id, kind, reason, at, by_id)
SELECT :id, id, 'expired', '', :now, granted_by_id FROM certificate
"""


def refused(session: Session, statement: str, **values: object) -> str:
    """Run a statement that must be refused; tell by which constraint."""
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        session.execute(text(statement), {"id": new_id(), "now": NOW} | values)
    return constraint_of(caught.value)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"level": "town"}, "uq_application_review_level"),
        ({"reviewer": "r.reviewer_id"}, "uq_application_review_reviewer"),
        ({"reviewer": "a.author_id"}, "ck_application_review_author"),
        ({"office": "a.holder_id"}, "ck_application_review_own_organisation"),
        ({"level": "notice"}, "ck_application_review_notice"),
        ({"holder": "u.organisation_id", "office": "a.holder_id"}, FOREIGN),
    ],
)  # fmt: skip
def test_a_review_row_refuses_what_the_rules_refuse(
    db_session: Session, change: dict[str, str], constraint: str
) -> None:
    build.passed(build.cast(), "town")
    assert refused(db_session, REVIEW.format(**FIT | change)) == constraint
    db_session.execute(text(REVIEW.format(**FIT)), {"id": new_id(), "now": NOW})
    again = {"round": "2", "reviewer": "r.reviewer_id", "level": "notice", "decision": "reject"}
    db_session.execute(text(REVIEW.format(**FIT | again)), {"id": new_id(), "now": NOW})


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE capacity SET held = 1001", "ck_capacity_ceiling"),
        ("UPDATE capacity SET held = 500, sold = 500.001", "ck_capacity_ceiling"),
        ("UPDATE capacity SET held = -1", "ck_capacity_held"),
        ("UPDATE capacity SET sold = -1", "ck_capacity_sold"),
        ("UPDATE capacity SET until_on = from_on", "ck_capacity_period"),
        ("UPDATE certificate SET granted_by_id = author_id", "ck_certificate_author"),
        ("UPDATE certificate SET valid_until_on = valid_from_on", "ck_certificate_period"),
        ("UPDATE certificate SET yearly_quantity = 0", "ck_certificate_yearly_quantity"),
        ("UPDATE certificate SET unit_price_fen = 0", "ck_certificate_unit_price_fen"),
        ("UPDATE certificate SET holder_id = :id", "fk_certificate_application"),
        ("UPDATE application SET notice_id = NULL", "ck_application_notice"),
        ("UPDATE application SET yearly_quantity = 0", "ck_application_yearly_quantity"),
        ("UPDATE application SET goods_value_fen = 0", "ck_application_goods_value_fen"),
        ("UPDATE application SET unit_price_fen = 0", "ck_application_unit_price_fen"),
        ("UPDATE application SET round = -1", "ck_application_round"),
        ("UPDATE scheme SET notice_working_days = 0", "ck_scheme_notice_working_days"),
        ("UPDATE scheme SET validity_months = 0", "ck_scheme_validity_months"),
        ("UPDATE scheme SET review_chain = '[]'", "ck_scheme_review_chain"),
        ("UPDATE scheme SET in_force_until_on = in_force_from_on", "ck_scheme_period"),
        (YEAR_TWICE, "uq_capacity_year"),
        (BY_NOBODY, "ck_certificate_change_by"),
        (TIME_BY_SOMEBODY, "ck_certificate_change_by"),
    ],
)
def test_a_row_refuses_what_makes_no_sense(
    db_session: Session, statement: str, constraint: str
) -> None:
    build.certificate()
    assert refused(db_session, statement) == constraint


@pytest.mark.parametrize("table", ["application_review", "certificate_change", "capacity_entry"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_is_not_rewritten(db_session: Session, table: str, deed: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), db_session.begin_nested():
        db_session.execute(text(deed.format(table)))


def test_every_constraint_that_speaks_exists(db_session: Session) -> None:
    names = set(db_session.scalars(text("SELECT conname FROM pg_constraint")))
    names |= set(db_session.scalars(text("SELECT indexname FROM pg_indexes")))
    assert set(CONSTRAINTS) <= names
