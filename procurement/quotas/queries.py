"""Which quotas an actor sees, what happened to them, and what an order holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.holds import EntryKind
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import one
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaHold, QuotaId
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
        )
        .select_from(QuotaEntry)
        .outerjoin(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
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


def _seen(actor: Actor) -> Select[Quota]:
    return select(Quota).join(Organisation, Organisation.id == Quota.unit_id).where(visible(actor))
