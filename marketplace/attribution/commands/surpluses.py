"""Divide a cooperative's surplus, or a fund's dividend: drawn up, approved, booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel import audit, ledger
from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year
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
from marketplace.attribution.rules.surpluses import Fund, Member, Part
from marketplace.errors.attribution import NobodyTraded
from marketplace.errors.lots import HouseholdNotLinked
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.households.models.households import HouseholdId
from registry.households.queries.links import list_linked_households
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId

SURPLUS, PAYABLE, OTHERS = "cooperative_surplus", "household_payable", "members_payable"
NOTHING = Fen(0)


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


@dataclass(frozen=True)
class NewFundDividend:
    """The profit of an undertaking that a public fund has a part in, and whose the fund is."""

    year: int
    profit_fen: Fen
    own_assets_fen: Fen
    fund_fen: Fen
    floor_bp: int
    source: str
    document_id: DocumentId
    household_ids: Sequence[HouseholdId]
    preferred_ids: Sequence[HouseholdId] = field(default=())
    preferred_bp: int = 0


def draw_up_return(new: NewVolumeReturn, *, by: Actor, now: datetime) -> SurplusRun:
    """Divide a surplus over what households delivered in the year, and the members besides.

    Refuses BelowVolumeFloor, NobodyTraded, SurplusDivided, HouseholdNotLinked, NotFound (paper).
    """
    cooperative_id = _own(by, new.year, now=now)
    by_volume = rules.part_by_volume(new.surplus_fen, by_volume_bp=new.by_volume_bp)
    members = _members(new, cooperative_id, by=by)
    if not any(one.volume_fen for one in members):
        raise NobodyTraded(year=new.year)
    parts = rules.return_by_volume(
        new.surplus_fen, by_volume_fen=by_volume, subsidy_fen=new.subsidy_fen, members=members
    )
    figures = {"surplus_fen": new.surplus_fen, "by_volume_fen": by_volume}
    return _write(SurplusKind.VOLUME_RETURN, new, figures, parts=parts, by=by, now=now)


def draw_up_dividend(new: NewFundDividend, *, by: Actor, now: datetime) -> SurplusRun:
    """Divide what a fund brings over its households, each linked to the cooperative.

    Refuses HouseholdNotLinked, Invalid (names, nothing to divide), NotFound (paper).
    """
    cooperative_id = _own(by, new.year, now=now)
    rules.check_preferred(new.household_ids, new.preferred_ids)
    _check_linked(new.household_ids, cooperative_id, by=by, now=now)
    fund = Fund(new.own_assets_fen, new.fund_fen, new.floor_bp)
    total = rules.fund_total(new.profit_fen, fund)
    if total <= 0:
        raise Invalid(reason="没有可分配的金额 / there is nothing to divide", pointer="/profit_fen")
    parts = rules.divide_fund(
        total,
        households=new.household_ids,
        preferred=new.preferred_ids,
        preferred_bp=new.preferred_bp,
    )
    figures = {
        "surplus_fen": new.profit_fen,
        "own_assets_fen": new.own_assets_fen,
        "fund_fen": new.fund_fen,
        "fund_bp": fund.fund_bp,
        "floor_bp": new.floor_bp,
        "floor_fen": fund.floor_fen,
        "preferred_bp": new.preferred_bp if new.preferred_ids else 0,
    }
    return _write(SurplusKind.FUND_DIVIDEND, new, figures, parts=parts, by=by, now=now)


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


def _own(by: Actor, year: int, *, now: datetime) -> OrganisationId:
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


def _check_linked(
    household_ids: Sequence[HouseholdId],
    cooperative_id: OrganisationId,
    *,
    by: Actor,
    now: datetime,
) -> None:
    linked = list_linked_households(
        by,
        organisation_id=cooperative_id,
        household_ids=household_ids,
        on=shanghai_day(now),
    )
    known = {one.id for one in linked}
    for position, household_id in enumerate(household_ids):
        if household_id not in known:
            raise HouseholdNotLinked(pointer=f"/household_ids/{position}")


def _write(
    kind: SurplusKind,
    new: NewVolumeReturn | NewFundDividend,
    figures: dict[str, Any],
    *,
    parts: Sequence[Part],
    by: Actor,
    now: datetime,
) -> SurplusRun:
    get_document(by, new.document_id)
    columns = ("own_assets_fen", "fund_fen", "fund_bp", "floor_bp", "floor_fen", "preferred_bp")
    run = SurplusRun(
        id=SurplusRunId(new_id()),
        number=next_number("BF-S", region_code=by.region_code, year=shanghai_year(now)),
        cooperative_id=by.organisation_id,
        year=new.year,
        kind=kind,
        status=SurplusStatus.DRAFT,
        total_fen=Fen(sum(part.amount_fen for part in parts)),
        source=new.source,
        document_id=new.document_id,
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
