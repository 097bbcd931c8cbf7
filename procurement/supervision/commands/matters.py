"""Raising matters, acting on them, and telling of what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import Invalid, NotAllowed
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from procurement.errors.supervision import NoTalkCalled, TalkPending
from procurement.events import MatterOpened, MatterOverdue
from procurement.supervision.commands.terms import deadline_for
from procurement.supervision.models.matters import (
    Cause,
    Matter,
    MatterAct,
    MatterId,
    MatterStatus,
    MatterStep,
    Talk,
    TalkId,
    TalkKind,
)
from procurement.supervision.queries import matters as queries
from procurement.supervision.rules import matters as rules
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.models import DocumentId
from registry.documents.queries import list_documents
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.rules import COUNTY_DIGITS


@dataclass(frozen=True, slots=True)
class NewMatter:
    """What a unit has to put right."""

    unit_id: OrganisationId
    year: int
    cause: Cause
    demand: str


@dataclass(frozen=True, slots=True)
class NewTalk:
    """A talk: with which office, why, and when."""

    kind: TalkKind
    office: str
    reason: str
    planned_on: date


@dataclass(frozen=True, slots=True)
class Word:
    """What is said with an act, and the paper that proves it."""

    text: str
    document_id: DocumentId | None = None


def raise_matter(new: NewMatter, *, by: Actor, now: datetime) -> Matter:
    """Demand of a unit that it puts something right.

    Refuses NotFound, OwnOrganisation, NotAllowed, MatterExists, NoSupervisionTerms.
    """
    unit = get_organisation(by, new.unit_id)
    deadline_on = deadline_for(unit.region_code, today=shanghai_day(now))
    return make_matter(unit, new, deadline_on=deadline_on, by=by, now=now)


def make_matter(
    unit: Organisation, new: NewMatter, *, deadline_on: date | None, by: Actor, now: datetime
) -> Matter:
    """Write a matter; one without a deadline is only proposed.

    Refuses OwnOrganisation, NotAllowed, MatterExists.
    """
    check_clear_of_identity(new.demand, pointer="/demand")
    rules.check_supervisor(unit, by=by)
    if by.organisation_id is None:
        raise NotAllowed
    asked = OrganisationId(by.organisation_id)
    return _write(unit, new, asked, deadline_on=deadline_on, by=by, now=now)


def propose_matter(
    unit: Organisation, new: NewMatter, *, supervisor_id: OrganisationId, now: datetime
) -> Matter:
    """Propose a matter to who watches over a unit, as time does: they take it up or drop it."""
    return _write(unit, new, supervisor_id, deadline_on=None, by=SYSTEM, now=now)


def _write(
    unit: Organisation,
    new: NewMatter,
    supervisor_id: OrganisationId,
    *,
    deadline_on: date | None,
    by: Actor,
    now: datetime,
) -> Matter:
    proposed = deadline_on is None
    county = unit.region_code[:COUNTY_DIGITS]
    matter = Matter(
        id=MatterId(new_id()),
        number=next_number("BF-M", region_code=county, year=shanghai_year(now)),
        unit_id=unit.id,
        by_organisation_id=supervisor_id,
        year=new.year,
        cause=new.cause,
        demand=new.demand,
        status=MatterStatus.PROPOSED if proposed else MatterStatus.OPEN,
        deadline_on=deadline_on,
        created_at=now,
    )
    db.session.add(matter)
    act = MatterAct.PROPOSE if proposed else MatterAct.OPEN
    note_step(matter, act, Word(new.demand), by=by, now=now)
    if not proposed:
        record(MatterOpened(matter_id=matter.id), now=now)
    return matter


def act_on_matter(
    matter_id: MatterId, act: MatterAct, word: Word, *, by: Actor, now: datetime
) -> Matter:
    """Take up, dismiss, remind, report, send back or close a matter.

    Refuses NotFound, NotAllowed, WrongState, SamePerson (who reported closes nothing).
    """
    matter = queries.lock_matter(by, matter_id)
    hands = list_accounts_of(by, {matter.reported_by})
    rules.check_actor(matter, act, by=by, hands=hands)
    status = rules.move(matter.status, act)
    if act in {MatterAct.OPEN, MatterAct.RETURN}:
        unit = get_organisation(SYSTEM, matter.unit_id)
        matter.deadline_on = deadline_for(unit.region_code, today=shanghai_day(now))
        matter.overdue_at = matter.reported_by = None
    if act is MatterAct.REPORT:
        matter.reported_by = UserId(by.user_id)
    if act is MatterAct.CLOSE:
        matter.closed_by = UserId(by.user_id)
    matter.status = status
    note_step(matter, act, word, by=by, now=now)
    if act is MatterAct.OPEN:
        record(MatterOpened(matter_id=matter.id), now=now)
    return matter


def call_talk(matter_id: MatterId, new: NewTalk, *, by: Actor, now: datetime) -> Matter:
    """Call a unit's office to a talk. Refuses what `act_on_matter` refuses, and TalkPending."""
    check_clear_of_identity(new.office, pointer="/office")
    matter = queries.lock_matter(by, matter_id)
    rules.check_actor(matter, MatterAct.CALL, by=by)
    matter.status = rules.move(matter.status, MatterAct.CALL)
    today = shanghai_day(now)
    if new.planned_on < today:
        raise Invalid(pointer="/planned_on", reason="不能早于今天 / not before today")
    if queries.find_pending_talk(by, matter.id) is not None:
        raise TalkPending
    db.session.add(
        Talk(
            id=TalkId(new_id()),
            matter_id=matter.id,
            kind=new.kind,
            office=new.office,
            reason=new.reason,
            called_on=today,
            planned_on=new.planned_on,
        )
    )
    note_step(matter, MatterAct.CALL, Word(new.reason), by=by, now=now)
    return matter


def record_talk(
    matter_id: MatterId, word: Word, *, held_on: date, by: Actor, now: datetime
) -> Matter:
    """Record what came of the talk that was called. Refuses NoTalkCalled as well."""
    matter = queries.lock_matter(by, matter_id)
    rules.check_actor(matter, MatterAct.TALK, by=by)
    matter.status = rules.move(matter.status, MatterAct.TALK)
    talk = queries.find_pending_talk(by, matter.id)
    if talk is None:
        raise NoTalkCalled
    if not talk.called_on <= held_on <= shanghai_day(now):
        reason = "应在通知当日至今天之间 / between the day it was called and today"
        raise Invalid(pointer="/held_on", reason=reason)
    talk.held_on, talk.result = held_on, word.text
    note_step(matter, MatterAct.TALK, word, by=by, now=now)
    return matter


def tell_overdue_matters(*, now: datetime, limit: int = 500) -> int:
    """Tell of matters whose deadline is over, once a round; give how many."""
    due = queries.lock_overdue(SYSTEM, today=shanghai_day(now), limit=limit)
    for matter in due:
        matter.overdue_at = now
        note_step(matter, MatterAct.OVERDUE, Word(""), by=SYSTEM, now=now)
        record(MatterOverdue(matter_id=matter.id), now=now)
    return len(due)


def note_step(matter: Matter, act: MatterAct, word: Word, *, by: Actor, now: datetime) -> None:
    """Add a line to a matter's ledger, with its paper, and the act beside it."""
    check_clear_of_identity(word.text, pointer="/text")
    if word.document_id is not None:
        list_documents(by, [word.document_id])
    db.session.flush()
    db.session.add(
        MatterStep(
            id=new_id(),
            matter_id=matter.id,
            act=act,
            text=word.text,
            document_id=word.document_id,
            by_id=None if by is SYSTEM else UserId(by.user_id),
            at=now,
        )
    )
    db.session.flush()
    audit.write(
        f"{act}_matter",
        subject=("supervision_matter", matter.id),
        by=by,
        now=now,
        after={"status": matter.status, "text": word.text, "document_id": word.document_id},
    )
