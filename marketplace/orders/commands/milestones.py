"""Milestones of an adopted plot: shown by its growers, accepted by its buyer, then due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.errors import check_version
from kernel.events import record
from kernel.money import Fen
from marketplace.campaigns.commands.commissions import Proof, check_proof
from marketplace.campaigns.models.commissions import (
    FarmingCommission,
    FarmingMilestone,
    FarmingMilestoneId,
    MilestoneStatus,
)
from marketplace.campaigns.queries import commissions as queries
from marketplace.campaigns.rules import commissions as rules
from marketplace.events import MilestoneAccepted, MilestoneShown
from marketplace.orders.commands.commissions import lock_growing
from marketplace.orders.models.orders import PurchaseOrder
from marketplace.orders.queries import finding
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity


def show_milestone(
    milestone_id: FarmingMilestoneId, proof: Proof, *, by: Actor, now: datetime
) -> FarmingMilestone:
    """Show that a milestone's work was done, as the supplier (WrongState, EvidenceUnfit)."""
    plot, _, milestone = _milestone(milestone_id, finding.sold_by(by), by=by)
    rules.check_showing(milestone)
    check_proof(plot, proof, by=by)
    milestone.status, milestone.returned = MilestoneStatus.EVIDENCED, None
    milestone.evidence, milestone.document_ids = (
        proof.text,
        [str(one) for one in proof.document_ids],
    )
    milestone.shown_by, milestone.shown_at = UserId(by.user_id), now
    _note(milestone, "show_farming_milestone", by=by, now=now)
    record(MilestoneShown(milestone_id=milestone.id), now=now)
    return milestone


def accept_milestone(
    milestone_id: FarmingMilestoneId, *, expected_version: int | None, by: Actor, now: datetime
) -> FarmingMilestone:
    """Accept shown work, as the buyer: its part of the price is due from now (WrongState)."""
    _, order, milestone = _milestone(milestone_id, finding.bought_by(by), by=by)
    check_version(milestone.version, expected_version)
    rules.check_deciding(milestone)
    milestone.status = MilestoneStatus.ACCEPTED
    milestone.accepted_by, milestone.accepted_at = UserId(by.user_id), now
    [line] = finding.list_lines(SYSTEM, order.id)
    line.advance_fen = Fen(line.advance_fen + milestone.amount_fen)
    _note(milestone, "accept_farming_milestone", by=by, now=now)
    record(MilestoneAccepted(milestone_id=milestone.id), now=now)
    return milestone


def return_milestone(
    milestone_id: FarmingMilestoneId,
    *,
    reason: str,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> FarmingMilestone:
    """Send shown work back with a reason, as the buyer; it may be shown again (WrongState)."""
    check_clear_of_identity(reason, pointer="/reason")
    _, _, milestone = _milestone(milestone_id, finding.bought_by(by), by=by)
    check_version(milestone.version, expected_version)
    rules.check_deciding(milestone)
    milestone.status, milestone.returned = MilestoneStatus.OPEN, reason
    milestone.shown_by = milestone.shown_at = None
    _note(milestone, "return_farming_milestone", by=by, now=now)
    return milestone


def _milestone(
    milestone_id: FarmingMilestoneId, side: ColumnElement[bool], *, by: Actor
) -> tuple[FarmingCommission, PurchaseOrder, FarmingMilestone]:
    """Lock the order, the plot and a milestone of it, on which work goes on (WrongState)."""
    plot, order = lock_growing(queries.get_commission_id(by, milestone_id), side, by=by)
    rules.check_growing(plot)
    return plot, order, queries.lock_milestone(by, milestone_id)


def _note(milestone: FarmingMilestone, action: str, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    after = {"status": milestone.status, "amount_fen": milestone.amount_fen}
    audit.write(action, subject=("farming_milestone", milestone.id), by=by, now=now, after=after)
