"""Giving part of a quota to subordinate units, and taking back what they did not use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.actor import SYSTEM, Actor
from kernel.money import Fen
from procurement.quotas import rules
from procurement.quotas.commands.opening import ensure_quota
from procurement.quotas.commands.shifts import Reason, Shift, move
from procurement.quotas.models import MoveKind, Quota, QuotaId
from procurement.quotas.queries import moves
from procurement.quotas.queries import quotas as queries
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation


@dataclass(frozen=True, slots=True)
class AllocationPart:
    """What one unit is given, or what is taken back from it, in fen."""

    unit_id: OrganisationId
    ceiling_fen: Fen
    floor_fen: Fen


@dataclass(frozen=True, slots=True)
class NewAllocation:
    """Parts for units under the one that gives, each unit once, and what they rest on."""

    parts: Sequence[AllocationPart]
    source: str


@dataclass(frozen=True, slots=True)
class Allocated:
    """The quota that gave or took back, and the other ones in the order of the request."""

    quota: Quota
    quotas: Sequence[Quota]


def allocate(quota_id: QuotaId, new: NewAllocation, *, by: Actor, now: datetime) -> Allocated:
    """Give parts of a quota's free ceiling and share to units under its unit, all or none.

    A unit without a quota of the year and fund gets one. Refuses NotFound, NotAllowed,
    AllocationUnfit, YearClosed, QuotaExceeded, FloorShort.
    """
    unit = _giver(quota_id, new, by=by)
    _check_units(new, above=unit, by=by)
    quota = queries.get_quota_by_id(by, quota_id)
    to_ids = {
        one: ensure_quota(one, year=quota.year, fund=quota.fund)
        for one in sorted(part.unit_id for part in new.parts)
    }
    locked = queries.lock_quotas(SYSTEM, {quota_id, *to_ids.values()})
    for one in locked.values():
        rules.check_open(one, now=now)
    rules.check_leaving(
        locked[quota_id],
        ceiling=Fen(sum(part.ceiling_fen for part in new.parts)),
        floor=Fen(sum(part.floor_fen for part in new.parts)),
    )
    for part in new.parts:
        _move(MoveKind.ALLOCATION, quota_id, to_ids[part.unit_id], part, new, by=by, now=now)
    return _allocated(quota_id, [to_ids[part.unit_id] for part in new.parts])


def recall(quota_id: QuotaId, new: NewAllocation, *, by: Actor, now: datetime) -> Allocated:
    """Take back what was allocated out of a quota and is neither held nor spent, all or none.

    Refuses NotFound, NotAllowed, AllocationUnfit, YearClosed, AllocationExceeded,
    QuotaExceeded, FloorShort.
    """
    unit = _giver(quota_id, new, by=by)
    _check_units(new, above=unit, by=by)
    from_ids = queries.list_counterparts(SYSTEM, quota_id, [one.unit_id for one in new.parts])
    locked = queries.lock_quotas(SYSTEM, {quota_id, *from_ids.values()})
    for one in locked.values():
        rules.check_open(one, now=now)
    for part in new.parts:
        from_id = from_ids.get(part.unit_id)
        allocated = (Fen(0), Fen(0))
        if from_id is not None:
            allocated = moves.sum_allocated(SYSTEM, quota_id, to_id=from_id)
        rules.check_recall(allocated=allocated, ceiling=part.ceiling_fen, floor=part.floor_fen)
        if from_id is not None:
            quota = locked[from_id]
            rules.check_leaving(quota, ceiling=part.ceiling_fen, floor=part.floor_fen)
            _move(MoveKind.RECALL, from_id, quota_id, part, new, by=by, now=now)
    return _allocated(quota_id, list(from_ids.values()))


def _giver(quota_id: QuotaId, new: NewAllocation, *, by: Actor) -> Organisation:
    check_clear_of_identity(new.source, pointer="/source")
    unit = get_organisation(by, queries.get_quota_by_id(by, quota_id).unit_id)
    rules.check_manages(by, unit=unit)
    return unit


def _check_units(new: NewAllocation, *, above: Organisation, by: Actor) -> None:
    units = moves.find_units(by, [part.unit_id for part in new.parts])
    seen: set[OrganisationId] = set()
    for position, part in enumerate(new.parts):
        unit = None if part.unit_id in seen else units.get(part.unit_id)
        rules.check_subordinate(unit, above=above, pointer=f"/parts/{position}/unit_id")
        seen.add(part.unit_id)


def _move(
    kind: MoveKind,
    from_id: QuotaId,
    to_id: QuotaId,
    part: AllocationPart,
    new: NewAllocation,
    *,
    by: Actor,
    now: datetime,
) -> None:
    shifts = [
        Shift(from_id, ceiling=Fen(-part.ceiling_fen), floor=Fen(-part.floor_fen)),
        Shift(to_id, ceiling=part.ceiling_fen, floor=part.floor_fen),
    ]
    move(Reason(kind, new.source, from_id, to_id), shifts, by=by, now=now)


def _allocated(quota_id: QuotaId, others: Sequence[QuotaId]) -> Allocated:
    now_so = queries.lock_quotas(SYSTEM, {quota_id, *others})
    return Allocated(now_so[quota_id], [now_so[one] for one in others])
