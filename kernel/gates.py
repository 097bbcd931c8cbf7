"""Gates: two-phase holds against a limit that two requests at once cannot pass.

A gate is a counter row (limit, held, spent), a hold per purpose, and append-only entries.
Taking, posting, releasing and refunding are one statement each: it locks the counters in key
order, moves them under the condition, and writes holds and entries beside them. A CHECK on the
counter's table stands behind the condition. The statements go past the session: rows of counters
and holds that were loaded before are old afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Integer,
    Table,
    TextClause,
    Uuid,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute

from kernel.arrays import array
from kernel.database import Base, db
from kernel.errors import HoldSpent
from kernel.holds import EntryKind, FenHold
from kernel.identity import new_id


@dataclass(frozen=True)
class Want:
    """So much of a counter for one purpose; `extras` fill further columns of the hold."""

    counter_id: UUID
    source_id: UUID
    amount: Decimal | int
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """So much of an existing hold; `None` means whatever is left of it, even nothing."""

    counter_id: UUID
    source_id: UUID
    amount: Decimal | int | None = None


_TAKE = """
WITH want AS (
  SELECT * FROM unnest(CAST(:counter_ids AS uuid[]), CAST(:source_ids AS uuid[]),
    CAST(:amounts AS {number}[]), CAST(:hold_ids AS uuid[]), CAST(:entry_ids AS uuid[]){arrays})
    AS w(counter_id, source_id, amount, hold_id, entry_id{names})
), total AS (
  SELECT counter_id, sum(amount) AS amount FROM want GROUP BY counter_id
), locked AS (
  SELECT c.id, c.{held} + c.{spent} + total.amount <= c.{limit} AND ({when}) AS fits
  FROM {counter} c JOIN total ON total.counter_id = c.id ORDER BY c.id FOR NO KEY UPDATE OF c
), verdict AS (
  SELECT count(*) FILTER (WHERE fits) = (SELECT count(*) FROM total) AS all_fit FROM locked
), taken AS (
  UPDATE {counter} c SET {held} = c.{held} + total.amount FROM total, verdict
  WHERE c.id = total.counter_id AND verdict.all_fit
    AND c.{held} + c.{spent} + total.amount <= c.{limit} AND ({when})
  RETURNING c.id
), holds AS (
  INSERT INTO {hold} AS h (id, counter_id, source, source_id, amount, held_at, expires_at{names})
  SELECT hold_id, counter_id, :source, source_id, amount, :now, :expires_at{names}
  FROM want JOIN taken ON taken.id = want.counter_id {again}
  RETURNING h.id, h.counter_id, h.source_id
), entries AS (
  INSERT INTO {entry} (id, counter_id, hold_id, kind, held, spent, at)
  SELECT entry_id, counter_id, holds.id, 'hold', amount, 0, :now
  FROM want JOIN holds USING (counter_id, source_id)
)
SELECT id FROM taken UNION ALL
SELECT id FROM locked, verdict WHERE fits AND NOT all_fit
"""

_AGAIN = """
  ON CONFLICT (source_id, counter_id, source) DO UPDATE SET held_at = :now,
    expires_at = :expires_at, released = greatest(h.released - excluded.amount, 0),
    amount = h.amount + greatest(excluded.amount - h.released, 0)
"""

_END = """
WITH move AS (
  SELECT * FROM unnest(CAST(:counter_ids AS uuid[]), CAST(:source_ids AS uuid[]),
    CAST(:amounts AS {number}[]), CAST(:entry_ids AS uuid[]))
    AS m(counter_id, source_id, amount, entry_id)
), locked AS (
  SELECT c.id FROM {counter} c WHERE c.id = ANY(CAST(:counter_ids AS uuid[]))
  ORDER BY c.id FOR NO KEY UPDATE
), due AS (
  SELECT h.id, coalesce(move.amount, {left}) AS amount, move.amount IS NOT NULL AS named, entry_id
  FROM move JOIN locked ON locked.id = move.counter_id
  JOIN {hold} h ON h.counter_id = move.counter_id AND h.source_id = move.source_id
    AND h.source = :source
  FOR NO KEY UPDATE OF h
), ended AS (
  UPDATE {hold} h SET {change} FROM due
  WHERE h.id = due.id AND due.amount > 0 AND due.amount <= {left}
  RETURNING h.id, h.counter_id, due.amount, due.named, due.entry_id
), counters AS (
  UPDATE {counter} c SET {held} = c.{held} + t.amount * {held_sign},
    {spent} = c.{spent} + t.amount * {spent_sign}
  FROM (SELECT counter_id, sum(amount) AS amount FROM ended GROUP BY counter_id) t
  WHERE c.id = t.counter_id
), entries AS (
  INSERT INTO {entry} (id, counter_id, hold_id, kind, held, spent, at)
  SELECT entry_id, counter_id, id, :kind, amount * {held_sign}, amount * {spent_sign}, :now
  FROM ended
)
SELECT count(*) FILTER (WHERE named) FROM ended
"""

_EXTEND = """
UPDATE {hold} SET expires_at = :expires_at
WHERE source = :source AND source_id = ANY(CAST(:source_ids AS uuid[]))
"""

_DIFFERENCES = """
SELECT c.id, c.{held} AS held, c.{spent} AS spent, e.held AS entries_held, e.spent AS entries_spent
FROM {counter} c
LEFT JOIN (SELECT counter_id, sum(held) AS held, sum(spent) AS spent FROM {entry}
           GROUP BY counter_id) e ON e.counter_id = c.id
LEFT JOIN (SELECT counter_id, sum(amount - posted - released) AS held FROM {hold}
           GROUP BY counter_id) h ON h.counter_id = c.id
WHERE c.{held} <> coalesce(e.held, 0) OR c.{spent} <> coalesce(e.spent, 0)
   OR c.{held} <> coalesce(h.held, 0) OR c.{held} < 0 OR c.{spent} < 0
   OR c.{held} + c.{spent} > c.{limit}
"""

_UNENDED = "h.amount - h.posted - h.released"


@dataclass(frozen=True)
class Gate:
    """One kind of counter with its limit, holds and entries.

    `hold` has a `counter_id` and the columns named in `extras`; `entry` has `counter_id` and
    `hold_id`. `when` is SQL over the counter `c` and named parameters that taking demands too.
    """

    counter: type[Base]
    limit: InstrumentedAttribute[Any]
    held: InstrumentedAttribute[Any]
    spent: InstrumentedAttribute[Any]
    hold: type[Base]
    entry: type[Base]
    when: str = "true"
    extras: tuple[str, ...] = ()

    def take(
        self,
        source: str,
        wants: Sequence[Want],
        *,
        expires_at: datetime | None,
        now: datetime,
        parameters: Mapping[str, Any] | None = None,
        again: bool = False,
    ) -> set[UUID]:
        """Hold all wants and return the counters that refused; empty means everything is held.

        Wants of one counter are one demand. If one counter refuses, nothing is held anywhere.
        A purpose is held once; `again`, its hold takes back what it had released.
        """
        bound = {
            "counter_ids": array(want.counter_id for want in wants),
            "source_ids": array(want.source_id for want in wants),
            "amounts": array(want.amount for want in wants),
            "hold_ids": array(new_id() for _ in wants),
            "entry_ids": array(new_id() for _ in wants),
            "source": source,
            "now": now,
            "expires_at": expires_at,
            **{name: array(want.extras[name] for want in wants) for name in self.extras},
            **(parameters or {}),
        }
        fitting = set(db.session.execute(self._takes[again], bound).scalars())
        return {want.counter_id for want in wants} - fitting

    def post(self, source: str, moves: Sequence[Move], *, now: datetime) -> None:
        """Turn held into spent (HoldSpent where a hold has not that much left)."""
        self._end(source, moves, EntryKind.POST, now=now)

    def release(
        self, source: str, moves: Sequence[Move], *, now: datetime, expired: bool = False
    ) -> None:
        """Give held back (HoldSpent where a hold has not that much left)."""
        self._end(source, moves, EntryKind.EXPIRE if expired else EntryKind.RELEASE, now=now)

    def refund(self, source: str, moves: Sequence[Move], *, now: datetime) -> None:
        """Give spent back (HoldSpent where a hold has not posted that much)."""
        self._end(source, moves, EntryKind.REFUND, now=now)

    def extend(self, source: str, source_ids: Iterable[UUID], *, expires_at: datetime) -> None:
        """Say of holds that they lapse at another instant; nothing moves."""
        bound = {"source": source, "source_ids": list(source_ids), "expires_at": expires_at}
        db.session.execute(text(_EXTEND.format(**self._names)), bound)

    def differences(self) -> TextClause:
        """Ask for counters that their entries or open holds do not explain; there must be none."""
        return text(_DIFFERENCES.format(**self._names))

    def _end(self, source: str, moves: Sequence[Move], kind: EntryKind, *, now: datetime) -> None:
        merged = _merge(moves)
        if not merged:
            return
        bound = {
            "counter_ids": array(move.counter_id for move in merged),
            "source_ids": array(move.source_id for move in merged),
            "amounts": array(move.amount for move in merged),
            "entry_ids": array(new_id() for _ in merged),
            "source": source,
            "kind": kind.value,
            "now": now,
        }
        ended = db.session.execute(self._ends[kind], bound).scalar_one()
        if ended != sum(move.amount is not None for move in merged):
            raise HoldSpent

    @cached_property
    def _names(self) -> dict[str, str]:
        return {
            "counter": cast("Table", self.counter.__table__).name,
            "hold": cast("Table", self.hold.__table__).name,
            "entry": cast("Table", self.entry.__table__).name,
            "limit": self.limit.key,
            "held": self.held.key,
            "spent": self.spent.key,
            "number": "bigint" if issubclass(self.hold, FenHold) else "numeric",
        }

    @cached_property
    def _takes(self) -> tuple[TextClause, TextClause]:
        return self._taking(again=""), self._taking(again=_AGAIN)

    def _taking(self, *, again: str) -> TextClause:
        return text(
            _TAKE.format(
                **self._names,
                again=again,
                when=self.when,
                names="".join(f", {name}" for name in self.extras),
                arrays="".join(
                    f", CAST(:{name} AS {self._array_of(name)}[])" for name in self.extras
                ),
            )
        )

    def _array_of(self, name: str) -> str:
        column = cast("Table", self.hold.__table__).c[name]
        if isinstance(column.type, Integer):
            return "integer"
        return "uuid" if isinstance(column.type, Uuid) else "text"

    @cached_property
    def _ends(self) -> dict[EntryKind, TextClause]:
        back = {"left": _UNENDED, "change": "released = h.released + due.amount"}
        give_back = _END.format(**self._names, **back, held_sign="-1", spent_sign="0")
        post = _END.format(
            **self._names,
            left=_UNENDED,
            change="posted = h.posted + due.amount",
            held_sign="-1",
            spent_sign="1",
        )
        refund = _END.format(
            **self._names,
            left="h.posted",
            change="posted = h.posted - due.amount, released = h.released + due.amount",
            held_sign="0",
            spent_sign="-1",
        )
        return {
            EntryKind.POST: text(post),
            EntryKind.RELEASE: text(give_back),
            EntryKind.EXPIRE: text(give_back),
            EntryKind.REFUND: text(refund),
        }


def _merge(moves: Sequence[Move]) -> list[Move]:
    """Make one move of several on one hold; moves of nothing fall away."""
    merged: dict[tuple[UUID, UUID], Decimal | int | None] = {}
    for move in moves:
        key = (move.counter_id, move.source_id)
        before = merged.get(key, 0)
        whole = move.amount is None or before is None
        merged[key] = None if whole else (before or 0) + (move.amount or 0)
    return [Move(*key, amount) for key, amount in merged.items() if amount is None or amount > 0]
