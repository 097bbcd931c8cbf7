"""Who a token stands for, who signs in under a name, and which accounts an actor sees."""

from __future__ import annotations

import hashlib
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, bindparam, cast, func, or_, select

from kernel.actor import Actor, actor_standing
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked
from registry.accounts.models import (
    MANAGES,
    TRADES,
    AccessToken,
    AppUser,
    Invitation,
    InvitationId,
    Membership,
    PasswordReset,
    RecoveryCode,
    Role,
    TokenId,
    UsedPassword,
    UserId,
)
from registry.accounts.queries.acting import SIGHT
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
    kinds: list[str]
    second_factor: bool
    locked_until_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
    version: int


def digest_of(token: str) -> bytes:
    """Give what is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


OneTime = typing.TypeVar("OneTime", Invitation, PasswordReset)
_KINDS = (("management", MANAGES), ("trading", TRADES))
_ACTING = (
    select(
        AppUser.id,
        Organisation.id,
        cast(Organisation.kind, Text),
        Organisation.lineage,
        Organisation.region_code,
        Organisation.region_prefix,
        func.array_agg(cast(Membership.role, Text)),
        SIGHT,
        AccessToken.id,
        AccessToken.scopes,
        AccessToken.idle_until_at.is_(None),
        AccessToken.touch_after_at <= bindparam("now"),
        Organisation.ended_on.is_(None),
    )
    .select_from(AccessToken)
    .join(AppUser, AppUser.id == AccessToken.user_id)
    .join(Organisation, Organisation.id == AccessToken.organisation_id)
    .join(
        Membership,
        (Membership.user_id == AccessToken.user_id)
        & (Membership.organisation_id == AccessToken.organisation_id),
    )
    .where(
        AccessToken.digest == bindparam("digest"),
        AccessToken.revoked_at.is_(None),
        AccessToken.expires_at > bindparam("now"),
        or_(AccessToken.idle_until_at.is_(None), AccessToken.idle_until_at > bindparam("now")),
    )
    .group_by(AppUser.id, Organisation.id, AccessToken.id)
)


def authenticate(token: str, *, now: datetime) -> Actor | None:
    """Give the actor a token stands for, or None: unknown, expired, idle or revoked.

    One statement. The widest sight among the roles holds: auditors and the platform's
    administrators see all, offices their region, everybody else their organisation.
    """
    row = db.session.execute(_ACTING, {"digest": digest_of(token), "now": now}).one_or_none()
    if row is None:
        return None
    *standing, token_id, scopes, is_machine, is_ageing, may_write = row
    return actor_standing(
        *standing,
        token_id=token_id,
        scopes=None if scopes is None else frozenset(scopes),
        is_machine=is_machine,
        is_ageing=bool(is_ageing),
        may_write=may_write,
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
    return locked(
        select(AccessToken).where(
            AccessToken.digest == digest_of(token), AccessToken.user_id == actor.user_id
        )
    )


def lock_token_by_id(actor: Actor, token_id: TokenId, *, of_user: UserId) -> AccessToken:
    """Give a token of a user, locked, or NotFound; who may, its caller has checked."""
    del actor
    return locked(select(AccessToken).filter_by(user_id=of_user, id=token_id))


def list_tokens(
    actor: Actor, *, of_user: UserId, now: datetime, limit: int, cursor: str | None
) -> Page[AccessToken]:
    """List the sessions and tokens of oneself or of a user in sight that open doors still."""
    if of_user != actor.user_id:
        get_user_view(actor, of_user)
    return page(
        select(AccessToken).where(
            AccessToken.user_id == of_user,
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now,
            or_(AccessToken.idle_until_at.is_(None), AccessToken.idle_until_at > now),
        ),
        keys=[(AccessToken.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"user": of_user},
    )


def lock_own_account(actor: Actor) -> AppUser:
    """Give the actor's own account, locked."""
    return locked(select(AppUser).where(AppUser.id == actor.user_id))


def lock_account(actor: Actor, user_id: UserId) -> tuple[AppUser, list[Role]]:
    """Give an account in the actor's sight with its roles, locked, or NotFound."""
    get_user_view(actor, user_id)
    user = locked(select(AppUser).where(AppUser.id == user_id))
    roles = db.session.scalars(select(Membership.role).where(Membership.user_id == user_id)).all()
    return user, list(roles)


def list_used_passwords(actor: Actor, user_id: UserId, *, limit: int) -> list[str]:
    """List the hashes of the passwords that a user had, the latest first."""
    del actor
    statement = select(UsedPassword.password_hash).where(UsedPassword.user_id == user_id)
    return list(db.session.scalars(statement.order_by(UsedPassword.id.desc()).limit(limit)))


def lock_recovery_code(actor: Actor, digest: bytes, *, of_user: UserId) -> RecoveryCode | None:
    """Find a recovery code of a user that was not used, locked."""
    del actor
    statement = select(RecoveryCode).filter_by(user_id=of_user, digest=digest, used_at=None)
    return db.session.scalar(statement.with_for_update())


def lock_invitation(actor: Actor, invitation_id: InvitationId) -> Invitation:
    """Give an invitation into an organisation in the actor's sight, locked, or NotFound."""
    return locked(_invitations(actor).where(Invitation.id == invitation_id), of=Invitation)


def lock_one_time(actor: Actor, kind: type[OneTime], digest: bytes) -> OneTime | None:
    """Find an invitation or a password reset by the digest of its token, locked."""
    del actor
    return db.session.scalar(select(kind).where(kind.digest == digest).with_for_update())


def list_invitations(actor: Actor, *, limit: int, cursor: str | None) -> Page[Invitation]:
    """List the invitations into organisations in the actor's sight, the newest first."""
    return page(_invitations(actor), keys=[(Invitation.id, True)], limit=limit, cursor=cursor)


def _invitations(actor: Actor) -> Select[Invitation]:
    joined = select(Invitation).join(Organisation, Organisation.id == Invitation.organisation_id)
    return joined.where(visible(actor))


def is_member(actor: Actor, *, organisation_id: UUID) -> bool:
    """Say whether the actor's person holds a role in an organisation, acting for it or not."""
    query = select(Membership.id).where(
        Membership.user_id == actor.user_id, Membership.organisation_id == organisation_id
    )
    return db.session.scalar(query.limit(1)) is not None


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
        kinds=[name for name, those in _KINDS if not those.isdisjoint(roles)],
        second_factor=user.totp_confirmed_at is not None,
        locked_until_at=user.locked_until_at,
        closed_at=user.closed_at,
        created_at=user.created_at,
        version=user.version,
    )
