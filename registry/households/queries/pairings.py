"""Which pairings an actor sees, how many there are, and which industries lack a partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Uuid, any_, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.households.models.pairings import (
    NOBODY,
    HelperLoad,
    IndustryPairing,
    Pairing,
    PairingId,
    PairingKind,
    PairingTurn,
)
from registry.organisations.models import Organisation, OrganisationId


@dataclass(frozen=True)
class Load:
    """How many households a helper stands by on a day: a person, or an organisation itself."""

    helper_id: OrganisationId
    helper_user_id: UserId | None
    households: int


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `Pairing`, that the actor sees it: its village's office, or its helper."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.NONE or not actor.lineage:
        return false()
    helpers = select(Organisation.id).where(Organisation.lineage.startswith(actor.lineage))
    # as an array, which is read once: beside a region the planner still finds both by index
    helping = Pairing.helper_id == any_(func.array(helpers.scalar_subquery(), type_=ARRAY(Uuid)))
    if actor.sight is Sight.REGION:
        return or_(helping, Pairing.village_code.startswith(actor.region_prefix))
    return helping


def list_pairings(
    actor: Actor,
    *,
    village_prefix: str,
    helper_id: OrganisationId | None,
    kind: PairingKind | None,
    limit: int,
    cursor: str | None,
) -> Page[Pairing]:
    """List the pairings in the actor's sight, the newest first."""
    statement = select(Pairing).where(
        visible(actor), Pairing.village_code.startswith(village_prefix)
    )
    if helper_id is not None:
        statement = statement.where(Pairing.helper_id == helper_id)
    if kind is not None:
        statement = statement.where(Pairing.kind == kind)
    return page(
        statement,
        keys=[(Pairing.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"village": village_prefix, "helper": helper_id, "kind": kind},
    )


def lock_pairing(actor: Actor, pairing_id: PairingId) -> Pairing:
    """Give a pairing in the actor's sight, locked, or NotFound."""
    return locked(select(Pairing).where(Pairing.id == pairing_id, visible(actor)))


def count_households(
    actor: Actor, *, helper_id: OrganisationId, helper_user_id: object, on: date
) -> int:
    """Count the households that a helper stands by on a day, wherever they are."""
    del actor
    return (
        db.session.scalar(
            select(func.count(func.distinct(Pairing.household_id))).where(
                Pairing.helper_id == helper_id,
                Pairing.helper_user_id.is_not_distinct_from(helper_user_id),
                in_force(on),
            )
        )
        or 0
    )


def list_loads(
    actor: Actor, *, region_prefix: str, on: date, above: int, limit: int, cursor: str | None
) -> Page[Load]:
    """List the helpers who stand by more than so many households on a day, the heaviest first.

    Those who stand by somebody in the region, as far as the actor sees it, with all they stand
    by wherever it is: what one carries does not end at a border.
    """
    found = page(
        select(HelperLoad.helper_id, HelperLoad.helper_user_id, HelperLoad.households).where(
            _of_place(HelperLoad.place, find_reach(actor, region_prefix)),
            HelperLoad.households > above,
            HelperLoad.since_on <= on,
            or_(HelperLoad.until_on.is_(None), HelperLoad.until_on > on),
        ),
        keys=[
            (HelperLoad.households, True),
            (HelperLoad.helper_id, True),
            (HelperLoad.helper_user_id, True),
        ],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"region": region_prefix, "on": on, "above": above},
    )
    loads = [Load(one, None if who == NOBODY else who, count) for one, who, count in found.items]
    return Page(loads, found.next_cursor)


def find_reach(actor: Actor, prefix: str) -> str | None:
    """Give what an actor sees of a region: it, the own one inside it, or nothing."""
    own = {Sight.ALL: "", Sight.REGION: actor.region_prefix}.get(actor.sight)
    if own is None or not (prefix.startswith(own) or own.startswith(prefix)):
        return None
    return max(own, prefix, key=len)


def _of_place(column: InstrumentedAttribute[str], place: str | None) -> ColumnElement[bool]:
    return false() if place is None else column == place


def lock_pairings_of(actor: Actor, household_id: HouseholdId, *, on: date) -> Sequence[Pairing]:
    """List the pairings with a household that hold on a day or begin later, locked."""
    del actor
    return db.session.scalars(
        select(Pairing)
        .where(
            Pairing.household_id == household_id,
            or_(Pairing.until_on.is_(None), Pairing.until_on > on),
        )
        .order_by(Pairing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def list_industry_pairings(
    actor: Actor, *, region_prefix: str, on: date
) -> Sequence[IndustryPairing]:
    """List the partners of the industries of a region on a day, by place and industry."""
    reach = actor.region_prefix if actor.sight is Sight.REGION else ""
    if actor.sight is not Sight.ALL and actor.sight is not Sight.REGION:
        return ()
    period = (IndustryPairing.since_on <= on) & or_(
        IndustryPairing.until_on.is_(None), IndustryPairing.until_on > on
    )
    return db.session.scalars(
        select(IndustryPairing)
        .where(
            IndustryPairing.region_code.startswith(region_prefix),
            IndustryPairing.region_code.startswith(reach),
            period,
        )
        .order_by(IndustryPairing.region_code, IndustryPairing.industry, IndustryPairing.id)
    ).all()


def count_by_kind(actor: Actor, *, on: date) -> dict[PairingKind, int]:
    """Count the pairings of the own region that hold on a day, by action (千企帮村, 万社联户)."""
    rows = db.session.execute(
        select(PairingTurn.kind, func.sum(PairingTurn.change))
        .where(_of_place(PairingTurn.place, find_reach(actor, "")), PairingTurn.turns_on <= on)
        .group_by(PairingTurn.kind)
    )
    return dict.fromkeys(PairingKind, 0) | {kind: int(number) for kind, number in rows}


def in_force(on: date) -> ColumnElement[bool]:
    """Say, of `Pairing`, that it holds on a day."""
    return (Pairing.since_on <= on) & or_(Pairing.until_on.is_(None), Pairing.until_on > on)
