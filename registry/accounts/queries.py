"""Who a token stands for, who signs in under a name, and which accounts an actor sees."""

from __future__ import annotations

import hashlib
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, case, cast, func, select

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.accounts.models import (
    SEE_ALL,
    SEE_REGION,
    AccessToken,
    AppUser,
    Membership,
    UserId,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation, visible


@dataclass(frozen=True)
class Myself:
    """The one who asks: the actor, their name, and the organisation they act for."""

    actor: Actor
    username: str
    organisation: Organisation
    roles: list[str]


@dataclass(frozen=True)
class UserView:
    """An account with its roles; nothing to sign in with."""

    id: UserId
    username: str
    organisation_id: OrganisationId
    roles: list[str]
    created_at: datetime
    version: int


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


def get_user_view(actor: Actor, user_id: UserId) -> UserView:
    """Give an account of an organisation in the actor's sight, or NotFound."""
    row = db.session.execute(_accounts(actor).where(AppUser.id == user_id)).one_or_none()
    if row is None:
        raise NotFound
    return _view(*row)


def list_users(actor: Actor, *, limit: int, cursor: str | None) -> Page[UserView]:
    """List the accounts of the organisations in the actor's sight, the newest first."""
    found = page(
        _accounts(actor), keys=[(AppUser.id, True)], limit=limit, cursor=cursor, scalars=False
    )
    return Page([_view(*row) for row in found.items], found.next_cursor)


def _accounts(actor: Actor) -> Select[Any]:
    statement = (
        select(AppUser, func.array_agg(cast(Membership.role, Text)))
        .join(Organisation, Organisation.id == AppUser.organisation_id)
        .join(Membership, Membership.user_id == AppUser.id)
        .where(visible(actor))
        .group_by(AppUser.id)
    )
    return typing.cast("Select[Any]", statement)


def _view(user: AppUser, roles: list[str]) -> UserView:
    return UserView(
        id=user.id,
        username=user.username,
        organisation_id=user.organisation_id,
        roles=sorted(roles),
        created_at=user.created_at,
        version=user.version,
    )
