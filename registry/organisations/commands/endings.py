"""Rename organisations, and end them in a successor or for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.events import record
from kernel.identity import new_id
from registry.errors.organisations import NameDateTaken, NameUnchanged, SubordinatesLeft
from registry.events import OrganisationAbolished, OrganisationMerged, OrganisationRenamed
from registry.organisations.models import (
    ChangeKind,
    Ending,
    Organisation,
    OrganisationChange,
    OrganisationId,
    OrganisationName,
    OrganisationPlace,
)
from registry.organisations.queries import (
    get_organisation,
    list_names,
    list_subordinates,
    lock_organisation,
    lock_tree,
)
from registry.organisations.rules import (
    check_happened,
    check_live,
    check_successor,
    check_supervision,
)


@dataclass(frozen=True)
class NewName:
    """A new name, the day it holds from, and the document that says so."""

    name: str
    effective_on: date
    source: str


@dataclass(frozen=True)
class NewEnding:
    """The day an organisation ends, the document, and what takes its place, if anything does."""

    effective_on: date
    source: str
    successor_id: OrganisationId | None = None


def rename_organisation(
    organisation_id: OrganisationId,
    *,
    new: NewName,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Organisation:
    """Give an organisation another name from a day on; what it was called before stays by date.

    Refuses NotFound, VersionStale, OrganisationEnded, EndingInFuture, NameUnchanged,
    NameDateTaken.
    """
    organisation = lock_organisation(by, organisation_id)
    check_version(organisation.version, expected_version)
    check_live(organisation)
    check_happened(new.effective_on, today=shanghai_day(now))
    if new.name == organisation.name:
        raise NameUnchanged(pointer="/name")
    before = list_names(by, organisation_id)
    since_on = before[-1].until_on if before else None
    if since_on is not None and since_on >= new.effective_on:
        raise NameDateTaken
    db.session.add(
        OrganisationName(
            id=new_id(),
            organisation_id=organisation_id,
            name=organisation.name,
            since_on=since_on,
            until_on=new.effective_on,
            source=new.source,
        )
    )
    organisation.name = new.name
    db.session.flush()
    _note(organisation, ChangeKind.RENAMED, new.effective_on, new.source, by=by, now=now)
    record(OrganisationRenamed(organisation_id=organisation_id), now=now)
    audit.write(
        "rename_organisation",
        subject=("organisation", organisation_id),
        by=by,
        now=now,
        after={"name": new.name, "effective_on": new.effective_on},
    )
    return organisation


def merge_organisation(
    organisation_id: OrganisationId,
    *,
    into: NewEnding,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Organisation:
    """End an organisation in its successor.

    It stays, under its successor, so that all that names it holds and the successor sees it.
    What it supervised comes under the successor. Refuses NotFound, VersionStale,
    OrganisationEnded (either), EndingInFuture, SuccessionUnfit, SupervisionUnfit.
    """
    return _end(organisation_id, Ending.MERGED, into, expected_version, by=by, now=now)


def abolish_organisation(
    organisation_id: OrganisationId,
    *,
    ending: NewEnding,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Organisation:
    """End an organisation for good, with or without one that takes its place.

    Refuses what a merger refuses, and SubordinatesLeft without a successor.
    """
    return _end(organisation_id, Ending.ABOLISHED, ending, expected_version, by=by, now=now)


def _end(
    organisation_id: OrganisationId,
    kind: Ending,
    ending: NewEnding,
    expected_version: int | None,
    *,
    by: Actor,
    now: datetime,
) -> Organisation:
    lock_tree(by, shared=False)
    organisation = lock_organisation(by, organisation_id)
    check_version(organisation.version, expected_version)
    check_live(organisation)
    check_happened(ending.effective_on, today=shanghai_day(now))
    if ending.successor_id is not None:
        _succeed(organisation, ending.successor_id, ending, by=by, now=now)
    elif list_subordinates(by, organisation_id):
        raise SubordinatesLeft
    organisation.ended_on, organisation.ending = ending.effective_on, kind
    organisation.successor_id = ending.successor_id
    db.session.flush()
    change = ChangeKind.MERGED if kind is Ending.MERGED else ChangeKind.ABOLISHED
    _note(
        organisation,
        change,
        ending.effective_on,
        ending.source,
        to_id=ending.successor_id,
        by=by,
        now=now,
    )
    if kind is Ending.MERGED and ending.successor_id is not None:
        record(
            OrganisationMerged(organisation_id=organisation_id, successor_id=ending.successor_id),
            now=now,
        )
    else:
        record(OrganisationAbolished(organisation_id=organisation_id), now=now)
    audit.write(
        f"{'merge' if kind is Ending.MERGED else 'abolish'}_organisation",
        subject=("organisation", organisation_id),
        by=by,
        now=now,
        after={"successor_id": ending.successor_id, "effective_on": ending.effective_on},
    )
    return organisation


def _succeed(
    organisation: Organisation,
    successor_id: OrganisationId,
    ending: NewEnding,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Put what ends, and all it supervised, under its successor."""
    successor = get_organisation(by, successor_id)
    check_live(successor)
    check_successor(organisation, successor=successor)
    for subordinate in list_subordinates(by, organisation.id):
        check_supervision(subordinate.kind, supervisor=successor)
        _note(
            subordinate,
            ChangeKind.MOVED,
            ending.effective_on,
            ending.source,
            from_id=organisation.id,
            to_id=successor.id,
            by=by,
            now=now,
        )
    below = Organisation.lineage.startswith(organisation.lineage) & (
        Organisation.id != organisation.id
    )
    _keep_places(organisation, now=now)
    moved = func.substr(Organisation.lineage, len(organisation.lineage) + 1)
    statement = update(Organisation).execution_options(synchronize_session=False)
    db.session.execute(
        statement.where(Organisation.supervising_id == organisation.id).values(
            supervising_id=successor.id, version=Organisation.version + 1
        )
    )
    db.session.execute(statement.where(below).values(lineage=successor.lineage + moved))
    organisation.supervising_id = successor.id
    organisation.lineage = f"{successor.lineage}{organisation.id}/"


def _keep_places(organisation: Organisation, *, now: datetime) -> None:
    """Keep where it and all under it stood until now, for questions about the past.

    Of several moves at one instant the first counts.
    """
    left = [
        {"id": new_id(), "organisation_id": one, "lineage": lineage, "until_at": now}
        for one, lineage in db.session.execute(
            select(Organisation.id, Organisation.lineage).where(
                Organisation.lineage.startswith(organisation.lineage)
            )
        )
    ]
    # a place that was reached and left at one instant was never stood in
    db.session.execute(insert(OrganisationPlace).on_conflict_do_nothing(), left)


def _note(
    organisation: Organisation,
    kind: ChangeKind,
    effective_on: date,
    source: str,
    *,
    by: Actor,
    now: datetime,
    from_id: OrganisationId | None = None,
    to_id: OrganisationId | None = None,
) -> None:
    db.session.add(
        OrganisationChange(
            id=new_id(),
            organisation_id=organisation.id,
            kind=kind,
            effective_on=effective_on,
            from_id=from_id,
            to_id=to_id,
            source=source,
            recorded_by=by.user_id,
            recorded_at=now,
        )
    )
