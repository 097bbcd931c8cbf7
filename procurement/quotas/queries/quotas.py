"""Which quotas an actor sees, what happened to them, and what an order holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.holds import EntryKind
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import one
from procurement.policies.models import OrderKind
from procurement.quotas.models import (
    Fund,
    MoveKind,
    Quota,
    QuotaEntry,
    QuotaHold,
    QuotaId,
    QuotaMove,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.models import OriginKind


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry with the order behind it, where there is one; amounts are differences in fen."""

    position: int
    kind: EntryKind
    held_fen: Fen
    spent_fen: Fen
    accepted_fen: Fen
    ceiling_fen: Fen
    floor_fen: Fen
    at: datetime
    order_id: UUID | None
    origin_kind: OriginKind | None
    order_kind: OrderKind | None
    move_kind: MoveKind | None
    move_source: str | None


def find_quota(actor: Actor, *, unit_id: OrganisationId, year: int, fund: Fund) -> Quota | None:
    """Give the quota of a unit's year and fund, if there is one in the actor's sight."""
    return db.session.execute(
        _seen(actor)
        .where(Quota.unit_id == unit_id, Quota.year == year, Quota.fund == fund)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def get_quota(actor: Actor, *, unit_id: OrganisationId, year: int, fund: Fund) -> Quota:
    """Give the quota of a unit's year and fund, or NotFound."""
    quota = find_quota(actor, unit_id=unit_id, year=year, fund=fund)
    if quota is None:
        raise NotFound
    return quota


def get_quota_by_id(actor: Actor, quota_id: QuotaId) -> Quota:
    """Give a quota in the actor's sight, or NotFound."""
    return one(_seen(actor).where(Quota.id == quota_id).execution_options(populate_existing=True))


def find_counterpart(actor: Actor, quota_id: QuotaId, *, unit_id: OrganisationId) -> QuotaId | None:
    """Find the quota of another unit that has the same year and fund."""
    return list_counterparts(actor, quota_id, [unit_id]).get(unit_id)


def list_counterparts(
    actor: Actor, quota_id: QuotaId, unit_ids: Sequence[OrganisationId]
) -> dict[OrganisationId, QuotaId]:
    """Find the quotas of other units that have the same year and fund, in the order asked for."""
    del actor  # the units were found in sight, or have consented
    asked, other = aliased(Quota), aliased(Quota)
    rows = db.session.execute(
        select(other.unit_id, other.id)
        .join(asked, and_(asked.year == other.year, asked.fund == other.fund))
        .where(asked.id == quota_id, other.unit_id.in_(unit_ids))
    )
    found = {row[0]: row[1] for row in rows}
    return {unit_id: found[unit_id] for unit_id in unit_ids if unit_id in found}


def find_available(actor: Actor, quota_id: QuotaId) -> Fen | None:
    """Give what may still be ordered from a quota at this moment (fen)."""
    del actor
    return db.session.execute(
        select(Quota.ceiling_fen - Quota.held_fen - Quota.spent_fen).where(Quota.id == quota_id)
    ).scalar_one_or_none()


def list_entries(
    actor: Actor, quota_id: QuotaId, *, limit: int, cursor: str | None
) -> Page[EntryView]:
    """List what happened to a quota in the actor's sight, the latest first, or NotFound."""
    one(_seen(actor).where(Quota.id == quota_id))
    found = page(
        select(
            QuotaEntry.position,
            QuotaEntry.kind,
            QuotaEntry.held,
            QuotaEntry.spent,
            QuotaEntry.accepted_fen,
            QuotaEntry.ceiling_fen,
            QuotaEntry.floor_fen,
            QuotaEntry.at,
            QuotaHold.order_id,
            QuotaHold.origin_kind,
            QuotaHold.order_kind,
            QuotaMove.kind,
            QuotaMove.source,
        )
        .select_from(QuotaEntry)
        .outerjoin(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
        .outerjoin(QuotaMove, QuotaMove.id == QuotaEntry.move_id)
        .where(QuotaEntry.counter_id == quota_id),
        keys=[(QuotaEntry.position, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"quota": quota_id},
    )
    return Page([EntryView(*row) for row in found.items], found.next_cursor)


def list_holds(actor: Actor, order_id: UUID) -> Sequence[QuotaHold]:
    """Give what an order holds or held, by origin kind; the caller has been shown the order."""
    del actor
    return (
        db.session.execute(
            select(QuotaHold)
            .where(QuotaHold.order_id == order_id)
            .order_by(QuotaHold.origin_kind)
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def lock_order_quotas(actor: Actor, order_id: UUID) -> set[QuotaId]:
    """Lock the quotas that an order's holds count against; give which they are.

    A hold may have moved while its quota was waited for: who finds it elsewhere locks again.
    """
    del actor
    of_order = select(QuotaHold.counter_id).where(QuotaHold.order_id == order_id)
    return set(
        db.session.execute(
            select(Quota.id)
            .where(Quota.id.in_(of_order))
            .order_by(Quota.id)
            .with_for_update(key_share=True)
        ).scalars()
    )


def lock_quotas(actor: Actor, quota_ids: Collection[QuotaId]) -> dict[QuotaId, Quota]:
    """Lock quotas by key, as everybody does, and give them as they stand now."""
    del actor
    found = db.session.scalars(
        select(Quota)
        .where(Quota.id.in_(quota_ids))
        .order_by(Quota.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {quota.id: quota for quota in found}


def lock_holds(
    actor: Actor, *, quota_id: QuotaId, order_id: UUID | None = None
) -> Sequence[QuotaHold]:
    """Lock the holds that count against a locked quota, of one order or of all."""
    del actor
    statement = select(QuotaHold).where(QuotaHold.counter_id == quota_id)
    if order_id is not None:
        statement = statement.where(QuotaHold.order_id == order_id)
    return db.session.scalars(
        statement.order_by(QuotaHold.id).with_for_update().execution_options(populate_existing=True)
    ).all()


def _seen(actor: Actor) -> Select[Quota]:
    return select(Quota).join(Organisation, Organisation.id == Quota.unit_id).where(visible(actor))
