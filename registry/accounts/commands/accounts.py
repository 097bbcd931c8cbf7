"""Open accounts, close them, and delete those under which nothing was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.crypto import hash_password
from kernel.database import FOREIGN_KEY_VIOLATION, db, sqlstate
from kernel.errors import check_version
from kernel.identity import new_id
from registry.accounts.models import (
    AccessToken,
    AppUser,
    Membership,
    PasswordReset,
    RecoveryCode,
    Role,
    UsedPassword,
    UserId,
)
from registry.accounts.queries.accounts import lock_account
from registry.accounts.rules.credentials import MLPS, PasswordPolicy, check_password
from registry.accounts.rules.roles import (
    check_account_open,
    check_administers,
    check_may_enrol,
    check_roles_fit,
)
from registry.errors.accounts import AccountInUse
from registry.organisations.commands.organisations import NewOrganisation, register_organisation
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.organisations.queries import get_organisation
from registry.organisations.rules import check_live
from registry.regions.queries import get_region
from registry.regions.rules import NATION


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


def create_user(
    new: NewUser, *, policy: PasswordPolicy = MLPS, by: Actor, now: datetime
) -> AppUser:
    """Open an account in an organisation in the actor's sight.

    Refuses NotFound (organisation), OrganisationEnded, RoleOutOfReach, RoleUnfit,
    RolesExclusive, PasswordWeak, PasswordCommon, UsernameTaken.
    """
    check_roles_given(new.organisation_id, roles=new.roles, by=by)
    return add_user(new, policy=policy, by=by, now=now)


def check_roles_given(organisation_id: OrganisationId, *, roles: Sequence[Role], by: Actor) -> None:
    """Refuse roles that the actor may not hand out there, or that do not fit there."""
    organisation = get_organisation(by, organisation_id)
    check_live(organisation)
    check_may_enrol(roles, organisation=organisation, by=by)
    level = get_region(by, organisation.region_code).level
    check_roles_fit(roles, organisation=organisation, level=level)


def add_user(new: NewUser, *, policy: PasswordPolicy, by: Actor, now: datetime) -> AppUser:
    """Write an account whose roles have been checked; the actor may be the person invited."""
    username = new.username.lower()
    check_password(new.password, username=username, policy=policy)
    user = AppUser(
        id=UserId(new_id()),
        username=username,
        password_hash=hash_password(new.password),
        organisation_id=new.organisation_id,
        failed_attempts=0,
        password_changed_at=now,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    db.session.add_all(
        Membership(
            id=new_id(),
            user_id=user.id,
            organisation_id=new.organisation_id,
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
        after={"organisation_id": new.organisation_id, "roles": sorted(set(new.roles))},
    )
    return user


def close_account(
    user_id: UserId, *, expected_version: int | None, by: Actor, now: datetime
) -> None:
    """Shut an account for good; every token of it is void at once, what was done stays.

    Refuses NotFound, OwnAccount, RoleOutOfReach, VersionStale, AccountClosed.
    """
    user = administered(user_id, by=by)
    check_version(user.version, expected_version)
    check_account_open(user)
    user.closed_at = now
    db.session.flush()
    revoke_tokens(user.id, now=now)
    audit.write("close_account", subject=("user", user.id), by=by, now=now)


def delete_account(user_id: UserId, *, by: Actor, now: datetime) -> None:
    """Delete an account under which nothing was ever done; the database itself looks.

    Refuses NotFound, OwnAccount, RoleOutOfReach, AccountInUse: one with orders, papers or any
    other deed is closed instead.
    """
    user = administered(user_id, by=by)
    try:
        with db.session.begin_nested():
            for owned in (UsedPassword, RecoveryCode, PasswordReset, AccessToken, Membership):
                db.session.execute(delete(owned).where(owned.user_id == user.id))
            db.session.delete(user)
    except IntegrityError as error:
        if sqlstate(error) != FOREIGN_KEY_VIOLATION:
            raise
        raise AccountInUse from error
    audit.write("delete_account", subject=("user", user_id), by=by, now=now)


def administered(user_id: UserId, *, by: Actor) -> AppUser:
    """Give an account in the actor's sight and reach, locked."""
    user, roles = lock_account(by, user_id)
    organisation = get_organisation(by, user.organisation_id)
    check_administers(user, roles, organisation=organisation, by=by)
    return user


def revoke_tokens(user_id: UserId, *, now: datetime) -> None:
    """Make every token of a user void from the next request on."""
    db.session.execute(
        update(AccessToken)
        .where(AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


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
