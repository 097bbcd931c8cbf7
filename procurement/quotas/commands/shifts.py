"""The gate of moves: several quotas change together, each within its ceiling, or none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.arrays import array
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.quotas import QuotaExceeded
from procurement.quotas.models import MoveId, MoveKind, QuotaHold, QuotaId, QuotaMove
from procurement.quotas.queries import quotas as queries

NOTHING = Fen(0)
_FIGURES = ("held", "spent", "accepted", "ceiling", "floor")
_FITS = """
  q.held_fen + t.held >= 0 AND q.spent_fen + t.spent >= 0 AND q.floor_fen + t.floor >= 0
  AND q.held_fen + t.held + q.spent_fen + t.spent <= q.ceiling_fen + t.ceiling
"""
_SHIFT = text(
    f"""
WITH shift AS (
  SELECT * FROM unnest(CAST(:entry_ids AS uuid[]), CAST(:counter_ids AS uuid[]),
    CAST(:hold_ids AS uuid[]), {", ".join(f"CAST(:{one} AS bigint[])" for one in _FIGURES)})
    AS s(entry_id, counter_id, hold_id, {", ".join(_FIGURES)})
), total AS (
  SELECT counter_id, {", ".join(f"sum({one}) AS {one}" for one in _FIGURES)}
  FROM shift GROUP BY counter_id
), locked AS (
  SELECT q.id, {_FITS} AS fits FROM quota q JOIN total t ON t.counter_id = q.id
  ORDER BY q.id FOR NO KEY UPDATE OF q
), verdict AS (
  SELECT count(*) FILTER (WHERE fits) = (SELECT count(*) FROM total) AS all_fit FROM locked
), shifted AS (
  UPDATE quota q SET held_fen = q.held_fen + t.held, spent_fen = q.spent_fen + t.spent,
    ceiling_fen = q.ceiling_fen + t.ceiling, floor_fen = q.floor_fen + t.floor
  FROM total t, verdict WHERE q.id = t.counter_id AND verdict.all_fit AND {_FITS}
  RETURNING q.id
), entries AS (
  INSERT INTO quota_entry (id, counter_id, hold_id, move_id, kind, held, spent, accepted_fen,
    ceiling_fen, floor_fen, at)
  SELECT entry_id, counter_id, hold_id, :move_id, 'adjust', held, spent, accepted, ceiling, floor,
    :now
  FROM shift JOIN shifted ON shifted.id = shift.counter_id
)
SELECT id FROM shifted UNION ALL SELECT id FROM locked, verdict WHERE fits AND NOT all_fit
"""  # noqa: S608 - made of the names above
)


@dataclass(frozen=True, slots=True)
class Shift:
    """What one entry changes, as differences in fen; with a hold, it is about that hold."""

    quota_id: QuotaId
    ceiling: Fen = NOTHING
    floor: Fen = NOTHING
    held: Fen = NOTHING
    spent: Fen = NOTHING
    accepted: Fen = NOTHING
    hold_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why quotas move, from which to which, and what it rests on."""

    kind: MoveKind
    source: str
    from_id: QuotaId | None = None
    to_id: QuotaId | None = None
    order_id: UUID | None = None


def move(reason: Reason, shifts: Sequence[Shift], *, by: Actor, now: datetime) -> QuotaMove:
    """Write a move with its entries and change the counters, all of it or nothing.

    Refuses QuotaExceeded where a quota has not that much free; the refusal names the first.
    """
    made = QuotaMove(
        id=MoveId(new_id()),
        kind=reason.kind,
        from_id=reason.from_id,
        to_id=reason.to_id,
        order_id=reason.order_id,
        source=reason.source,
        moved_by=by.user_id,
        at=now,
    )
    db.session.add(made)
    db.session.flush()
    refused = shift_quotas(shifts, move_id=made.id, now=now)
    if refused:
        _refuse(min(refused), shifts)
    audit.write(
        f"quota_{reason.kind.value}",
        subject=("quota", reason.from_id or reason.to_id or made.id),
        by=by,
        now=now,
        after={"move": made.id, "ceiling": sum(max(one.ceiling, 0) for one in shifts)},
    )
    return made


def shifts_of(
    holds: Sequence[QuotaHold], *, from_id: QuotaId, to_id: QuotaId, with_room: bool
) -> list[Shift]:
    """Let what orders hold, spent and took in count against another quota; a pair of each.

    `with_room` takes as much of the ceiling along; without it the other quota must have it free.
    """
    shifts = []
    for one in holds:
        left = Fen(one.amount - one.posted - one.released)
        room = Fen(left + one.posted if with_room else 0)
        if left or one.posted or one.accepted_fen:
            for quota_id, sign in ((from_id, -1), (to_id, 1)):
                shift = Shift(
                    quota_id,
                    held=Fen(sign * left),
                    spent=Fen(sign * one.posted),
                    accepted=Fen(sign * one.accepted_fen),
                    ceiling=Fen(sign * room),
                    hold_id=one.id,
                )
                shifts.append(shift)
    return shifts


def repoint(holds: Sequence[QuotaHold], *, to_id: QuotaId) -> None:
    """Let locked holds be holds of another quota; its counters were shifted before."""
    bound = {"hold_ids": array(one.id for one in holds), "to_id": to_id}
    db.session.execute(_REPOINT, bound)


_REPOINT = text(
    "UPDATE quota_hold SET counter_id = :to_id WHERE id = ANY(CAST(:hold_ids AS uuid[]))"
)


def shift_quotas(shifts: Sequence[Shift], *, move_id: MoveId, now: datetime) -> set[QuotaId]:
    """Change the counters and write the entries; give the quotas that refused, then nothing is.

    The quotas are locked by key. A CHECK on their table stands behind the condition.
    """
    done = db.session.execute(
        _SHIFT,
        {
            "entry_ids": array(new_id() for _ in shifts),
            "counter_ids": array(one.quota_id for one in shifts),
            "hold_ids": array(one.hold_id for one in shifts),
            **{name: array(getattr(one, name) for one in shifts) for name in _FIGURES},
            "move_id": move_id,
            "now": now,
        },
    ).scalars()
    return {one.quota_id for one in shifts} - set(done)


def _refuse(quota_id: QuotaId, shifts: Sequence[Shift]) -> None:
    of_it = [one for one in shifts if one.quota_id == quota_id]
    raise QuotaExceeded(
        available_fen=queries.find_available(SYSTEM, quota_id) or NOTHING,
        wanted_fen=Fen(sum(one.held + one.spent - one.ceiling for one in of_it)),
    )
