"""Invite somebody to open their own account, and let them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import ANYONE, SYSTEM, Actor
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.commands.accounts import NewUser, add_user, check_roles_given
from registry.accounts.commands.passwords import ONE_TIME_BYTES, OneTimeToken
from registry.accounts.models import Invitation, InvitationId, Role, UserId
from registry.accounts.queries.accounts import (
    UserView,
    digest_of,
    get_user_view,
    lock_invitation,
    lock_one_time,
)
from registry.accounts.rules.credentials import INVITED_FOR, PasswordPolicy, check_usable
from registry.accounts.rules.roles import check_may_enrol
from registry.errors.accounts import InvitationEnded, OneTimeTokenInvalid
from registry.organisations.models import OrganisationId
from registry.organisations.queries import find_live_organisation, get_organisation


@dataclass(frozen=True)
class NewInvitation:
    """Where somebody shall open an account, and which roles they will hold."""

    organisation_id: OrganisationId
    roles: Sequence[Role]


def invite(new: NewInvitation, *, by: Actor, now: datetime) -> OneTimeToken:
    """Give a one-time token that opens an account with these roles in this organisation.

    Refuses what `create_user` refuses of organisation and roles.
    """
    check_roles_given(new.organisation_id, roles=new.roles, by=by)
    token = secrets.token_urlsafe(ONE_TIME_BYTES)
    issued = Invitation(
        id=InvitationId(new_id()),
        digest=digest_of(token),
        organisation_id=new.organisation_id,
        roles=sorted(set(new.roles)),
        invited_by=UserId(by.user_id),
        issued_at=now,
        expires_at=now + INVITED_FOR,
    )
    db.session.add(issued)
    db.session.flush()
    audit.write(
        "invite",
        subject=("invitation", issued.id),
        by=by,
        now=now,
        after={"organisation_id": new.organisation_id, "roles": issued.roles},
    )
    return OneTimeToken(issued.id, token, issued.expires_at)


def revoke_invitation(invitation_id: InvitationId, *, by: Actor, now: datetime) -> Invitation:
    """Withdraw an invitation of an organisation in sight.

    Refuses NotFound, RoleOutOfReach, InvitationEnded.
    """
    invitation = lock_invitation(by, invitation_id)
    organisation = get_organisation(by, invitation.organisation_id)
    check_may_enrol([Role(one) for one in invitation.roles], organisation=organisation, by=by)
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationEnded
    invitation.revoked_at = now
    db.session.flush()
    audit.write("revoke_invitation", subject=("invitation", invitation.id), by=by, now=now)
    return invitation


def accept_invitation(
    token: str, *, username: str, password: str, policy: PasswordPolicy, now: datetime
) -> UserView:
    """Open the account that an invitation is for, once, and give it.

    The person chooses name and password, nothing else. Refuses OneTimeTokenInvalid for an
    unknown, used, withdrawn or old token, and for an organisation that has ended.
    """
    invitation = lock_one_time(ANYONE, Invitation, digest_of(token))
    if invitation is None or find_live_organisation(ANYONE, invitation.organisation_id) is None:
        raise OneTimeTokenInvalid
    ended = invitation.accepted_at is not None or invitation.revoked_at is not None
    check_usable(ended=ended, expires_at=invitation.expires_at, now=now)
    user = add_user(
        NewUser(
            username=username,
            password=password,
            organisation_id=invitation.organisation_id,
            roles=[Role(one) for one in invitation.roles],
        ),
        policy=policy,
        by=ANYONE,
        now=now,
    )
    invitation.accepted_at, invitation.accepted_by = now, user.id
    db.session.flush()
    audit.write("accept_invitation", subject=("invitation", invitation.id), by=ANYONE, now=now)
    return get_user_view(SYSTEM, user.id)
