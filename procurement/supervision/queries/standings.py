"""The budget units of a region as they were on a day, and the money that moved for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Date, func, or_, select
from sqlalchemy import cast as sql_cast

from kernel.actor import Actor
from kernel.calendar import shanghai_day, start_of_day
from kernel.database import db
from kernel.money import Fen
from procurement.completion.models import Reach
from procurement.completion.queries.shapes import in_reach, shape_of, whose
from procurement.filings.models import Filing, FilingAct, FilingStep
from procurement.quotas.models import Quota, QuotaEntry, QuotaHold
from procurement.supervision.models.standings import Movement, WatchedUnit
from registry.accounts.models import AppUser, Membership, Role
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.queries import name_on


def list_watched_units(
    actor: Actor, reach: Reach, *, year: int, as_of: datetime
) -> Sequence[WatchedUnit]:
    """List the budget units in reach and sight that existed on the day, by credit code.

    One is activated when somebody holds its management account; one statement for all.
    """
    day = shanghai_day(as_of)
    manager = (
        select(Membership.id)
        .join(AppUser, AppUser.id == Membership.user_id)
        .where(
            Membership.organisation_id == Organisation.id,
            Membership.role == Role.UNIT_ADMIN,
            Membership.created_at <= as_of,
            or_(AppUser.closed_at.is_(None), AppUser.closed_at > as_of),
        )
        .exists()
    )
    steps = (
        select(
            Filing.unit_id,
            func.bool_or(FilingStep.act == FilingAct.FINANCE_CONFIRM).label("confirmed"),
            func.max(FilingStep.position)
            .filter(FilingStep.act == FilingAct.RETURN)
            .label("returned"),
            func.max(FilingStep.position)
            .filter(FilingStep.act == FilingAct.SUBMIT)
            .label("submitted"),
        )
        .join(FilingStep, FilingStep.filing_id == Filing.id)
        .where(Filing.year == year, FilingStep.at <= as_of)
        .group_by(Filing.unit_id)
        .subquery()
    )
    submitted = func.coalesce(steps.c.submitted, 0)
    rows = db.session.execute(
        select(
            Organisation.id,
            name_on(day),
            Organisation.credit_code,
            Organisation.region_code,
            manager,
            submitted > 0,
            func.coalesce(steps.c.returned, 0) > submitted,
            func.coalesce(steps.c.confirmed, False),
        )
        .outerjoin(steps, steps.c.unit_id == Organisation.id)
        .where(
            in_reach(shape_of(actor, reach)),
            Organisation.kind == OrganisationKind.BUDGET_UNIT,
            Organisation.created_at <= as_of,
            or_(Organisation.ended_on.is_(None), Organisation.ended_on > day),
        )
        .order_by(Organisation.credit_code),
        whose(actor, reach),
    ).all()
    return [WatchedUnit(*row) for row in rows]


def list_unpaid_movements(
    actor: Actor, reach: Reach, *, as_of: datetime, shortest_days: int
) -> dict[UUID, list[Movement]]:
    """Give, by order, all that moved for orders with goods accepted long ago and not paid for.

    `shortest_days` is the shortest term there was where nothing else is agreed; the rules decide
    what is late.
    """
    wait = func.coalesce(QuotaHold.payment_term_days, shortest_days)
    cutoff = start_of_day(shanghai_day(as_of)) - func.make_interval(0, 0, 0, wait)
    old = func.coalesce(func.sum(QuotaEntry.accepted_fen).filter(QuotaEntry.at < cutoff), 0)
    paid = func.coalesce(func.sum(QuotaEntry.spent), 0)
    late = (
        select(QuotaHold.order_id)
        .join(QuotaEntry, QuotaEntry.hold_id == QuotaHold.id)
        .join(Quota, Quota.id == QuotaHold.counter_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .where(in_reach(shape_of(actor, reach)), QuotaEntry.at <= as_of)
        .group_by(QuotaHold.order_id)
        .having(old > paid)
    )
    day = sql_cast(func.timezone("Asia/Shanghai", QuotaEntry.at), Date)
    rows = db.session.execute(
        select(
            QuotaHold.order_id,
            Quota.unit_id,
            day,
            func.sum(QuotaEntry.accepted_fen),
            func.sum(QuotaEntry.spent),
            QuotaHold.payment_term_days,
        )
        .join(QuotaEntry, QuotaEntry.hold_id == QuotaHold.id)
        .join(Quota, Quota.id == QuotaHold.counter_id)
        .where(
            QuotaHold.order_id.in_(late),
            QuotaEntry.at <= as_of,
            or_(QuotaEntry.accepted_fen != 0, QuotaEntry.spent != 0),
        )
        .group_by(QuotaHold.order_id, Quota.unit_id, day, QuotaHold.payment_term_days)
        .order_by(QuotaHold.order_id, day),
        whose(actor, reach),
    ).all()
    found: dict[UUID, list[Movement]] = {}
    for order_id, unit_id, on, accepted, spent, days in rows:
        one = Movement(order_id, unit_id, on, Fen(int(accepted)), Fen(int(spent)), days)
        found.setdefault(order_id, []).append(one)
    return found
