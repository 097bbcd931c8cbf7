"""Say which person an account is of, so that two accounts of one person are known as such."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.crypto import blind_index
from kernel.database import db
from registry.accounts.commands.accounts import administered
from registry.accounts.models import AppUser, UserId
from registry.accounts.rules.roles import check_person

PERSON_INDEX = "app_user.person"


def name_person(user_id: UserId, *, id_number: str, by: Actor, now: datetime) -> AppUser:
    """Write down, as a blind index alone, whose account it is; the number itself is not kept.

    Refuses NotFound, OwnAccount, RoleOutOfReach, PersonNamed once another person stands there.
    """
    user = administered(user_id, by=by)
    index = blind_index(id_number, purpose=PERSON_INDEX)
    check_person(user, index=index)
    user.person_index = index
    db.session.flush()
    audit.write("name_person", subject=("user", user.id), by=by, now=now)
    return user
