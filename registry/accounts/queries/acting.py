"""Who a person is today, where a task works for them without their token."""

from __future__ import annotations

from sqlalchemy import Text, cast, func, select

from kernel.actor import Actor, Sight
from kernel.database import db
from registry.accounts.models import AppUser, Membership, UserId
from registry.accounts.queries.accounts import SIGHT
from registry.organisations.models import Organisation, OrganisationId

_STANDING = (
    select(
        Organisation.kind,
        Organisation.lineage,
        Organisation.region_code,
        Organisation.region_prefix,
        func.array_agg(cast(Membership.role, Text)),
        SIGHT,
    )
    .select_from(Membership)
    .join(AppUser, AppUser.id == Membership.user_id)
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .where(AppUser.closed_at.is_(None), Organisation.ended_on.is_(None))
    .group_by(Organisation.id)
)


def find_acting(actor: Actor, user_id: UserId, organisation_id: OrganisationId) -> Actor | None:
    """Give somebody as they may act for an organisation today, or None: closed, left or ended."""
    del actor  # a task asks, for the person themselves
    row = db.session.execute(
        _STANDING.where(
            Membership.user_id == user_id, Membership.organisation_id == organisation_id
        )
    ).one_or_none()
    if row is None:
        return None
    kind, lineage, region_code, region_prefix, roles, sight = row
    return Actor(
        user_id=user_id,
        organisation_id=organisation_id,
        organisation_kind=kind,
        lineage=lineage,
        region_code=region_code,
        region_prefix=region_prefix,
        roles=frozenset(roles),
        sight=Sight(sight),
    )
