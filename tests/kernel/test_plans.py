"""What a page reads is planned for what is asked, however often it was asked before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.paging import page
from registry.regions.models import Region

NAME = "code_planned_anew"
OFTEN = 8
"""psycopg has a statement kept from its sixth execution on."""


def _kept(session: Session) -> int:
    kept = f"statement LIKE 'SELECT region.code AS {NAME}%'"
    statement = f"SELECT count(*) FROM pg_prepared_statements WHERE {kept}"  # noqa: S608
    return int(session.execute(text(statement)).scalar_one())


def _statement(prefix: str) -> Select[Any]:
    return select(Region.code.label(NAME)).where(Region.code.startswith(prefix))


def test_no_plan_of_a_page_is_kept_and_other_plans_are(db_session: Session) -> None:
    for number in range(OFTEN):
        page(_statement(str(number)), keys=[(Region.code, False)], limit=2, cursor=None)
    assert _kept(db_session) == 0
    for number in range(OFTEN):
        db.session.execute(_statement(str(number)).limit(2)).all()
    assert _kept(db_session) == 1
