"""What moved quotas, which years are due to be closed, and the settings that hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Uuid,
    and_,
    any_,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import one
from procurement.quotas.models import (
    MoveKind,
    Quota,
    QuotaEntry,
    QuotaId,
    QuotaMove,
    QuotaSetting,
    QuotaWarning,
    SettingKind,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.rules import NATION, ancestor_codes

WHOLE_BP = 10_000


def find_units(
    actor: Actor, unit_ids: Collection[OrganisationId]
) -> dict[OrganisationId, Organisation]:
    """Find organisations in the actor's sight, by id."""
    found = db.session.scalars(
        select(Organisation).where(Organisation.id.in_(unit_ids), visible(actor))
    )
    return {unit.id: unit for unit in found}


def is_live(actor: Actor, unit_id: OrganisationId) -> bool:
    """Say whether a unit has not ended."""
    del actor  # who asks serves the unit's quota
    live = select(Organisation.id).where(
        Organisation.id == unit_id, Organisation.ended_on.is_(None)
    )
    return db.session.scalar(live) is not None


def sum_allocated(actor: Actor, quota_id: QuotaId, *, to_id: QuotaId) -> tuple[Fen, Fen]:
    """Give what one quota allocated to another and has not taken back: ceiling and share (fen)."""
    del actor  # both are locked already
    between = or_(
        and_(
            QuotaMove.kind == MoveKind.ALLOCATION,
            QuotaMove.from_id == quota_id,
            QuotaMove.to_id == to_id,
        ),
        and_(
            QuotaMove.kind == MoveKind.RECALL,
            QuotaMove.from_id == to_id,
            QuotaMove.to_id == quota_id,
        ),
    )
    row = db.session.execute(
        select(_sum(QuotaEntry.ceiling_fen), _sum(QuotaEntry.floor_fen))
        .join(QuotaMove, QuotaMove.id == QuotaEntry.move_id)
        .where(between, QuotaEntry.counter_id == to_id)
    ).one()
    return Fen(row[0]), Fen(row[1])


def sum_lapsed(actor: Actor, quota_id: QuotaId) -> Fen:
    """Give what of a quota has lapsed and did not come back since (fen)."""
    del actor  # the quota is locked already
    kinds = (MoveKind.LAPSE, MoveKind.REOPENING)
    return Fen(
        -db.session.execute(
            select(_sum(QuotaEntry.ceiling_fen))
            .join(QuotaMove, QuotaMove.id == QuotaEntry.move_id)
            .where(QuotaEntry.counter_id == quota_id, QuotaMove.kind.in_(kinds))
        ).scalar_one()
    )


def sum_filed(actor: Actor, quota_id: QuotaId) -> tuple[Fen, Fen]:
    """Give what the promise, with its revisions, put into a quota: ceiling and share (fen)."""
    del actor  # the quota is locked already
    filed = or_(QuotaEntry.move_id.is_(None), QuotaMove.kind == MoveKind.REVISION)
    row = db.session.execute(
        select(_sum(QuotaEntry.ceiling_fen), _sum(QuotaEntry.floor_fen))
        .outerjoin(QuotaMove, QuotaMove.id == QuotaEntry.move_id)
        .where(QuotaEntry.counter_id == quota_id, QuotaEntry.hold_id.is_(None), filed)
    ).one()
    return Fen(row[0]), Fen(row[1])


def list_open_of(actor: Actor, unit_id: OrganisationId, *, since: int) -> list[QuotaId]:
    """List a unit's quotas of a year or later that are not closed, by key."""
    del actor  # the system asks for a unit that has ended
    return list(
        db.session.scalars(
            select(Quota.id)
            .where(Quota.unit_id == unit_id, Quota.year >= since, Quota.closed_at.is_(None))
            .order_by(Quota.id)
        )
    )


def lock_due(
    actor: Actor, *, year: int | None, running: int, now: datetime, limit: int
) -> Sequence[Quota]:
    """Lock quotas in sight that are due to be closed.

    Of a year that is named all are waited for; else those that others hold are left to them.
    """
    return db.session.scalars(
        select(Quota)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .where(_due(actor, year=year, running=running, now=now))
        .order_by(Quota.id)
        .limit(limit)
        .with_for_update(of=Quota, skip_locked=year is None, key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def count_due(actor: Actor, *, year: int, running: int, now: datetime) -> int:
    """Count the quotas in sight that are due to be closed."""
    return db.session.execute(
        select(func.count(Quota.id))
        .join(Organisation, Organisation.id == Quota.unit_id)
        .where(_due(actor, year=year, running=running, now=now))
    ).scalar_one()


def find_setting(
    actor: Actor, kind: SettingKind, *, unit_id: OrganisationId, on: date
) -> QuotaSetting | None:
    """Find the setting that holds for a unit on a Shanghai day.

    That of the nearest unit in its line, else of the nearest region around it; of several the
    one that began last.
    """
    del actor  # settings are not secret, and the unit was found in sight
    unit = db.session.get_one(Organisation, unit_id)
    line = [part for part in unit.lineage.split("/") if part]
    around = [*ancestor_codes(unit.region_code[:6]), NATION]
    found = db.session.scalars(
        select(QuotaSetting)
        .where(
            QuotaSetting.kind == kind,
            QuotaSetting.from_on <= on,
            or_(QuotaSetting.unit_id.in_(line), QuotaSetting.region_code.in_(around)),
        )
        .order_by(QuotaSetting.from_on, QuotaSetting.id)
    )
    near = {str(unit_id): depth for depth, unit_id in enumerate(line)}

    def nearness(setting: QuotaSetting) -> tuple[bool, int]:
        if setting.unit_id is not None:
            return True, near[str(setting.unit_id)]
        return False, -around.index(setting.region_code or NATION)

    return max(reversed(found.all()), key=nearness, default=None)


def list_settings(actor: Actor, *, limit: int, cursor: str | None) -> Page[QuotaSetting]:
    """List the settings of units in sight and of regions, the newest first."""
    statement = (
        select(QuotaSetting)
        .outerjoin(Organisation, Organisation.id == QuotaSetting.unit_id)
        .where(or_(QuotaSetting.unit_id.is_(None), visible(actor)))
    )
    return page(statement, keys=[(QuotaSetting.id, True)], limit=limit, cursor=cursor, filters={})


def list_moves(
    actor: Actor, quota_id: QuotaId, *, limit: int, cursor: str | None
) -> Page[QuotaMove]:
    """List what moved a quota in the actor's sight, from it and to it, the latest first."""
    one(
        select(Quota.id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .where(Quota.id == quota_id, visible(actor))
    )
    return page(
        select(QuotaMove).where(or_(QuotaMove.from_id == quota_id, QuotaMove.to_id == quota_id)),
        keys=[(QuotaMove.position, True)],
        limit=limit,
        cursor=cursor,
        filters={"quota": quota_id},
    )


_LINE = cast(
    func.string_to_array(func.btrim(Organisation.lineage, "/"), "/"), ARRAY(Uuid(as_uuid=True))
)


def list_nearly_used(actor: Actor, *, year: int, on: date, limit: int) -> list[tuple[Quota, int]]:
    """List the year's quotas that have reached their warning level untold, with the level."""
    level = (
        select(QuotaSetting.value_bp)
        .where(
            QuotaSetting.kind == SettingKind.WARNING,
            QuotaSetting.from_on <= on,
            or_(
                QuotaSetting.unit_id == any_(_LINE),
                func.starts_with(
                    Organisation.region_code, func.rtrim(QuotaSetting.region_code, "0")
                ),
            ),
        )
        .order_by(
            func.array_position(_LINE, QuotaSetting.unit_id).desc().nulls_last(),
            func.length(func.rtrim(QuotaSetting.region_code, "0")).desc(),
            QuotaSetting.from_on.desc(),
            QuotaSetting.id.desc(),
        )
        .limit(1)
        .correlate(Organisation)
        .lateral("level")
    )
    used = Quota.held_fen + Quota.spent_fen
    told = select(QuotaWarning.id).where(
        QuotaWarning.quota_id == Quota.id,
        QuotaWarning.ceiling_fen == Quota.ceiling_fen,
        QuotaWarning.value_bp == level.c.value_bp,
    )
    rows = db.session.execute(
        select(Quota, level.c.value_bp)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .join(level, used * WHOLE_BP >= Quota.ceiling_fen * level.c.value_bp)
        .where(visible(actor), Quota.year == year, used > 0, ~told.exists())
        .order_by(Quota.id)
        .limit(limit)
    )
    return [(quota, bp) for quota, bp in rows]


def _due(actor: Actor, *, year: int | None, running: int, now: datetime) -> ColumnElement[bool]:
    """Say, of `Quota`, that its year is over: not closed, or with money that came free since."""
    used = Quota.held_fen + Quota.spent_fen
    return and_(
        visible(actor),
        Quota.year < running,
        true() if year is None else Quota.year == year,
        or_(Quota.reopened_until.is_(None), Quota.reopened_until <= now),
        or_(Quota.closed_at.is_(None), used < Quota.ceiling_fen),
    )


def _sum(amount: InstrumentedAttribute[Fen]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)
