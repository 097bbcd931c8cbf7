"""Dated settings of quotas, and telling of those that are nearly used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from kernel.terms import FROM_ON, SOURCE
from procurement.events import QuotaNearlyUsed
from procurement.quotas import rules
from procurement.quotas.models import Fund, Quota, QuotaSetting, QuotaWarning, SettingKind
from procurement.quotas.queries import moves, quotas
from registry.accounts.models import Role
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId
from registry.regions.rules import NATION

DEFAULTS = {SettingKind.CARRY_OVER: 0, SettingKind.WARNING: 9_000}
"""What is left lapses; nine tenths are nearly all. Configured, not prescribed."""


@dataclass(frozen=True, slots=True)
class NewSetting:
    """A setting in basis points from a day on (without one, from today), and its document."""

    kind: SettingKind
    value_bp: int
    source: str
    from_on: date | None = None


@dataclass(frozen=True, slots=True)
class QuotaShown:
    """A quota, its warning level in basis points if there is one, and whether it is reached."""

    quota: Quota
    warning_bp: int | None
    nearly_used: bool


def show_quota(
    actor: Actor, *, unit_id: OrganisationId, year: int, fund: Fund, now: datetime
) -> QuotaShown:
    """Show the quota of a unit's year and fund with its warning (NotFound); nothing is written."""
    quota = quotas.get_quota(actor, unit_id=unit_id, year=year, fund=fund)
    level = moves.find_setting(
        SYSTEM, SettingKind.WARNING, unit_id=quota.unit_id, on=shanghai_day(now)
    )
    warning_bp = level.value_bp if level else None
    return QuotaShown(quota, warning_bp, rules.is_nearly_used(quota, warning_bp=warning_bp))


def set_setting(new: NewSetting, *, by: Actor, now: datetime) -> QuotaSetting:
    """Add a dated setting; earlier rows stay as they are.

    A unit sets its own warning level, finance what its region carries over. Refuses NotAllowed,
    SettingBackdated.
    """
    check_clear_of_identity(new.source, pointer="/source")
    for_region = new.kind is SettingKind.CARRY_OVER
    role = Role.FINANCE_SUPERVISOR if for_region else Role.UNIT_ADMIN
    if not by.has(role) or by.organisation_id is None:
        raise NotAllowed
    today = shanghai_day(now)
    from_on = new.from_on or today
    rules.check_setting(from_on, today=today)
    setting = QuotaSetting(
        id=new_id(),
        kind=new.kind,
        unit_id=None if for_region else OrganisationId(by.organisation_id),
        region_code=by.region_code[:6] if for_region else None,
        value_bp=new.value_bp,
        from_on=from_on,
        source=new.source,
        author_id=by.user_id,
        created_at=now,
    )
    db.session.add(setting)
    db.session.flush()
    after = {"kind": new.kind, "value_bp": new.value_bp, "from_on": from_on}
    subject = ("quota_setting", setting.id)
    audit.write("set_quota_setting", subject=subject, by=by, now=now, after=after)
    return setting


def warn_of_used(*, now: datetime, limit: int = 500) -> int:
    """Tell of the running year's quotas that reached their level, once a level and ceiling."""
    today = shanghai_day(now)
    due = moves.list_nearly_used(SYSTEM, year=today.year, on=today, limit=limit)
    told = 0
    for quota, value_bp in due:
        row = {
            "id": new_id(),
            "quota_id": quota.id,
            "ceiling_fen": quota.ceiling_fen,
            "used_fen": Fen(quota.held_fen + quota.spent_fen),
            "value_bp": value_bp,
            "at": now,
        }
        added = db.session.execute(
            insert(cast("Table", QuotaWarning.__table__))
            .values(row)
            .on_conflict_do_nothing(constraint="uq_quota_warning_once")
            .returning(QuotaWarning.id)
        ).scalar_one_or_none()
        if added is not None:
            told += 1
            record(QuotaNearlyUsed(quota_id=quota.id), now=now)
            after = {"used_fen": row["used_fen"], "value_bp": value_bp}
            audit.write("warn_quota", subject=("quota", quota.id), by=SYSTEM, now=now, after=after)
    return told


def load_quota_settings(now: datetime) -> None:
    """Load the defaults of the whole nation where they are not there yet; changes nothing twice."""
    rows = [
        {
            "id": new_id(),
            "kind": kind,
            "region_code": NATION,
            "value_bp": value_bp,
            "from_on": FROM_ON,
            "source": SOURCE,
            "created_at": now,
        }
        for kind, value_bp in DEFAULTS.items()
    ]
    added = db.session.execute(
        insert(cast("Table", QuotaSetting.__table__))
        .values(rows)
        .on_conflict_do_nothing(
            index_elements=["kind", "region_code", "from_on"],
            index_where=text("author_id IS NULL"),
        )
        .returning(QuotaSetting.kind)
    ).scalars()
    kinds = sorted(added)
    if kinds:
        subject = ("quota_setting", "defaults")
        after = {"kinds": kinds}
        audit.write("load_quota_settings", subject=subject, by=SYSTEM, now=now, after=after)
