"""Which plans are kept: of what a page reads none, and a refusal costs none of the others."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, select, text
from sqlalchemy.exc import NotSupportedError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import db
from kernel.errors import NotFound
from kernel.idempotency import Answer, claim, store
from kernel.identity import new_id
from kernel.paging import page
from kernel.unit_of_work import run
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


def _goods() -> list[int]:
    return list(db.session.execute(text("SELECT kg FROM goods")).scalars())


@pytest.fixture
def often_read(fresh: Flask) -> Flask:
    """Make a table that was read so often that the reading is prepared."""
    with fresh.app_context():
        run(lambda: db.session.execute(text("CREATE TABLE goods (kg int)")))
        for _ in range(OFTEN):
            run(_goods)
    return fresh


def test_a_refusal_takes_back_what_was_done_and_forgets_no_statement(often_read: Flask) -> None:
    def refused() -> None:
        db.session.execute(text("INSERT INTO goods VALUES (1)"))
        raise NotFound

    def prepared() -> list[str]:
        known = text("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%kg%goods'")
        return list(db.session.execute(known).scalars())

    with often_read.app_context():
        before = run(prepared)
        with pytest.raises(NotFound):
            run(refused)
        assert run(_goods) == []
        assert run(prepared) == before != []


def test_a_statement_that_a_migration_made_wrong_fails_once(often_read: Flask) -> None:
    """Its plan may not give another type than before; psycopg forgets it after the error."""
    with often_read.app_context():
        with db.engine.connect(), db.engine.begin() as other:  # the first is the one that reads
            other.execute(text("ALTER TABLE goods ALTER kg TYPE bigint"))
        with pytest.raises(NotSupportedError, match="cached plan must not change result type"):
            run(_goods)
        assert run(_goods) == []


def test_a_keyed_write_goes_by_keys_though_its_tables_were_empty(fresh: Flask) -> None:
    """The plan is made while the table has no page, and kept while it grows."""
    read = text("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'idempotency_key'")

    def keyed() -> None:
        claim(new_id(), "key", fingerprint=b"", now=clock.now())
        store(new_id(), "key", Answer(201, {}, b""))

    def scans() -> int:
        db.session.execute(text("SELECT pg_stat_force_next_flush()"))
        db.session.commit()
        return int(db.session.execute(read).scalar_one())

    with fresh.app_context():
        run(lambda: db.session.execute(text("ANALYZE idempotency_key")))
        before = scans()
        for _ in range(OFTEN):
            run(keyed)
        assert scans() == before
