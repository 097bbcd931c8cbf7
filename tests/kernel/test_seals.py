"""Whatever is done to audit rows behind the program's back is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel import audit, seals
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from kernel.seals import GENESIS, Head, merkle_root
from kernel.unit_of_work import run, unit_of_work

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
SEED = 20260504
POSTING = """
INSERT INTO ledger_posting (id, transfer_id, account_id, amount_fen) VALUES (:p, :t, :a, 5)
"""


@pytest.fixture
def sealed(fresh: Flask) -> Iterator[Head]:
    """Give a database with three closed batches of ten rows, its guards against change off."""
    with fresh.app_context():
        run(lambda: db.session.execute(text("SELECT 1")))
        head = _seal()
        for _ in range(3):
            for _ in range(10):
                run(_act)
            head = _seal()
        assert head is not None
        yield head


def _act() -> None:
    audit.write("act", subject=("thing", new_id()), by=SYSTEM, now=NOW, after={"a": 1})


def _seal() -> Head | None:
    return run(lambda: seals.seal(now=NOW))


def _faults(heads: tuple[Head, ...] = ()) -> list[str]:
    with unit_of_work():
        return list(seals.find_tampering(heads))


def _tamper(*statements: str) -> None:
    """Change rows as somebody who owns the database could."""

    def unit() -> None:
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            db.session.execute(text(statement))

    run(unit)


def test_an_honest_chain_holds(sealed: Head) -> None:
    assert _faults((sealed,)) == []
    assert _seal() is None
    rows, closed = run(seals.count_rows)
    assert rows == closed > 30


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (["UPDATE audit_row SET outcome = 'x' WHERE id = {row}"], "was altered"),
        (["UPDATE audit_row SET at = at + interval '1 s' WHERE id = {row}"], "was altered"),
        (["UPDATE audit_row SET user_id = id WHERE id = {row}"], "was altered"),
        (["DELETE FROM audit_row WHERE id = {row}"], "is missing"),
        (
            [
                "DELETE FROM audit_leaf WHERE row_id = {row}",
                "DELETE FROM audit_row WHERE id = {row}",
            ],
            "leaves",
        ),
        (
            [
                "UPDATE audit_leaf SET leaf = -leaf - 1 WHERE seal_number = 2 AND leaf < 2",
                "UPDATE audit_leaf SET leaf = leaf + 2 WHERE leaf = -1",
                "UPDATE audit_leaf SET leaf = 0 WHERE leaf = -2",
                "UPDATE audit_leaf SET leaf = 1 WHERE leaf = 2 AND seal_number = 99",
            ],
            "leaves",
        ),
        (["UPDATE audit_seal SET root = chain WHERE number = 2"], "does not follow"),
        (["UPDATE audit_seal SET signature = chain WHERE number = 2"], "is not signed"),
        (["DELETE FROM audit_seal WHERE number = 2"], "is missing"),
        (["UPDATE audit_seal SET rows = rows - 1 WHERE number = 2"], "does not follow"),
    ],
)
def test_tampering_is_found(sealed: Head, act: list[str], words: str) -> None:
    row = run(
        lambda: db.session.scalar(text("SELECT id FROM audit_row WHERE action='act' LIMIT 1"))
    )
    _tamper(*(statement.format(row=f"'{row}'") for statement in act))
    assert any(words in fault for fault in _faults((sealed,)))


def test_a_row_put_in_behind_a_closed_batch_is_found(sealed: Head) -> None:
    _tamper(
        "INSERT INTO audit_row (id, xid, at, user_id, action, outcome, subject_kind, subject_id,"
        " request_id) SELECT gen_random_uuid(), min(xid), min(at), gen_random_uuid(), 'forged',"
        " 'done', 'thing', '1', '' FROM audit_row"
    )
    assert any("behind a closed batch" in fault for fault in _faults((sealed,)))


def test_a_tail_that_was_cut_is_found_by_the_head_kept_outside(sealed: Head) -> None:
    _tamper(
        "DELETE FROM audit_row WHERE id IN (SELECT row_id FROM audit_leaf WHERE seal_number = 4)",
        "DELETE FROM audit_leaf WHERE seal_number = 4",
        "DELETE FROM audit_seal WHERE number = 4",
    )
    assert _faults() == []
    assert _faults((sealed,)) == [
        f"seal {sealed.number}, kept outside the database, is missing or another"
    ]


@pytest.mark.parametrize("times", [100, pytest.param(10_000, marks=pytest.mark.faults)])
def test_random_tampering_is_found_every_time(sealed: Head, times: int) -> None:
    chance = random.Random(SEED)
    columns = ["action", "outcome", "subject_kind", "subject_id", "request_id"]
    ids: list[UUID] = run(
        lambda: list(db.session.scalars(text("SELECT id FROM audit_row WHERE action = 'act'")))
    )
    for _ in range(times):
        row, column = chance.choice(ids), chance.choice(columns)
        before = f"UPDATE audit_row SET {column} = {column} || 'x' WHERE id = '{row}'"  # noqa: S608
        after = f"UPDATE audit_row SET {column} = left({column}, -1) WHERE id = '{row}'"  # noqa: S608
        _tamper(before)
        assert _faults((sealed,)) == [f"row {row} of seal {_seal_of(row)} was altered"]
        _tamper(after)
    assert _faults((sealed,)) == []


def _seal_of(row: UUID) -> int:
    statement = text("SELECT seal_number FROM audit_leaf WHERE row_id = :row")
    return run(lambda: int(db.session.execute(statement, {"row": row}).scalar_one()))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_row SET outcome = 'x'",
        "DELETE FROM audit_row",
        "TRUNCATE audit_leaf",
        "DELETE FROM event_log",
        "UPDATE ledger_posting SET amount_fen = 1",
        "DELETE FROM ledger_transfer",
    ],
)
def test_the_database_refuses_to_change_what_was_written(fresh: Flask, statement: str) -> None:
    with fresh.app_context(), pytest.raises(DBAPIError, match="append-only"):
        run(lambda: db.session.execute(text(statement)))


def test_postings_that_do_not_balance_are_refused_by_the_database(fresh: Flask) -> None:
    def unit() -> None:
        transfer, account = new_id(), new_id()
        bound = {"t": transfer, "a": account, "n": NOW, "p": new_id()}
        for statement in (
            "INSERT INTO ledger_account VALUES (:a, 'kind', :a)",
            "INSERT INTO ledger_transfer (id, kind, reference, at) VALUES (:t, 'k', 'r', :n)",
            POSTING,
        ):
            db.session.execute(text(statement), bound)

    with fresh.app_context(), pytest.raises(DBAPIError, match="do not balance"):
        run(unit)


def test_rows_of_a_running_transaction_wait_for_the_next_batch(sealed: Head) -> None:
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_current_xact_id()"))
        run(_act)
        assert _seal() is None
    assert _seal() == Head(sealed.number + 1, _last_chain())
    assert _faults() == []


def _last_chain() -> bytes:
    statement = text("SELECT chain FROM audit_seal ORDER BY number DESC LIMIT 1")
    return run(lambda: bytes(db.session.execute(statement).scalar_one()))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8])
def test_a_root_depends_on_every_leaf_and_their_order(size: int) -> None:
    leaves = [bytes([i + 1]) * 32 for i in range(size)]
    root = merkle_root(leaves)
    assert (root == GENESIS) is (size == 0)
    roots = {merkle_root([*leaves[:i], b"x" * 32, *leaves[i + 1 :]]) for i in range(size)}
    assert len(roots) == size
    assert root not in roots
    if size > 1:
        assert merkle_root(leaves[::-1]) != root
