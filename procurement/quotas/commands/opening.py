"""Opening a unit's quotas with the last confirmation of its promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.events import record
from kernel.holds import EntryKind
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.quotas import QuotaMissing
from procurement.events import FilingConfirmed
from procurement.filings.commands.chain import confirm_step
from procurement.filings.commands.contents import contents_of
from procurement.filings.models import Filing, FilingId
from procurement.quotas import rules
from procurement.quotas.commands.shifts import Reason, Shift, move
from procurement.quotas.models import Fund, MoveKind, Quota, QuotaEntry, QuotaId
from procurement.quotas.queries import moves
from procurement.quotas.queries import quotas as queries
from procurement.quotas.rules import QuotaTerms
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId

NOTHING = Fen(0)


@dataclass(frozen=True, slots=True)
class ConfirmedFiling:
    """A promise after a confirmation, and the quotas it opened if it was the last one."""

    filing: Filing
    quotas: Sequence[Quota]


@dataclass(frozen=True, slots=True)
class NewStaffLimit:
    """Up to which amount the staff buy in a year, and the decision it rests on."""

    year: int
    limit_fen: Fen
    source: str


def confirm_filing(
    filing_id: FilingId, *, by: Actor, now: datetime, opinion: str | None = None
) -> ConfirmedFiling:
    """Confirm a promise; the last confirmation opens the unit's quotas with it.

    Where the year has its quota already, as after a revision or an allocation, the difference
    to what was filed before is added or cut. Refuses SamePerson, OwnOrganisation, NotAllowed,
    WrongState; QuotaExceeded for a cut below what is held and spent; YearClosed.
    """
    filing = confirm_step(filing_id, by=by, now=now, opinion=opinion)
    terms = rules.terms_of(filing.status, contents_of(filing))
    terms += _dropped(filing, terms)
    opened = [_open_or_revise(filing, one, by=by, now=now) for one in terms]
    if opened:
        staff = queries.find_quota(
            SYSTEM, unit_id=filing.unit_id, year=filing.year, fund=Fund.STAFF
        )
        if staff is not None:
            staff.filing_id = filing.id
        record(FilingConfirmed(filing_id=filing.id), now=now)
    return ConfirmedFiling(filing, opened)


def set_staff_limit(new: NewStaffLimit, *, by: Actor, now: datetime) -> Quota:
    """Say up to which amount the unit's staff may buy in a year with their own money.

    It is no part of the promise: nothing is reserved of it, and what is bought counts where the
    promise's policy says so. Refuses QuotaMissing before the year's promise is confirmed,
    YearClosed, and QuotaExceeded below what is held and spent.
    """
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(new.source, pointer="/source")
    unit_id = OrganisationId(by.organisation_id)
    filed = queries.find_quota(SYSTEM, unit_id=unit_id, year=new.year, fund=Fund.CANTEEN)
    if filed is None or filed.filing_id is None:
        raise QuotaMissing
    quota_id = ensure_quota(
        unit_id, year=new.year, fund=Fund.STAFF, filing_id=FilingId(filed.filing_id)
    )
    terms = QuotaTerms(Fund.STAFF, new.limit_fen, NOTHING)
    return revise_quota(quota_id, terms, source=new.source, by=by, now=now)


def ensure_quota(
    unit_id: OrganisationId, *, year: int, fund: Fund, filing_id: FilingId | None = None
) -> QuotaId:
    """Give the quota of a unit's year and fund; where there is none, an empty one is opened."""
    made = db.session.execute(
        insert(cast("Table", Quota.__table__))
        .values(
            id=new_id(),
            unit_id=unit_id,
            year=year,
            fund=fund,
            ceiling_fen=NOTHING,
            floor_fen=NOTHING,
            held_fen=NOTHING,
            spent_fen=NOTHING,
            filing_id=filing_id,
        )
        .on_conflict_do_nothing(constraint="uq_quota_unit_year_fund")
        .returning(Quota.id)
    ).scalar_one_or_none()
    if made is not None:
        return made
    found = queries.find_quota(SYSTEM, unit_id=unit_id, year=year, fund=fund)
    if found is None:
        raise QuotaMissing
    return found.id


def revise_quota(
    quota_id: QuotaId, terms: QuotaTerms, *, source: str, by: Actor, now: datetime
) -> Quota:
    """Let a quota have what its promise says now; what was allocated or moved stays as it is.

    Refuses YearClosed, and QuotaExceeded where less would be left than is held and spent.
    """
    quota = queries.lock_quotas(SYSTEM, {quota_id})[quota_id]
    rules.check_open(quota, now=now)
    ceiling, floor = moves.sum_filed(SYSTEM, quota_id)
    shift = Shift(
        quota_id,
        ceiling=Fen(terms.ceiling_fen - ceiling),
        floor=Fen(terms.floor_fen - floor),
    )
    rules.check_leaving(quota, ceiling=Fen(-shift.ceiling), floor=Fen(-shift.floor))
    if shift.ceiling or shift.floor:
        move(Reason(MoveKind.REVISION, source, to_id=quota_id), [shift], by=by, now=now)
    return queries.lock_quotas(SYSTEM, {quota_id})[quota_id]


def _dropped(filing: Filing, terms: Sequence[QuotaTerms]) -> list[QuotaTerms]:
    """Give nothing for each fund that a revision left out and the year has a quota of."""
    if not terms or filing.supersedes_id is None:
        return []
    kept = {one.fund for one in terms}
    return [
        QuotaTerms(fund, NOTHING, NOTHING)
        for fund in (Fund.CANTEEN, Fund.UNION)
        if fund not in kept
        and queries.find_quota(SYSTEM, unit_id=filing.unit_id, year=filing.year, fund=fund)
    ]


def _open_or_revise(filing: Filing, terms: QuotaTerms, *, by: Actor, now: datetime) -> Quota:
    found = queries.find_quota(SYSTEM, unit_id=filing.unit_id, year=filing.year, fund=terms.fund)
    if found is None:
        return _open_quota(filing, terms, by=by, now=now)
    quota = revise_quota(found.id, terms, source=filing.number, by=by, now=now)
    quota.filing_id = filing.id
    db.session.flush()
    return quota


def _open_quota(filing: Filing, terms: QuotaTerms, *, by: Actor, now: datetime) -> Quota:
    quota = Quota(
        id=QuotaId(new_id()),
        unit_id=filing.unit_id,
        year=filing.year,
        fund=terms.fund,
        ceiling_fen=terms.ceiling_fen,
        floor_fen=terms.floor_fen,
        held_fen=NOTHING,
        spent_fen=NOTHING,
        filing_id=filing.id,
    )
    opening = QuotaEntry(
        id=new_id(),
        counter_id=quota.id,
        kind=EntryKind.ADJUST,
        held=NOTHING,
        spent=NOTHING,
        accepted_fen=NOTHING,
        ceiling_fen=terms.ceiling_fen,
        floor_fen=terms.floor_fen,
        at=now,
    )
    db.session.add_all([quota, opening])
    db.session.flush()
    audit.write(
        "open_quota",
        subject=("quota", quota.id),
        by=by,
        now=now,
        after={"fund": terms.fund, "ceiling": terms.ceiling_fen, "floor": terms.floor_fen},
    )
    return quota
