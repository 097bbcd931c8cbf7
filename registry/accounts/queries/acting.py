"""Who a person is today: how far their roles see, and where a task works for them."""

from __future__ import annotations

from sqlalchemy import Text, case, cast, func, select

from kernel.actor import Actor, Sight, actor_standing
from kernel.database import db
from registry.accounts.models import SEE_ALL, SEE_REGION, AppUser, Membership, UserId
from registry.organisations.models import Organisation, OrganisationId

SIGHT = case(
    (func.bool_or(Membership.role.in_(SEE_ALL)), Sight.ALL.value),
    (func.bool_or(Membership.role.in_(SEE_REGION)), Sight.REGION.value),
    else_=Sight.ORGANISATION.value,
)
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
    return None if row is None else actor_standing(user_id, organisation_id, *row)
