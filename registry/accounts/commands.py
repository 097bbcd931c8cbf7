"""Open accounts, sign in and out, and keep who reads what in clear."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kernel import audit
from kernel.actor import ANYONE, SYSTEM, Actor
from kernel.crypto import hash_password, verify_password
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from registry.accounts.models import (
    AccessToken,
    AppUser,
    Disclosure,
    Membership,
    Role,
    TokenId,
    UserId,
)
from registry.accounts.queries import authenticate, digest_of, lock_token, lock_user
from registry.accounts.rules import (
    check_may_enrol,
    check_password,
    check_roles_fit,
    is_locked,
    lock_after_failure,
)
from registry.organisations.commands import NewOrganisation, register_organisation
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.organisations.queries import get_organisation
from registry.regions.queries import get_region
from registry.regions.rules import NATION

TOKEN_PREFIX = "bf_"  # noqa: S105 - what tokens begin with, so that leaked ones are found
TOKEN_BYTES = 32


@dataclass(frozen=True)
class NewUser:
    """An account to open, with the roles it holds in the organisation."""

    username: str
    password: str = field(repr=False)
    organisation_id: OrganisationId
    roles: Sequence[Role]


@dataclass(frozen=True)
class NewPlatform:
    """The organisation that runs the platform, and its first administrator."""

    credit_code: str
    name: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class SignedIn:
    """A new token in clear, shown once, and whom it stands for."""

    token: str = field(repr=False)
    expires_at: datetime
    actor: Actor


def create_user(new: NewUser, *, by: Actor, now: datetime) -> AppUser:
    """Open an account in an organisation in the actor's sight.

    Refuses NotFound (organisation), RoleOutOfReach, RoleUnfit, RolesExclusive, PasswordWeak,
    UsernameTaken.
    """
    organisation = get_organisation(by, new.organisation_id)
    check_may_enrol(new.roles, organisation=organisation, by=by)
    level = get_region(by, organisation.region_code).level
    check_roles_fit(new.roles, organisation=organisation, level=level)
    username = new.username.lower()
    check_password(new.password, username=username)
    user = AppUser(
        id=UserId(new_id()),
        username=username,
        password_hash=hash_password(new.password),
        organisation_id=organisation.id,
        failed_attempts=0,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    db.session.add_all(
        Membership(
            id=new_id(),
            user_id=user.id,
            organisation_id=organisation.id,
            role=role,
            created_at=now,
        )
        for role in sorted(set(new.roles))
    )
    db.session.flush()
    audit.write(
        "create_user",
        subject=("user", user.id),
        by=by,
        now=now,
        after={"organisation_id": organisation.id, "roles": sorted(set(new.roles))},
    )
    return user


def open_platform(new: NewPlatform, *, now: datetime) -> AppUser:
    """Register the organisation that runs the platform with its first administrator."""
    organisation = register_organisation(
        NewOrganisation(
            credit_code=new.credit_code,
            name=new.name,
            kind=OrganisationKind.PLATFORM,
            region_code=NATION,
        ),
        by=SYSTEM,
        now=now,
    )
    return create_user(
        NewUser(
            username=new.username,
            password=new.password,
            organisation_id=organisation.id,
            roles=[Role.PLATFORM_ADMIN],
        ),
        by=SYSTEM,
        now=now,
    )


def sign_in(username: str, *, password: str, lifetime: timedelta, now: datetime) -> SignedIn | None:
    """Give a token for a name and its password, or None; the failure is counted either way.

    None, not a refusal, so that the count is kept when the door says no. An unknown name, a
    wrong password and a shut account look the same and take the same time.
    """
    user = lock_user(ANYONE, username=username.lower())
    is_right = verify_password(password, against=user.password_hash if user else None)
    if user is None or is_locked(user, now=now) or not is_right:
        _count_failure(user, now=now)
        return None
    if user.failed_attempts or user.locked_until_at:
        user.failed_attempts, user.locked_until_at = 0, None
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    issued = AccessToken(
        id=TokenId(new_id()),
        digest=digest_of(token),
        user_id=user.id,
        organisation_id=user.organisation_id,
        issued_at=now,
        expires_at=now + lifetime,
    )
    db.session.add(issued)
    db.session.flush()
    actor = authenticate(token, now=now)
    if actor is None:
        raise RuntimeError("a user without a role")
    audit.write("sign_in", subject=("user", user.id), by=actor, now=now)
    return SignedIn(token=token, expires_at=issued.expires_at, actor=actor)


def sign_out(token: str, *, by: Actor, now: datetime) -> None:
    """Revoke the actor's token; it is of no use from the next request on."""
    current = lock_token(by, token)
    current.revoked_at = current.revoked_at or now
    db.session.flush()
    audit.write("sign_out", subject=("user", by.user_id), by=by, now=now)


def record_disclosure(subject: tuple[str, UUID], *, purpose: str, by: Actor, now: datetime) -> None:
    """Keep for good who reads something personal in clear, and why; refuses NotAllowed.

    The rows are the list that the persons concerned may ask for; the audit row seals it.
    """
    if by.organisation_id is None:
        raise NotAllowed
    db.session.add(
        Disclosure(
            id=new_id(),
            subject_kind=subject[0],
            subject_id=subject[1],
            user_id=UserId(by.user_id),
            organisation_id=OrganisationId(by.organisation_id),
            purpose=purpose,
            at=now,
        )
    )
    db.session.flush()
    audit.write("disclose", subject=subject, by=by, now=now, after={"purpose": purpose})


def _count_failure(user: AppUser | None, *, now: datetime) -> None:
    if user is not None and not is_locked(user, now=now):
        if user.locked_until_at is not None:
            user.failed_attempts = 0
        user.failed_attempts += 1
        user.locked_until_at = lock_after_failure(user.failed_attempts, now=now)
        db.session.flush()
    subject = ("user", user.id if user else "unknown")
    audit.write("sign_in", subject=subject, by=ANYONE, now=now, outcome="unauthenticated")
