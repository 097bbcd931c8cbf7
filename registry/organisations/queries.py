"""Which organisations an actor sees, what they were called, and their credit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.organisations.models import (
    Consequence,
    CreditEntry,
    CreditEntryId,
    Organisation,
    OrganisationChange,
    OrganisationId,
    OrganisationKind,
    OrganisationName,
    OrganisationPlace,
)

ASKER = ("asker_lineage", "asker_region_prefix")
"""Parameters of a statement that is built before anybody asks."""
TREE = 7_210_101
"""The key of the advisory lock under which the tree is moved."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `Organisation`, that the actor sees it.

    The own organisation and what stands under it; with sight of a region also what is
    registered inside it; nothing for the public.
    """
    return _seen(sight_of(actor), lineage=actor.lineage, region_prefix=actor.region_prefix)


def visible_to_asker(sight: Sight) -> ColumnElement[bool]:
    """Say the same of whoever asks with this sight, for a statement that is built only once.

    It is executed with what `asker` gives.
    """
    lineage, region_prefix = (bindparam(name, type_=Text) for name in ASKER)
    return _seen(sight, lineage=lineage, region_prefix=region_prefix)


def asker(actor: Actor) -> dict[str, str]:
    """Give who asks, as parameters of a statement with `visible_to_asker`."""
    return dict(zip(ASKER, (actor.lineage, actor.region_prefix), strict=True))


def sight_of(actor: Actor) -> Sight:
    """Give how far the actor sees; nobody sees anything without an organisation."""
    return actor.sight if actor.lineage or actor.sight is Sight.ALL else Sight.NONE


def _seen(sight: Sight, *, lineage: Any, region_prefix: Any) -> ColumnElement[bool]:
    if sight is Sight.ALL:
        return true()
    if sight is Sight.NONE:
        return false()
    own = Organisation.lineage.startswith(lineage)
    if sight is Sight.REGION:
        return or_(own, Organisation.region_code.startswith(region_prefix))
    return own


def get_organisation(actor: Actor, organisation_id: OrganisationId) -> Organisation:
    """Give an organisation in the actor's sight, or NotFound."""
    return _get(actor, organisation_id, lock=False)


def lock_organisation(actor: Actor, organisation_id: OrganisationId) -> Organisation:
    """Give an organisation in the actor's sight, locked until the end of the transaction."""
    return _get(actor, organisation_id, lock=True)


def list_organisations(
    actor: Actor,
    *,
    kind: OrganisationKind | None,
    name: str | None,
    limit: int,
    cursor: str | None,
) -> Page[Organisation]:
    """List the organisations in the actor's sight, the newest first; by a part of their name."""
    statement = select(Organisation).where(visible(actor))
    if kind is not None:
        statement = statement.where(Organisation.kind == kind)
    if name is not None:
        statement = statement.where(func.strpos(Organisation.name, name) > 0)
    return page(
        statement,
        keys=[(Organisation.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"kind": kind, "name": name},
    )


def lock_tree(actor: Actor, *, shared: bool) -> None:
    """Keep the tree of organisations as it is until the end of the transaction.

    Many may add to it at once (`shared`); who moves parts of it does so alone: a lineage is a
    copy of the path, and a row that is only just written is not found to be rewritten.
    """
    del actor
    take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    db.session.execute(select(take(TREE)))


def list_subordinates(actor: Actor, organisation_id: OrganisationId) -> list[Organisation]:
    """List what stands directly under an organisation, ended ones too, by key."""
    statement = select(Organisation).where(
        Organisation.supervising_id == organisation_id, visible(actor)
    )
    return list(db.session.scalars(statement.order_by(Organisation.id)))


def list_names(actor: Actor, organisation_id: OrganisationId) -> list[OrganisationName]:
    """List the former names of an organisation in sight, the oldest first."""
    get_organisation(actor, organisation_id)
    statement = select(OrganisationName).where(OrganisationName.organisation_id == organisation_id)
    return list(db.session.scalars(statement.order_by(OrganisationName.until_on)))


def list_names_of(actor: Actor, keys: Collection[UUID]) -> dict[UUID, str]:
    """Give what organisations are called today; a name is open to all who know the key."""
    del actor
    rows = db.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(keys))
    )
    return {UUID(str(key)): name for key, name in rows}


def get_name_on(actor: Actor, organisation_id: OrganisationId, *, on: date) -> str:
    """Give what an organisation in sight was called on a day."""
    for name in list_names(actor, organisation_id):
        if on < name.until_on:
            return name.name
    return get_organisation(actor, organisation_id).name


def list_places_left(actor: Actor, *, after: datetime) -> list[tuple[OrganisationId, str, str]]:
    """List who stood elsewhere in the tree at an instant: (who, lineage then, lineage now)."""
    del actor  # who asks was shown the one whose tree it is
    left = OrganisationPlace
    rows = db.session.execute(
        select(left.organisation_id, left.lineage, Organisation.lineage)
        .join(Organisation, Organisation.id == left.organisation_id)
        .where(left.until_at > after)
        .order_by(left.organisation_id, left.until_at)
        .ext(distinct_on(left.organisation_id))
    )
    return [(one, then, now) for one, then, now in rows]


def name_on(day: date | ColumnElement[date]) -> ColumnElement[str]:
    """Give, of `Organisation`, what it was called on a day."""
    former = (
        select(OrganisationName.name)
        .where(OrganisationName.organisation_id == Organisation.id, OrganisationName.until_on > day)
        .order_by(OrganisationName.until_on)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(former, Organisation.name)


def list_changes(actor: Actor, organisation_id: OrganisationId) -> list[OrganisationChange]:
    """List what happened to an organisation in sight, the oldest first."""
    get_organisation(actor, organisation_id)
    statement = select(OrganisationChange).where(
        OrganisationChange.organisation_id == organisation_id
    )
    return list(db.session.scalars(statement.order_by(OrganisationChange.id)))


def list_credit_entries(
    actor: Actor, *, organisation_id: OrganisationId, limit: int, cursor: str | None
) -> Page[CreditEntry]:
    """List the credit record of an organisation in sight, withdrawn entries too, newest first."""
    get_organisation(actor, organisation_id)
    return page(
        select(CreditEntry).where(CreditEntry.organisation_id == organisation_id),
        keys=[(CreditEntry.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"organisation": organisation_id},
    )


def list_consequences(
    actor: Actor, organisation_id: OrganisationId, *, on: date
) -> list[Consequence]:
    """List what the credit record of an organisation in sight leads to on a day, each once."""
    get_organisation(actor, organisation_id)
    entries = db.session.scalars(
        select(CreditEntry.consequences).where(
            CreditEntry.organisation_id == organisation_id,
            CreditEntry.withdrawn_at.is_(None),
            CreditEntry.since_on <= on,
            or_(CreditEntry.until_on.is_(None), CreditEntry.until_on > on),
        )
    )
    return sorted({Consequence(one) for entry in entries for one in entry})


def lock_credit_entry(actor: Actor, entry_id: CreditEntryId) -> CreditEntry:
    """Give an entry on the record of an organisation in the actor's sight, locked, or NotFound."""
    return locked(
        select(CreditEntry)
        .join(Organisation, Organisation.id == CreditEntry.organisation_id)
        .where(CreditEntry.id == entry_id, visible(actor)),
        of=CreditEntry,
    )


def lock_against_ending(actor: Actor, organisation_id: OrganisationId) -> Organisation:
    """Give an organisation as it stands, beyond the actor's sight, and let nobody end it meanwhile.

    Rows may refer to it at the same time: the lock is the one that a reference takes.
    """
    del actor  # what is written for it was found in the actor's sight
    statement = select(Organisation).where(Organisation.id == organisation_id)
    statement = statement.with_for_update(read=True, key_share=True)
    return one(statement.execution_options(populate_existing=True))


def find_organisation_by_code(actor: Actor, credit_code: str) -> OrganisationId | None:
    """Find an organisation in sight by its credit code."""
    statement = select(Organisation.id).where(
        Organisation.credit_code == credit_code, visible(actor)
    )
    return db.session.scalar(statement)


def list_live_organisations_named(
    actor: Actor, name: str, *, region_code: str
) -> list[Organisation]:
    """List the organisations in sight of a name, registered in just this region, by key."""
    statement = select(Organisation).where(
        Organisation.name == name,
        Organisation.region_code == region_code,
        Organisation.ended_on.is_(None),
        visible(actor),
    )
    return list(db.session.scalars(statement.order_by(Organisation.id)))


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
    return one(statement)
