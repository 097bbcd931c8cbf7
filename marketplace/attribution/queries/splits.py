"""Whose the money of an order is, and what its next posting builds on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from kernel.actor import Actor
from kernel.database import db
from kernel.ledger import TransferId
from kernel.money import Fen
from marketplace.attribution.models.postings import (
    Attribution,
    AttributionId,
    AttributionShare,
    AttributionStatus,
    PartyKind,
)
from marketplace.attribution.models.split_rules import SplitRuleId
from marketplace.attribution.queries.figures import Figures, sum_figures
from marketplace.deliveries.models.goods import ReceiptLine, ShipmentLine
from marketplace.lots.models import Lot, LotCarriage, LotId
from marketplace.orders.models.orders import OrderId, OrderLineId
from marketplace.orders.queries.finding import get_order, list_lines
from marketplace.settlement.models.payments import RefundId
from marketplace.settlement.queries.payments import sum_money_by_line
from registry.households.models.households import Household
from registry.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class ShareLeft:
    """What one party has of one posting: at first, and after all reversals."""

    attribution_id: AttributionId
    transfer_id: TransferId
    party_kind: PartyKind
    party_id: UUID
    amount_fen: Fen
    left_fen: Fen
    split_rule_id: SplitRuleId | None = None


@dataclass(frozen=True, slots=True)
class LineHistory:
    """All that was posted and reversed on an order line.

    Shares are in the order of postings, households by key, the cooperative last.
    """

    last_sequence: int = 0
    shares: Sequence[ShareLeft] = ()
    reversed_by: Mapping[RefundId, Fen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What of a shipment line was accepted; `quantity` of the line were `lot_quantity` there."""

    lot_id: LotId
    lot_total: Decimal
    quantity: Decimal
    lot_quantity: Decimal
    accepted: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What was posted, and what of it was reversed; `amount_fen` is what stands."""

    gross_fen: Fen
    reversed_fen: Fen

    @property
    def amount_fen(self) -> Fen:
        """Give what stands, in fen."""
        return Fen(self.gross_fen - self.reversed_fen)


@dataclass(frozen=True, slots=True)
class ShareView(Sums):
    """What a party has of a line; households are a code, never a person."""

    party_kind: PartyKind
    party_id: UUID
    party_code: str


@dataclass(frozen=True, slots=True)
class LineSplit(Sums):
    """The split of one line."""

    order_line_id: OrderLineId
    shares: Sequence[ShareView]


@dataclass(frozen=True, slots=True)
class OrderSplit(Sums):
    """The split of an order."""

    order_id: OrderId
    status: AttributionStatus
    lines: Sequence[LineSplit]
    households: Figures


def list_line_histories(actor: Actor, order_id: OrderId) -> dict[OrderLineId, LineHistory]:
    """Gather what was posted and reversed on an order's lines; untouched lines are left out."""
    del actor  # the order that asks was found in the actor's sight
    last: dict[OrderLineId, int] = {}
    reversed_by: dict[OrderLineId, dict[RefundId, Fen]] = defaultdict(dict)
    rows = db.session.scalars(
        select(Attribution).where(Attribution.order_id == order_id).order_by(Attribution.sequence)
    )
    for row in rows:
        last[row.order_line_id] = row.sequence
        if row.refund_id is not None:
            by_refund = reversed_by[row.order_line_id]
            by_refund[row.refund_id] = Fen(by_refund.get(row.refund_id, 0) + row.amount_fen)
    shares = _shares_left(order_id)
    return {
        line_id: LineHistory(sequence, shares[line_id], reversed_by[line_id])
        for line_id, sequence in last.items()
    }


def list_accepted(actor: Actor, order_line_id: OrderLineId) -> list[Accepted]:
    """List what was accepted of a line, by the shipment line (and so the lot) it came with."""
    del actor  # the order that asks was found in the actor's sight
    accepted = func.sum(ReceiptLine.accepted_quantity)
    carried = (
        select(func.coalesce(func.sum(LotCarriage.quantity), 0))
        .where(LotCarriage.from_lot_id == Lot.id)
        .scalar_subquery()
    )
    held = Lot.total - carried
    rows = db.session.execute(
        select(Lot.id, held, ShipmentLine.quantity, ShipmentLine.lot_quantity, accepted)
        .join(ShipmentLine, ShipmentLine.id == ReceiptLine.shipment_line_id)
        .join(Lot, Lot.id == ShipmentLine.lot_id)
        .where(ReceiptLine.order_line_id == order_line_id)
        .group_by(Lot.id, ShipmentLine.id)
        .having(accepted > 0)
        .order_by(ShipmentLine.id)
    )
    return [Accepted(*row) for row in rows]


def get_order_split(actor: Actor, order_id: OrderId) -> OrderSplit:
    """Get the split of an order in the actor's sight (NotFound), its lines in their order.

    It is pending while nothing is posted, or earned money still waits for its posting.
    """
    get_order(actor, order_id)
    shares = _shares_left(order_id)
    codes = _codes_of({share.party_id for line in shares.values() for share in line})
    money = sum_money_by_line(actor, order_id)
    lines, waits = [], not shares
    for line in list_lines(actor, order_id):
        split = _line_split(line.id, shares[line.id], codes)
        received, refunded = money.get(line.id, (0, 0))
        free = max(0, received - refunded - line.retained_fen)
        waits = waits or split.amount_fen != min(free, line.earnable_fen)
        lines.append(split)
    status = AttributionStatus.PENDING if waits else AttributionStatus.POSTED
    figures = sum_figures(actor, Attribution.order_id == order_id)
    return OrderSplit(*_sums(lines), order_id, status, lines, figures)


def _shares_left(order_id: OrderId) -> dict[OrderLineId, list[ShareLeft]]:
    """List the shares of an order's postings by line, with what reversals left of them."""
    reversal, taken = aliased(Attribution), aliased(AttributionShare)
    left = AttributionShare.amount_fen - func.coalesce(func.sum(taken.amount_fen), 0)
    rows = db.session.execute(
        select(
            Attribution.order_line_id,
            Attribution.id,
            Attribution.transfer_id,
            AttributionShare.party_kind,
            AttributionShare.party_id,
            AttributionShare.amount_fen,
            left,
            AttributionShare.split_rule_id,
        )
        .join(AttributionShare, AttributionShare.attribution_id == Attribution.id)
        .outerjoin(reversal, reversal.reverses_id == Attribution.id)
        .outerjoin(
            taken,
            and_(
                taken.attribution_id == reversal.id,
                taken.party_kind == AttributionShare.party_kind,
                taken.party_id == AttributionShare.party_id,
            ),
        )
        .where(Attribution.order_id == order_id, Attribution.reverses_id.is_(None))
        .group_by(Attribution.id, AttributionShare.id)
        .order_by(
            Attribution.sequence, AttributionShare.party_kind.desc(), AttributionShare.party_id
        )
    )
    found: dict[OrderLineId, list[ShareLeft]] = defaultdict(list)
    for line_id, posting_id, transfer_id, kind, party_id, amount, remaining, rule_id in rows:
        left_fen = Fen(int(remaining))
        share = ShareLeft(posting_id, transfer_id, kind, party_id, amount, left_fen, rule_id)
        found[line_id].append(share)
    return found


def _line_split(
    line_id: OrderLineId, shares: Sequence[ShareLeft], codes: Mapping[UUID, str]
) -> LineSplit:
    """Add the shares of all postings of a line up by party."""
    sums: dict[tuple[PartyKind, UUID], tuple[int, int]] = {}
    for share in shares:
        party = (share.party_kind, share.party_id)
        gross, left = sums.get(party, (0, 0))
        sums[party] = (gross + share.amount_fen, left + share.left_fen)
    views = [
        ShareView(Fen(gross), Fen(gross - left), kind, party_id, codes[party_id])
        for (kind, party_id), (gross, left) in sums.items()
    ]
    return LineSplit(*_sums(views), line_id, views)


def _sums(parts: Sequence[Sums]) -> tuple[Fen, Fen]:
    """Add up what was posted and what was reversed."""
    gross = sum(part.gross_fen for part in parts)
    return Fen(gross), Fen(sum(part.reversed_fen for part in parts))


def _codes_of(party_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the public code of parties: a household's number, an organisation's credit code."""
    households = select(Household.id, Household.code).where(Household.id.in_(party_ids))
    sellers = select(Organisation.id, Organisation.credit_code).where(
        Organisation.id.in_(party_ids)
    )
    rows = [*db.session.execute(households), *db.session.execute(sellers)]
    return {row[0]: row[1] for row in rows}
