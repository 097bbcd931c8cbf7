"""Which organisations an actor sees."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `Organisation`, that the actor sees it.

    The own organisation and what stands under it; with sight of a region also what is
    registered inside it; nothing for the public.
    """
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.NONE or not actor.lineage:
        return false()
    own = Organisation.lineage.startswith(actor.lineage)
    if actor.sight is Sight.REGION:
        return or_(own, Organisation.region_code.startswith(actor.region_prefix))
    return own


def get_organisation(actor: Actor, organisation_id: OrganisationId) -> Organisation:
    """Give an organisation in the actor's sight, or NotFound."""
    return _get(actor, organisation_id, lock=False)


def lock_organisation(actor: Actor, organisation_id: OrganisationId) -> Organisation:
    """Give an organisation in the actor's sight, locked until the end of the transaction."""
    return _get(actor, organisation_id, lock=True)


def list_organisations(
    actor: Actor, *, kind: OrganisationKind | None, limit: int, cursor: str | None
) -> Page[Organisation]:
    """List the organisations in the actor's sight, the newest first."""
    statement = select(Organisation).where(visible(actor))
    if kind is not None:
        statement = statement.where(Organisation.kind == kind)
    return page(
        statement,
        keys=[(Organisation.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"kind": kind},
    )


def find_live_organisation(actor: Actor, organisation_id: OrganisationId) -> Organisation | None:
    """Find an organisation that has not ended, beyond the actor's sight."""
    del actor
    return db.session.scalar(
        select(Organisation).where(
            Organisation.id == organisation_id, Organisation.ended_on.is_(None)
        )
    )


def _get(actor: Actor, organisation_id: OrganisationId, *, lock: bool) -> Organisation:
    statement = select(Organisation).where(Organisation.id == organisation_id, visible(actor))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    organisation = db.session.execute(statement).scalar_one_or_none()
    if organisation is None:
        raise NotFound
    return organisation
