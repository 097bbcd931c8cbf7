"""Who a token stands for, and who signs in under a name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, case, cast, func, select

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from registry.accounts.models import SEE_ALL, SEE_REGION, AccessToken, AppUser, Membership
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation


@dataclass(frozen=True)
class Myself:
    """The one who asks: the actor, their name, and the organisation they act for."""

    actor: Actor
    username: str
    organisation: Organisation
    roles: list[str]


def digest_of(token: str) -> bytes:
    """Give what is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


_SIGHT = case(
    (func.bool_or(Membership.role.in_(SEE_ALL)), Sight.ALL.value),
    (func.bool_or(Membership.role.in_(SEE_REGION)), Sight.REGION.value),
    else_=Sight.ORGANISATION.value,
)
_ACTING = (
    select(
        AppUser.id,
        Organisation.id,
        cast(Organisation.kind, Text),
        Organisation.lineage,
        Organisation.region_code,
        Organisation.region_prefix,
        func.array_agg(cast(Membership.role, Text)),
        _SIGHT,
    )
    .select_from(AccessToken)
    .join(AppUser, AppUser.id == AccessToken.user_id)
    .join(Organisation, Organisation.id == AccessToken.organisation_id)
    .join(
        Membership,
        (Membership.user_id == AccessToken.user_id)
        & (Membership.organisation_id == AccessToken.organisation_id),
    )
    .group_by(AppUser.id, Organisation.id)
)


def authenticate(token: str, *, now: datetime) -> Actor | None:
    """Give the actor a token stands for, or None when it is unknown, expired or revoked.

    One statement. The widest sight among the roles holds: auditors and the platform's
    administrators see all, offices their region, everybody else their organisation.
    """
    row = db.session.execute(
        _ACTING.where(
            AccessToken.digest == digest_of(token),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    user_id, organisation_id, kind, lineage, region_code, region_prefix, roles, sight = row
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


def lock_user(actor: Actor, *, username: str) -> AppUser | None:
    """Find who signs in under a name, locked; attempts on one account wait for each other."""
    del actor
    return db.session.execute(
        select(AppUser)
        .where(AppUser.username == username)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def lock_token(actor: Actor, token: str) -> AccessToken:
    """Give the actor's own token, locked, or NotFound."""
    found = db.session.execute(
        select(AccessToken)
        .where(AccessToken.digest == digest_of(token), AccessToken.user_id == actor.user_id)
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def get_myself(actor: Actor) -> Myself:
    """Give the actor's own account and organisation."""
    user = db.session.get(AppUser, actor.user_id)
    if user is None or actor.organisation_id is None:
        raise NotFound
    organisation = get_organisation(actor, OrganisationId(actor.organisation_id))
    return Myself(
        actor=actor,
        username=user.username,
        organisation=organisation,
        roles=sorted(actor.roles),
    )
