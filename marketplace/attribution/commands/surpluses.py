"""Divide a cooperative's surplus: drawn up, approved, booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel import audit, ledger
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, SamePerson, check_version
from kernel.identity import new_id
from kernel.ledger import AccountId
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.attribution.models.surpluses import (
    SurplusKind,
    SurplusRun,
    SurplusRunId,
    SurplusShare,
    SurplusShareId,
    SurplusStatus,
)
from marketplace.attribution.queries import surpluses as queries
from marketplace.attribution.rules import surpluses as rules
from marketplace.attribution.rules.surpluses import Member, Part
from marketplace.errors.attribution import NobodyTraded
from marketplace.errors.lots import HouseholdNotLinked
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.households.models.households import HouseholdId
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId

SURPLUS, PAYABLE, OTHERS = "cooperative_surplus", "household_payable", "members_payable"
NOTHING = Fen(0)


@dataclass(frozen=True)
class Resolution:
    """What was resolved about a year: where it stands, and the paper."""

    year: int
    source: str
    document_id: DocumentId


@dataclass(frozen=True)
class Capital:
    """What of a cooperative's capital and reserves is a household's."""

    household_id: HouseholdId
    capital_fen: Fen


@dataclass(frozen=True)
class NewVolumeReturn:
    """A surplus after losses and reserves, and how the members resolved to divide it.

    `subsidy_fen` are state subsidies and gifts, of which each member has an equal part; the
    `other_…` are of members who are not on the register.
    """

    year: int
    surplus_fen: Fen
    by_volume_bp: int
    source: str
    document_id: DocumentId
    capital: Sequence[Capital] = ()
    subsidy_fen: Fen = NOTHING
    other_members: int = 0
    other_volume_fen: Fen = NOTHING
    other_capital_fen: Fen = NOTHING


def draw_up_return(new: NewVolumeReturn, *, by: Actor, now: datetime) -> SurplusRun:
    """Divide a surplus over what households delivered in the year, and the members besides.

    Refuses BelowVolumeFloor, NobodyTraded, SurplusDivided, HouseholdNotLinked, NotFound (paper).
    """
    cooperative_id = own_cooperative(by, new.year, now=now)
    by_volume = rules.part_by_volume(new.surplus_fen, by_volume_bp=new.by_volume_bp)
    members = _members(new, cooperative_id, by=by)
    if not any(one.volume_fen for one in members):
        raise NobodyTraded(year=new.year)
    parts = rules.return_by_volume(
        new.surplus_fen, by_volume_fen=by_volume, subsidy_fen=new.subsidy_fen, members=members
    )
    figures = {"surplus_fen": new.surplus_fen, "by_volume_fen": by_volume}
    resolution = Resolution(new.year, new.source, new.document_id)
    return write_run(SurplusKind.VOLUME_RETURN, resolution, figures, parts=parts, by=by, now=now)


def approve_run(
    run_id: SurplusRunId, *, expected_version: int | None, by: Actor, now: datetime
) -> SurplusRun:
    """Approve a run that somebody else drew up; its shares can be paid out.

    Refuses WrongState, SamePerson.
    """
    run = queries.lock_surplus_run(by, run_id)
    check_version(run.version, expected_version)
    rules.check_move(run.status, SurplusStatus.APPROVED)
    if run.created_by == by.user_id:
        raise SamePerson
    shares = queries.list_shares_to_book(by, run_id)
    run.transfer_id = ledger.transfer(
        "surplus", reference=run.number, postings=_postings(run, shares), now=now
    )
    run.status = SurplusStatus.APPROVED
    run.approved_by, run.approved_at = UserId(by.user_id), now
    _note("approve_surplus", run, by=by, now=now)
    return run


def cancel_run(
    run_id: SurplusRunId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> SurplusRun:
    """Call a run off before it is approved (WrongState)."""
    check_clear_of_identity(reason, pointer="/reason")
    run = queries.lock_surplus_run(by, run_id)
    check_version(run.version, expected_version)
    rules.check_move(run.status, SurplusStatus.CANCELLED)
    run.status, run.cancel_reason = SurplusStatus.CANCELLED, reason
    _note("cancel_surplus", run, by=by, now=now)
    return run


def own_cooperative(by: Actor, year: int, *, now: datetime) -> OrganisationId:
    """Give the actor's cooperative, which lives; refuses a year to come."""
    if by.organisation_id is None:
        raise NotAllowed
    if year > shanghai_year(now):
        raise Invalid(reason="该年度尚未开始 / the year has not begun", pointer="/year")
    return keep_organisation(OrganisationId(by.organisation_id)).id


def _members(new: NewVolumeReturn, cooperative_id: OrganisationId, *, by: Actor) -> list[Member]:
    """Gather who shares: households that delivered or have capital, by key, then the others."""
    volumes = queries.list_volumes(by, cooperative_id, year=new.year)
    capital = {one.household_id: one.capital_fen for one in new.capital}
    if len(capital) != len(new.capital):
        raise Invalid(reason="农户重复 / a household is named twice", pointer="/capital")
    for position, one in enumerate(new.capital):
        if one.household_id not in volumes:
            raise HouseholdNotLinked(pointer=f"/capital/{position}/household_id")
    members = [
        Member(key, volume, capital.get(HouseholdId(key), NOTHING))
        for key, volume in volumes.items()
    ]
    if new.other_members:
        others = Member(None, new.other_volume_fen, new.other_capital_fen, new.other_members)
        members.append(others)
    return members


def write_run(
    kind: SurplusKind,
    resolution: Resolution,
    figures: dict[str, Any],
    *,
    parts: Sequence[Part],
    by: Actor,
    now: datetime,
) -> SurplusRun:
    """Write a run as a draft with its parts; refuses NotFound (paper)."""
    get_document(by, resolution.document_id)
    columns = ("own_assets_fen", "fund_fen", "fund_bp", "floor_bp", "floor_fen", "preferred_bp")
    run = SurplusRun(
        id=SurplusRunId(new_id()),
        number=next_number("BF-S", region_code=by.region_code, year=shanghai_year(now)),
        cooperative_id=by.organisation_id,
        year=resolution.year,
        kind=kind,
        status=SurplusStatus.DRAFT,
        total_fen=Fen(sum(part.amount_fen for part in parts)),
        source=resolution.source,
        document_id=resolution.document_id,
        created_by=UserId(by.user_id),
        created_at=now,
        **({"by_volume_fen": NOTHING} | dict.fromkeys(columns, 0) | figures),
    )
    db.session.add(run)
    db.session.flush()
    db.session.add_all(
        SurplusShare(
            id=SurplusShareId(new_id()),
            run_id=run.id,
            household_id=part.household_id,
            volume_fen=part.volume_fen,
            first_fen=part.first_fen,
            second_fen=part.second_fen,
            amount_fen=part.amount_fen,
            shares=part.shares,
        )
        for part in parts
        if part.amount_fen
    )
    _note("draw_up_surplus", run, by=by, now=now)
    return run


def _postings(run: SurplusRun, shares: Sequence[SurplusShare]) -> list[tuple[AccountId, Fen]]:
    """Move the cooperative's surplus to those it belongs to."""
    postings = [(ledger.account(SURPLUS, run.cooperative_id), Fen(-run.total_fen))]
    for one in sorted(shares, key=lambda each: str(each.household_id)):
        kind = OTHERS if one.household_id is None else PAYABLE
        owner = one.household_id or run.cooperative_id
        postings.append((ledger.account(kind, owner), one.amount_fen))
    return postings


def _note(action: str, run: SurplusRun, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    after = {"number": run.number, "status": run.status, "total_fen": run.total_fen}
    audit.write(action, subject=("surplus_run", run.id), by=by, now=now, after=after)
