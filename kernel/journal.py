"""What a transaction leaves behind as its last act, in one statement.

Audit rows, facts with their deliveries, and the answer kept for an idempotency key are noted in
memory while the transaction runs and written together just before it commits: one round trip
instead of four, and the rows that everybody writes are touched last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import TextClause, text

from kernel.arrays import array
from kernel.database import db
from kernel.unit_of_work import after_commit, before_commit

KEY = "bangfu_journal"
ACTS = {
    "id": "uuid",
    "at": "timestamptz",
    "user_id": "uuid",
    "organisation_id": "uuid",
    "action": "text",
    "outcome": "text",
    "subject_kind": "text",
    "subject_id": "text",
    "before_hash": "bytea",
    "after_hash": "bytea",
    "request_id": "text",
}
FACTS = {
    "id": "uuid",
    "kind": "text",
    "payload": "jsonb",
    "recorded_at": "timestamptz",
    "request_id": "text",
}
DELIVERIES = {"event_id": "uuid", "handler": "text", "due_at": "timestamptz"}
ANSWER = """UPDATE idempotency_key
SET status = :status, headers = CAST(:headers AS jsonb), body = :body
WHERE principal_id = :principal_id AND key = :key"""


@dataclass
class Journal:
    """What was noted in this transaction and is not yet written."""

    acts: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None


def journal() -> Journal:
    """Give this transaction's journal; it is written as the last act before COMMIT."""
    found: Journal | None = db.session.info.get(KEY)
    if found is None:
        found = db.session.info[KEY] = Journal()
        before_commit(write_journal)
    return found


def when_committed(act: Callable[[], None]) -> None:
    """Do something outside the database once this transaction stands; never otherwise."""
    after_commit(act)


def write_journal() -> None:
    """Write what is noted so far."""
    noted: Journal | None = db.session.info.pop(KEY, None)
    if noted is None:
        return
    shape = (bool(noted.acts), bool(noted.facts), bool(noted.deliveries), noted.answer is not None)
    if not any(shape):
        return
    bound = {
        **_columns("a", ACTS, noted.acts),
        **_columns("f", FACTS, noted.facts),
        **_columns("d", DELIVERIES, noted.deliveries),
        **(noted.answer or {}),
    }
    db.session.execute(_STATEMENTS[shape], bound)


def _columns(letter: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {}
    return {f"{letter}_{name}": array(row[name] for row in rows) for name in columns}


def _insert(table: str, letter: str, columns: dict[str, str]) -> str:
    """Insert rows given as one array a column; `jsonb` comes as text."""
    given = ", ".join(
        f"CAST(:{letter}_{name} AS {'text' if kind == 'jsonb' else kind}[])"
        for name, kind in columns.items()
    )
    names = ", ".join(columns)
    shown = ", ".join(f"CAST({n} AS jsonb)" if k == "jsonb" else n for n, k in columns.items())
    return f"INSERT INTO {table} ({names}) SELECT {shown} FROM unnest({given}) AS g({names})"  # noqa: S608


def _statement(shape: tuple[bool, bool, bool, bool]) -> TextClause:
    parts = [
        _insert("audit_row", "a", ACTS),
        _insert("event_log", "f", FACTS),
        _insert("event_delivery", "d", DELIVERIES),
        ANSWER,
    ]
    wanted = [part for part, there in zip(parts, shape, strict=True) if there]
    *before, last = wanted
    named = ", ".join(f"part_{index} AS ({part})" for index, part in enumerate(before))
    return text(f"WITH {named} {last}" if before else last)


_STATEMENTS = {
    shape: _statement(shape)
    for number in range(1, 16)
    for shape in [(bool(number & 8), bool(number & 4), bool(number & 2), bool(number & 1))]
}
