"""What can be done with earned money: split it over those who grew the goods, or reverse that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import cast
from uuid import UUID

from sqlalchemy import Table, insert, true

from kernel import audit, ledger
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from kernel.ledger import AccountId, TransferId
from kernel.money import Fen
from marketplace.attribution.models.postings import (
    Attribution,
    AttributionId,
    AttributionShare,
    PartyKind,
)
from marketplace.attribution.queries import splits
from marketplace.attribution.queries.split_rules import list_versions, list_ways
from marketplace.attribution.queries.splits import LineHistory
from marketplace.attribution.rules import shares as rules
from marketplace.attribution.rules.shares import (
    NO_TERMS,
    Contribution,
    OpenShare,
    Party,
    Portion,
    Terms,
)
from marketplace.attribution.rules.split_rules import in_force
from marketplace.campaigns.queries.commissions import list_growers_of_order
from marketplace.lots.queries import list_held_contributions
from marketplace.orders.models.orders import OrderId, OrderLine, PurchaseOrder
from marketplace.orders.queries.finding import list_lines, lock_order
from marketplace.settlement.models.payments import RefundId
from marketplace.settlement.queries.payments import list_line_refunds, sum_money_by_line
from procurement.policies.models import OrderKind

ACCOUNTS: Mapping[PartyKind, str] = {
    PartyKind.HOUSEHOLD: "household_payable",
    PartyKind.COOPERATIVE: "cooperative_payable",
}
NOTHING = Fen(0)


def post_attribution(order_id: OrderId, *, now: datetime) -> None:
    """Bring an order's split up to date: post what is newly earned, reverse what went back.

    Reads the present under the order's lock; when nothing changed it does nothing.
    """
    order = lock_order(SYSTEM, order_id, true())
    money = sum_money_by_line(SYSTEM, order_id)
    histories = splits.list_line_histories(SYSTEM, order_id)
    net_fen: dict[str, Fen] = {}
    for line in list_lines(SYSTEM, order_id):
        received, refunded = money.get(line.id, (NOTHING, NOTHING))
        free = Fen(received - refunded - line.retained_fen)
        earned = rules.attributable(money=free, accepted=line.earnable_fen)
        history = histories.get(line.id, LineHistory())
        standing = sum(share.left_fen for share in history.shares)
        if earned > standing:
            _post(Fen(earned - standing), order=order, line=line, history=history, now=now)
        elif earned < standing:
            _reverse(Fen(standing - earned), order=order, line=line, history=history, now=now)
        if earned != standing:
            net_fen[str(line.id)] = earned
    if net_fen:
        subject = ("purchase_order", order_id)
        audit.write("attribution.post", subject=subject, by=SYSTEM, now=now, after=net_fen)


def _post(
    amount: Fen, *, order: PurchaseOrder, line: OrderLine, history: LineHistory, now: datetime
) -> None:
    """Split newly earned money of a line over its households and the cooperative."""
    standing: dict[Party, Fen] = defaultdict(lambda: NOTHING)
    for share in history.shares:
        party = Party(share.party_kind, share.party_id)
        standing[party] = Fen(standing[party] + share.left_fen)
    portions = [*_portions(line), *_promised(order, line)]
    terms = _terms(order, history=history, portions=portions)
    shares = rules.attribute(
        amount,
        values=rules.household_values(portions, terms),
        cooperative_id=order.supplier_id,
        standing=standing,
    )
    _write(line, shares, sequence=history.last_sequence + 1, now=now, terms=terms)


def _reverse(
    amount: Fen, *, order: PurchaseOrder, line: OrderLine, history: LineHistory, now: datetime
) -> None:
    """Take back money that was refunded: for each refund behind it, from each posting open."""
    transfers = {share.attribution_id: share.transfer_id for share in history.shares}
    left = [
        OpenShare(share.attribution_id, Party(share.party_kind, share.party_id), share.left_fen)
        for share in history.shares
    ]
    sequence = history.last_sequence
    refunds = list_line_refunds(SYSTEM, order.id)[line.id]
    unreversed = [
        (refund_id, Fen(taken - history.reversed_by.get(refund_id, 0)))
        for refund_id, taken in refunds
    ]
    for refund_id, part in rules.behind(amount, refunds=unreversed):
        taken = rules.reverse(part, open_shares=left)
        for posting_id, shares in _by_posting(left, taken).items():
            sequence += 1
            reversal = (posting_id, transfers[posting_id], RefundId(refund_id))
            _write(line, shares, sequence=sequence, now=now, reversal=reversal)
        left = [
            replace(share, remaining=Fen(share.remaining - gone))
            for share, gone in zip(left, taken, strict=True)
        ]


def _by_posting(
    shares: Sequence[OpenShare], taken: Sequence[Fen]
) -> dict[AttributionId, dict[Party, Fen]]:
    found: dict[AttributionId, dict[Party, Fen]] = defaultdict(dict)
    for share, part in zip(shares, taken, strict=True):
        if part:
            found[AttributionId(share.attribution_id)][share.party] = part
    return found


def _write(
    line: OrderLine,
    shares: Mapping[Party, Fen],
    *,
    sequence: int,
    now: datetime,
    reversal: tuple[AttributionId, TransferId, RefundId] | None = None,
    terms: Mapping[UUID, Terms | None] = NO_TERMS,
) -> None:
    """Write a posting or a reversal with its shares, and move the money in the ledger."""
    amount = Fen(sum(shares.values()))
    reversed_id, reversed_transfer, refund_id = reversal or (None, None, None)
    sign = 1 if reversal is None else -1
    parties = sorted(shares, key=lambda party: (party.kind, party.id))
    postings = [(ledger.account("order", line.order_id), Fen(-amount * sign))]
    postings += [(_account(party), Fen(shares[party] * sign)) for party in parties]
    transfer_id = ledger.transfer(
        "attribution",
        reference=f"{line.id}:{sequence}",
        postings=postings,
        now=now,
        reverses=reversed_transfer,
    )
    attribution_id = new_id()
    row = {
        "id": attribution_id,
        "order_id": line.order_id,
        "order_line_id": line.id,
        "sequence": sequence,
        "amount_fen": amount,
        "rule_version": rules.RULE_VERSION,
        "transfer_id": transfer_id,
        "reverses_id": reversed_id,
        "refund_id": refund_id,
        "posted_at": now,
    }
    db.session.execute(insert(cast("Table", Attribution.__table__)), [row])
    rows = [
        {
            "id": new_id(),
            "attribution_id": attribution_id,
            "party_kind": party.kind,
            "party_id": party.id,
            "amount_fen": part,
            "split_rule_id": None if (one := terms.get(party.id)) is None else one.rule_id,
        }
        for party, part in shares.items()
    ]
    db.session.execute(insert(cast("Table", AttributionShare.__table__)), rows)


def _account(party: Party) -> AccountId:
    return ledger.account(ACCOUNTS[party.kind], party.id)


def _terms(
    order: PurchaseOrder, *, history: LineHistory, portions: Sequence[Portion]
) -> dict[UUID, Terms | None]:
    """Say by which version of which rule each household's part is worked out.

    As the rules stood, and were known, when the order was placed; who was split by one before
    stays under it.
    """
    versions = list_versions(SYSTEM, order.supplier_id)
    if not versions:
        return {}
    known = {one.id: Terms(one.id, one.basis, one.rate_bp) for one in versions}
    frozen = {
        share.party_id: None if share.split_rule_id is None else known[share.split_rule_id]
        for share in history.shares
        if share.party_kind is PartyKind.HOUSEHOLD
    }
    on = shanghai_day(order.placed_at)
    by_way = in_force(versions, on=on, known_at=order.placed_at)
    households = {one.household_id for portion in portions for one in portion.contributions}
    ways = list_ways(SYSTEM, households, organisation_id=order.supplier_id, on=on)
    offered = {
        household: [known[by_way[way].id] for way in several if way in by_way]
        for household, several in ways.items()
    }
    return rules.choose_terms(offered, portions=portions, frozen=frozen)


def _promised(order: PurchaseOrder, line: OrderLine) -> list[Portion]:
    """Give what accepted milestones of a plot stand for beyond its goods, as its terms say."""
    if order.kind is not OrderKind.COMMISSIONED_FARMING:
        return []
    ahead = max(0, line.advance_fen - line.accepted_fen)
    growers = list_growers_of_order(SYSTEM, order.id)
    return [
        Portion(
            quantity=Fraction(line.quantity) * ahead / line.amount_fen,
            lot_total=line.quantity,
            contributions=tuple(
                Contribution(one.household_id, one.quantity, one.farm_price_fen) for one in growers
            ),
            sold_at=Fraction(line.unit_price_fen),
        )
    ]


def _portions(line: OrderLine) -> list[Portion]:
    """Gather what was accepted of a line out of each lot, in the lot's unit, and who grew it."""
    accepted = splits.list_accepted(SYSTEM, line.id)
    grown: dict[UUID, list[Contribution]] = defaultdict(list)
    for one, held in list_held_contributions(SYSTEM, {part.lot_id for part in accepted}):
        grown[one.lot_id].append(Contribution(one.household_id, held, one.farm_price_fen))
    return [
        Portion(
            quantity=Fraction(part.accepted)
            * Fraction(part.lot_quantity)
            / Fraction(part.quantity),
            lot_total=part.lot_total,
            contributions=tuple(grown[part.lot_id]),
            sold_at=Fraction(line.unit_price_fen)
            * Fraction(part.quantity)
            / Fraction(part.lot_quantity),
        )
        for part in accepted
    ]
