"""Which share policies, rules of the union and waivers there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm.util import identity_key

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from procurement.policies.models import (
    DatedRule,
    PolicyId,
    SharePolicy,
    UnionRule,
    Waiver,
    WaiverId,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible

Rule = TypeVar("Rule", SharePolicy, UnionRule)


def list_policies(
    actor: Actor, *, region_code: str | None, limit: int, cursor: str | None
) -> Page[SharePolicy]:
    """List the policies, of one region or all, by code and version; policies are public."""
    del actor
    return _list(SharePolicy, region_code, limit=limit, cursor=cursor)


def list_union_rules(
    actor: Actor, *, region_code: str | None, limit: int, cursor: str | None
) -> Page[UnionRule]:
    """List the rules of the union, of one region or all, by code and version."""
    del actor
    return _list(UnionRule, region_code, limit=limit, cursor=cursor)


def list_all_policies(actor: Actor) -> Sequence[SharePolicy]:
    """Give every policy of every region, for questions about many places at once."""
    del actor
    return db.session.execute(select(SharePolicy).order_by(SharePolicy.code)).scalars().all()


def list_policies_of(
    actor: Actor, region_codes: Collection[str], *, as_of: datetime | None = None
) -> Sequence[SharePolicy]:
    """Give every policy of these regions that was known, of all years, by code and version."""
    del actor
    return _known(SharePolicy, region_codes, as_of)


def list_union_rules_of(
    actor: Actor, region_codes: Collection[str], *, as_of: datetime | None = None
) -> Sequence[UnionRule]:
    """Give every rule of the union of these regions that was known, by code and version."""
    del actor
    return _known(UnionRule, region_codes, as_of)


def list_versions_known(actor: Actor, model: type[Any]) -> set[tuple[str, int]]:
    """Give code and version of every row of a kind of rule."""
    del actor
    rows = db.session.execute(select(model.code, model.version))
    return {(code, version) for code, version in rows}


def lock_newest(actor: Actor, model: type[Any], code: str) -> DatedRule | None:
    """Give the newest version of a rule, locked, if there is one."""
    del actor
    found: DatedRule | None = db.session.execute(
        select(model)
        .where(model.code == code)
        .order_by(model.version.desc())
        .limit(1)
        .with_for_update()
    ).scalar_one_or_none()
    return found


def get_policies(actor: Actor, ids: Collection[PolicyId]) -> dict[PolicyId, SharePolicy]:
    """Give policies by id; what this unit of work holds already is not read again."""
    del actor
    held = {key: db.session.identity_map.get(identity_key(SharePolicy, key)) for key in ids}
    found = {key: policy for key, policy in held.items() if policy is not None}
    if len(found) < len(held):
        wanted = select(SharePolicy).where(SharePolicy.id.in_(held.keys() - found.keys()))
        found |= {one.id: one for one in db.session.execute(wanted).scalars()}
    return found


def find_waiver(
    actor: Actor, unit_id: OrganisationId, *, on: date, as_of: datetime | None = None
) -> Waiver | None:
    """Give the waiver that lowers a unit's share on a day, as it was known at an instant."""
    del actor
    runs = or_(Waiver.revoked_on.is_(None), Waiver.revoked_on > on)
    known: ColumnElement[bool] = true()
    if as_of is not None:
        runs = or_(runs, Waiver.ended_at > as_of)
        known = Waiver.recorded_at <= as_of
    statement = select(Waiver).where(
        Waiver.unit_id == unit_id, Waiver.since_on <= on, Waiver.until_on > on, runs, known
    )
    return db.session.scalars(statement.order_by(Waiver.floor_bp).limit(1)).one_or_none()


def list_waivers(
    actor: Actor, *, unit_id: OrganisationId | None, on: date | None, limit: int, cursor: str | None
) -> Page[Waiver]:
    """List the waivers of units in sight, the newest first; of a unit, or that run on a day."""
    statement = _waivers(actor)
    if unit_id is not None:
        statement = statement.where(Waiver.unit_id == unit_id)
    if on is not None:
        runs = or_(Waiver.revoked_on.is_(None), Waiver.revoked_on > on)
        statement = statement.where(Waiver.since_on <= on, Waiver.until_on > on, runs)
    return page(
        statement,
        keys=[(Waiver.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"unit": unit_id, "on": on},
    )


def lock_waiver(actor: Actor, waiver_id: WaiverId) -> Waiver:
    """Give a waiver of a unit in sight, locked until the end of the transaction."""
    return locked(_waivers(actor).where(Waiver.id == waiver_id), of=Waiver)


def lock_due_waivers(actor: Actor, *, today: date, limit: int) -> Sequence[Waiver]:
    """Give waivers that are over and were not told of, those that nobody else serves."""
    del actor
    return (
        db.session.execute(
            select(Waiver)
            .where(Waiver.ended_at.is_(None), Waiver.until_on <= today)
            .order_by(Waiver.until_on, Waiver.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        .scalars()
        .all()
    )


def _waivers(actor: Actor) -> Select[Waiver]:
    return (
        select(Waiver).join(Organisation, Organisation.id == Waiver.unit_id).where(visible(actor))
    )


def _list(
    model: type[Rule], region_code: str | None, *, limit: int, cursor: str | None
) -> Page[Rule]:
    statement = select(model)
    if region_code is not None:
        statement = statement.where(model.region_code == region_code)
    return page(
        statement,
        keys=[(model.code, False), (model.version, False)],
        limit=limit,
        cursor=cursor,
        filters={"region": region_code},
    )


def _known(
    model: type[Rule], region_codes: Collection[str], as_of: datetime | None
) -> Sequence[Rule]:
    statement = select(model).where(model.region_code.in_(region_codes))
    if as_of is not None:
        statement = statement.where(model.recorded_at <= as_of)
    ordered = statement.order_by(model.code, model.version)
    return db.session.execute(ordered).scalars().all()
