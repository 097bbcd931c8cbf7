"""Drafting, editing, submitting, confirming and returning a yearly promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import NotAllowed, check_version
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from procurement.events import FilingReturned, FilingSubmitted
from procurement.filings import queries, rules
from procurement.filings.models import Filing, FilingAct, FilingId, FilingStatus, FilingStep
from procurement.filings.rules import FilingContents, Turn
from procurement.policies.commands import resolve_policy
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation

CONTENTS = tuple(FilingContents.__dataclass_fields__)
COUNTY_DIGITS = 6
CONFIRMING = {
    Turn.SUPERIOR: FilingAct.SUPERIOR_CONFIRM,
    Turn.FINANCE: FilingAct.FINANCE_CONFIRM,
}


def draft_filing(contents: FilingContents, *, by: Actor, now: datetime) -> Filing:
    """Begin the promise of the actor's unit for a year.

    Refuses what `check_contents` refuses, NoPolicyInForce, FilingClosed, BelowFloor, and
    FilingExists where the unit has one for that year.
    """
    unit = _own_unit(by)
    rules.check_filer(unit.kind)
    filing = Filing(
        id=FilingId(new_id()),
        unit_id=unit.id,
        status=FilingStatus.DRAFT,
        author_id=UserId(by.user_id),
        created_at=now,
    )
    _write_contents(filing, contents, unit=unit, now=now)
    filing.number = next_number(
        "BF-F", region_code=unit.region_code[:COUNTY_DIGITS], year=shanghai_year(now)
    )
    db.session.add(filing)
    _leave_step(filing, FilingAct.DRAFT, by=by, now=now)
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
    rules.check_own(filing, by=by)
    check_version(filing.version, expected_version)
    rules.check_editable(filing.status)
    before = contents_of(filing)
    _write_contents(filing, replace(before, **changes), unit=_own_unit(by), now=now)
    _leave_step(filing, FilingAct.EDIT, by=by, now=now, before=before)
    return filing


def submit_filing(filing_id: FilingId, *, by: Actor, now: datetime) -> Filing:
    """Hand a promise to the chain; it is checked again against the policy in force."""
    filing = queries.lock_filing(by, filing_id)
    rules.check_own(filing, by=by)
    rules.check_editable(filing.status)
    _write_contents(filing, contents_of(filing), unit=_own_unit(by), now=now)
    filing.status = FilingStatus.SUBMITTED
    filing.submitted_by, filing.submitted_at = UserId(by.user_id), now
    filing.superior_by = filing.finance_by = filing.return_reason = None
    _leave_step(filing, FilingAct.SUBMIT, by=by, now=now)
    record(FilingSubmitted(filing_id=filing.id), now=now)
    return filing


def confirm_step(filing_id: FilingId, *, by: Actor, now: datetime) -> Filing:
    """Confirm a promise at the level whose turn it is; the caller opens what follows.

    Refuses SamePerson, OwnOrganisation, NotAllowed, WrongState.
    """
    filing = queries.lock_filing(by, filing_id)
    turn = _turn(filing, by=by)
    filing.status = rules.status_after(turn)
    if turn is Turn.SUPERIOR:
        filing.superior_by = UserId(by.user_id)
    else:
        filing.finance_by, filing.confirmed_at = UserId(by.user_id), now
    _leave_step(filing, CONFIRMING[turn], by=by, now=now)
    return filing


def return_filing(filing_id: FilingId, *, reason: str, by: Actor, now: datetime) -> Filing:
    """Send a promise back to its unit with a reason; the round begins anew."""
    check_clear_of_identity(reason, pointer="/reason")
    filing = queries.lock_filing(by, filing_id)
    _turn(filing, by=by)
    filing.status, filing.return_reason = FilingStatus.RETURNED, reason
    filing.superior_by = None
    _leave_step(filing, FilingAct.RETURN, by=by, now=now, reason=reason)
    record(FilingReturned(filing_id=filing.id), now=now)
    return filing


def contents_of(filing: Filing) -> FilingContents:
    """Read back what a unit filed."""
    return FilingContents(**{name: getattr(filing, name) for name in CONTENTS})


def _own_unit(by: Actor) -> Organisation:
    if by.organisation_id is None:
        raise NotAllowed
    return get_organisation(by, OrganisationId(by.organisation_id))


def _turn(filing: Filing, *, by: Actor) -> Turn:
    unit = get_organisation(by, filing.unit_id)
    return rules.check_decider(
        filing,
        unit=unit,
        superior=rules.has_superior(queries.find_unit(SYSTEM, unit.supervising_id)),
        preparers=queries.list_preparers(by, filing.id),
        by=by,
    )


def _write_contents(
    filing: Filing, contents: FilingContents, *, unit: Organisation, now: datetime
) -> None:
    """Check a unit's figures against everything that is known, then write them."""
    rules.check_contents(contents, unit_id=unit.id)
    if contents.note is not None:
        check_clear_of_identity(contents.note, pointer="/note")
    if contents.representative_unit_id is not None:
        representative = queries.find_unit(SYSTEM, contents.representative_unit_id)
        rules.check_representative(representative)
    resolution = resolve_policy(
        SYSTEM, region_code=unit.region_code, year=contents.year, situation=contents.situation
    )
    policy = rules.check_policy(resolution)
    rules.check_open(resolution, status=filing.status, now=now)
    filing.floor_fen = rules.check_floor(policy, contents)
    filing.policy_id = policy.id
    for name in CONTENTS:
        setattr(filing, name, getattr(contents, name))


def _leave_step(
    filing: Filing,
    act: FilingAct,
    *,
    by: Actor,
    now: datetime,
    before: FilingContents | None = None,
    reason: str | None = None,
) -> None:
    """Write the filing, the step and the audit row of one act."""
    db.session.flush()
    step = FilingStep(
        id=new_id(),
        filing_id=filing.id,
        act=act,
        by_user_id=UserId(by.user_id),
        by_organisation_id=by.organisation_id,
        canteen_total_fen=filing.canteen_total_fen,
        reserved_fen=filing.reserved_fen,
        ceiling_fen=filing.ceiling_fen,
        reason=reason,
        at=now,
    )
    db.session.add(step)
    db.session.flush()
    audit.write(
        f"{act}_filing",
        subject=("filing", filing.id),
        by=by,
        now=now,
        before=None if before is None else asdict(before),
        after=asdict(contents_of(filing)) | {"status": filing.status, "reason": reason},
    )
