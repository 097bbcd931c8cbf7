"""What a process keeps of a series is for the database that gave it, and no other."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from kernel.database import db
from kernel.numbers import next_number
from kernel.unit_of_work import run

BLOCK = 50
CUT = text("""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
""")


def _next() -> str:
    return next_number("BF-X", region_code="440203", year=2026, block=BLOCK)


def _looked_up() -> str:
    """Read something first, as every order does, then take a number."""
    db.session.execute(text("SELECT 1"))
    return _next()


def _lose_the_block() -> None:
    """Take back the commit and cut who is connected, as a replica that took over too early."""
    with db.engine.connect() as beside:
        beside.execute(text("DELETE FROM number_sequence"))
        beside.execute(CUT)
        beside.commit()


def test_a_block_serves_many_transactions(fresh: Flask) -> None:
    with fresh.app_context():
        taken = [run(_next) for _ in range(BLOCK + 1)]
        last = db.session.execute(text("SELECT last FROM number_sequence")).scalar_one()
    assert taken == [f"BF-X-2026-440203-{number:06d}" for number in range(1, BLOCK + 2)]
    assert last == 2 * BLOCK


def test_a_database_that_lost_the_block_is_asked_anew(fresh: Flask) -> None:
    with fresh.app_context():
        first, second = run(_next), run(_next)
        db.session.connection()  # the session has it in hand while the other one cuts it
        _lose_the_block()
        assert run(_looked_up) == first != second
