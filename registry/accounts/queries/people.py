"""Which accounts are one person's."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select

from kernel.actor import Actor
from kernel.database import db
from registry.accounts.models import AppUser, UserId


def list_accounts_of(actor: Actor, user_ids: Collection[UUID | None]) -> set[UserId]:
    """Give all accounts of the people whose accounts these are, beyond the actor's sight.

    Nobody is no person.
    """
    del actor  # whoever acts through another account is the same person in any organisation
    named = [one for one in user_ids if one is not None]
    if not named:
        return set()
    known = select(AppUser.person_index).where(
        AppUser.id.in_(named), AppUser.person_index.is_not(None)
    )
    statement = select(AppUser.id).where(
        or_(AppUser.id.in_(named), AppUser.person_index.in_(known))
    )
    return set(db.session.scalars(statement))
