"""Drafting, editing, submitting and giving up a yearly promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import NotAllowed, check_version
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from procurement.events import FilingSubmitted
from procurement.filings import queries
from procurement.filings.commands.contents import (
    contents_of,
    leave_step,
    own_unit,
    write_contents,
)
from procurement.filings.models import Filing, FilingAct, FilingId, FilingStatus
from procurement.filings.rules import chain
from procurement.filings.rules.contents import FilingContents, check_filer
from registry.accounts.models import UserId
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.rules import COUNTY_DIGITS


def draft_filing(
    contents: FilingContents, *, by: Actor, now: datetime, unit_id: OrganisationId | None = None
) -> Filing:
    """Begin the promise of a unit for a year: the actor's own, or one that it supervises.

    Refuses what `write_contents` refuses, and FilingExists where the unit has one for that year.
    """
    unit = own_unit(by) if unit_id is None else _unit_filed_for(by, unit_id)
    check_filer(unit.kind)
    year = contents.year
    chain.check_first(
        current=queries.find_in_force(SYSTEM, unit.id, year=year),
        opened=queries.find_open(SYSTEM, unit.id, year=year),
    )
    filing = new_filing(unit, year=year, by=by, now=now)
    write_contents(filing, contents, unit=unit, now=now)
    add_filing(filing, unit=unit, now=now)
    leave_step(filing, FilingAct.DRAFT, by=by, now=now)
    return filing


def edit_filing(
    filing_id: FilingId,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Filing:
    """Change some figures of a draft or of what was returned; what is not named stays.

    Refuses VersionStale, WrongState, and what `draft_filing` refuses.
    """
    filing = queries.lock_filing(by, filing_id)
    chain.check_own(filing, by=by)
    check_version(filing.version, expected_version)
    chain.check_editable(filing.status)
    before = contents_of(filing)
    write_contents(filing, replace(before, **changes), unit=own_unit(by), now=now)
    leave_step(filing, FilingAct.EDIT, by=by, now=now, before=before)
    return filing


def submit_filing(filing_id: FilingId, *, by: Actor, now: datetime) -> Filing:
    """Hand a promise to the chain; it is checked again against the policy in force."""
    filing = queries.lock_filing(by, filing_id)
    chain.check_own(filing, by=by)
    chain.check_editable(filing.status)
    write_contents(filing, contents_of(filing), unit=own_unit(by), now=now)
    filing.status = FilingStatus.SUBMITTED
    filing.round += 1
    filing.submitted_by, filing.submitted_at = UserId(by.user_id), now
    filing.superior_by = filing.finance_by = filing.return_reason = None
    filing.return_reasons = []
    leave_step(filing, FilingAct.SUBMIT, by=by, now=now)
    record(FilingSubmitted(filing_id=filing.id), now=now)
    return filing


def withdraw_filing(filing_id: FilingId, *, by: Actor, now: datetime) -> Filing:
    """Give up a promise, or a revision of one, that nobody has confirmed yet (WrongState)."""
    filing = queries.lock_filing(by, filing_id)
    chain.check_own(filing, by=by)
    chain.check_withdrawable(filing.status)
    filing.status = FilingStatus.WITHDRAWN
    leave_step(filing, FilingAct.WITHDRAW, by=by, now=now)
    return filing


def new_filing(unit: Organisation, *, year: int, by: Actor, now: datetime) -> Filing:
    """Give an empty draft of a unit's year, the next revision of it."""
    return Filing(
        id=FilingId(new_id()),
        unit_id=unit.id,
        revision=queries.count_revisions(SYSTEM, unit.id, year=year) + 1,
        status=FilingStatus.DRAFT,
        round=0,
        return_reasons=[],
        author_id=UserId(by.user_id),
        created_at=now,
    )


def add_filing(filing: Filing, *, unit: Organisation, now: datetime) -> None:
    """Give a checked draft its number and keep it."""
    filing.number = next_number(
        "BF-F", region_code=unit.region_code[:COUNTY_DIGITS], year=shanghai_year(now)
    )
    db.session.add(filing)


def _unit_filed_for(by: Actor, unit_id: OrganisationId) -> Organisation:
    unit = get_organisation(by, unit_id)
    if by.organisation_id not in {unit.id, unit.supervising_id}:
        raise NotAllowed
    return unit
