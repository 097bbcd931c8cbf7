"""Offering a plot to be farmed for a buyer, and what becomes of it; its order is placed above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.campaigns.models.commissions import (
    CommissionStatus,
    FailureRule,
    FarmingCommission,
    FarmingCommissionId,
    FarmingGrower,
    FarmingMilestone,
    FarmingMilestoneId,
    MilestoneStatus,
)
from marketplace.campaigns.queries import commissions as queries
from marketplace.campaigns.queries.commissions import CommissionView
from marketplace.campaigns.rules import commissions as rules
from marketplace.campaigns.rules.commissions import GrowerTerms, MilestoneTerms
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.queries.listings import get_own_listing
from marketplace.lots.commands.stock import check_linked
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId

ENDED = frozenset({CommissionStatus.WITHDRAWN, CommissionStatus.FAILED, CommissionStatus.LAPSED})


@dataclass(frozen=True)
class NewCommission:
    """What is offered: plot and growers, yield, when its price is due, and what if it fails."""

    listing_id: ListingId
    title: str
    village_code: str
    area_mu: Decimal
    quantity: Decimal
    prepaid_bp: int
    milestones: Sequence[MilestoneTerms]
    harvest_by_on: date
    on_failure: FailureRule
    growers: Sequence[GrowerTerms] = ()


@dataclass(frozen=True)
class Proof:
    """What shows that work was done, or a harvest lost: words, and papers about the plot."""

    text: str
    document_ids: Sequence[DocumentId] = ()


def offer_commission(new: NewCommission, *, by: Actor, now: datetime) -> CommissionView:
    """Offer a plot at the listing's price of today, as its supplier.

    Refuses NotFound (listing), HouseholdNotLinked, OrganisationEnded, and what the rules of
    season, yield and instalments refuse.
    """
    check_clear_of_identity(new.title, pointer="/title")
    listing = get_own_listing(by, new.listing_id)
    keep_organisation(listing.supplier_id)
    today = shanghai_day(now)
    rules.check_season(new.milestones, harvest_by_on=new.harvest_by_on, today=today)
    rules.check_yield(new.quantity, growers=new.growers, unit=listing.unit, step=listing.step)
    price = listing.unit_price_fen
    parts = rules.instalments(
        new.quantity, price, prepaid_bp=new.prepaid_bp, milestones=new.milestones
    )
    check_linked([one.household_id for one in new.growers], of="growers", by=by, today=today)
    made = FarmingCommission(
        id=FarmingCommissionId(new_id()),
        number=next_number("BF-F", region_code=by.region_code, year=shanghai_year(now)),
        supplier_id=listing.supplier_id,
        listing_id=listing.id,
        title=new.title,
        village_code=new.village_code,
        area_mu=new.area_mu,
        unit=listing.unit,
        quantity=new.quantity,
        unit_price_fen=price,
        total_fen=parts.total_fen,
        prepaid_fen=parts.prepaid_fen,
        harvest_by_on=new.harvest_by_on,
        on_failure=new.on_failure,
        status=CommissionStatus.OFFERED,
        created_by=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    db.session.add_all(_growers(made, new.growers))
    db.session.add_all(_milestones(made, new.milestones, parts.milestones_fen))
    note(made, "offer_farming_commission", by=by, now=now)
    return queries.get_commission_view(by, made.id)


def withdraw_commission(
    commission_id: FarmingCommissionId, *, expected_version: int | None, by: Actor, now: datetime
) -> CommissionView:
    """Take a plot back that nobody adopted (WrongState)."""
    found = queries.lock_own_commission(by, commission_id)
    check_version(found.version, expected_version)
    move(found, CommissionStatus.WITHDRAWN, by=by, now=now)
    return queries.get_commission_view(by, found.id)


def lapse_commission(order_id: UUID, *, now: datetime) -> None:
    """End the plot of an order that is called off or lapsed; one that failed stays failed."""
    found = queries.lock_commission_of(SYSTEM, order_id)
    if found is not None and found.status not in ENDED:
        move(found, CommissionStatus.LAPSED, by=SYSTEM, now=now)


def rebind_commission(order_id: UUID, *, to: OrganisationId) -> None:
    """Let the plot of an order follow it to another unit."""
    found = queries.lock_commission_of(SYSTEM, order_id)
    if found is not None:
        found.bound_unit_id = to


def move(commission: FarmingCommission, to: CommissionStatus, *, by: Actor, now: datetime) -> None:
    """Let a locked plot go on to another state (WrongState)."""
    rules.check_move(commission, to)
    commission.status = to
    commission.closed_at = now if to in ENDED else None
    note(commission, f"farming_commission_{to}", by=by, now=now)


def check_proof(commission: FarmingCommission, proof: Proof, *, by: Actor) -> None:
    """Refuse words that name persons by number, and papers that are not about the plot."""
    check_clear_of_identity(proof.text, pointer="/text")
    known = queries.list_proofs(by, commission.id, proof.document_ids)
    rules.check_proofs(proof.document_ids, known=known)


def note(commission: FarmingCommission, action: str, *, by: Actor, now: datetime) -> None:
    """Write a change down, and who made it."""
    db.session.flush()
    after: dict[str, Any] = {"status": commission.status, "total_fen": commission.total_fen}
    audit.write(action, subject=("farming_commission", commission.id), by=by, now=now, after=after)


def _growers(made: FarmingCommission, growers: Sequence[GrowerTerms]) -> list[FarmingGrower]:
    return [
        FarmingGrower(
            id=new_id(),
            commission_id=made.id,
            household_id=one.household_id,
            quantity=one.quantity,
            farm_price_fen=one.farm_price_fen,
        )
        for one in growers
    ]


def _milestones(
    made: FarmingCommission, wanted: Sequence[MilestoneTerms], amounts: Sequence[Fen]
) -> list[FarmingMilestone]:
    return [
        FarmingMilestone(
            id=FarmingMilestoneId(new_id()),
            commission_id=made.id,
            position=position,
            title=one.title,
            due_on=one.due_on,
            amount_fen=amount,
            status=MilestoneStatus.OPEN,
            document_ids=[],
        )
        for position, (one, amount) in enumerate(zip(wanted, amounts, strict=True))
    ]
