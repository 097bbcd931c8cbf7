"""What the books say of the whole market in two questions, and what the model says they must."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.database import db
from tests.journeys.story_model import Market
from tests.journeys.story_split import worth
from tests.journeys.story_stage import Stage

Figures = dict[tuple[Any, ...], tuple[Any, ...]]

_FIGURES = text("""
SELECT 'quota' AS what, id AS one, NULL::uuid AS other, ARRAY[held_fen, spent_fen]::numeric[]
FROM quota WHERE id = ANY(:quotas)
UNION ALL SELECT 'capacity', certificate_id, NULL, ARRAY[held, sold]
FROM capacity WHERE certificate_id = ANY(:certificates)
UNION ALL SELECT 'held', listing_id, NULL, ARRAY[sum(held)]
FROM lot WHERE listing_id = ANY(:listings) GROUP BY listing_id
UNION ALL SELECT 'shipped', id, NULL, ARRAY[shipped] FROM lot WHERE listing_id = ANY(:listings)
UNION ALL SELECT 'order', id, bound_unit_id,
  ARRAY[total_fen, pending_fen, paid_fen, refunded_fen, accepted_fen]
FROM purchase_order WHERE id = ANY(:orders)
UNION ALL SELECT 'line', id, listing_id, ARRAY[quantity - substituted_quantity, amount_fen,
  shipped_quantity, accepted_quantity, rejected_quantity, accepted_fen]
FROM order_line WHERE order_id = ANY(:orders)
UNION ALL SELECT 'money', order_line_id, NULL,
  ARRAY[sum(greatest(amount_fen, 0)), sum(greatest(-amount_fen, 0))]
FROM allocation WHERE order_id = ANY(:orders) GROUP BY order_line_id
UNION ALL SELECT 'share', a.order_line_id, s.party_id,
  ARRAY[sum(CASE WHEN a.reverses_id IS NULL THEN s.amount_fen ELSE -s.amount_fen END)]
FROM attribution a JOIN attribution_share s ON s.attribution_id = a.id
WHERE a.order_id = ANY(:orders) GROUP BY a.order_line_id, s.party_id
UNION ALL SELECT a.kind, a.owner_id, NULL, ARRAY[sum(p.amount_fen)]
FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id
WHERE a.owner_id = ANY(:owners) GROUP BY a.kind, a.owner_id
""")
_STATES = text("""
SELECT id, order_status, fulfilment_status, payment_status FROM purchase_order
WHERE id = ANY(:orders)
""")


def books(there: Stage, model: Market) -> Figures:
    """Read everything that the model has an opinion on; figures of nothing are left out."""
    db.session.rollback()
    orders = [order.id for order in model.orders]
    bound = {
        "quotas": list(there.quotas),
        "certificates": list(there.certificates),
        "listings": list(there.listings),
        "orders": orders,
        "owners": [*there.units, *there.cooperatives, *there.households, *orders],
    }
    figures = [
        ((what, *keys), tuple(row)) for what, *keys, row in db.session.execute(_FIGURES, bound)
    ]
    states = db.session.execute(_STATES, {"orders": orders})
    return _plain(figures) | {("states", row[0]): tuple(row[1:]) for row in states}


def opinion(there: Stage, model: Market) -> Figures:
    """Say what the books must say."""
    said: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = []
    states: Figures = {}
    balances: dict[tuple[str, UUID], int] = defaultdict(int)
    for unit, quota_id in enumerate(there.quotas):
        held, spent = model.money(unit)
        said.append((("quota", quota_id, None), (held, spent)))
        balances["buyer_clearing", there.units[unit]] = -spent
    for index, certificate_id in enumerate(there.certificates):
        said.append((("capacity", certificate_id, None), model.capacity(index)))
        said.append((("held", there.listings[index], None), (model.stock_held(index),)))
    said += [(("shipped", lot.id, None), (model.lot_shipped(lot),)) for lot in model.lots.values()]
    for order in model.orders:
        goods = sum(line.accepted_fen for line in order.lines)
        money = (order.total, order.paid("pending"), order.paid(), order.refunded, goods)
        said.append((("order", order.id, there.units[order.unit]), money))
        states["states", order.id] = (order.status, order.fulfilment, order.payment)
        balances["order", order.id] += order.paid() - order.refunded
        for line in order.lines:
            moved = (line.shipped, line.accepted, line.rejected, line.accepted_fen)
            cost = worth(line.quantity, line.price)
            listing = there.listings[line.listing]
            said.append((("line", line.id, listing), (line.quantity, cost, *moved)))
            said.append((("money", line.id, None), (line.came, line.back)))
            for (kind, party), amount in line.net.items():
                said.append((("share", line.id, party), (amount,)))
                balances["order", order.id] -= amount
                balances[f"{kind}_payable", party] += amount
    said += [((kind, owner, None), (amount,)) for (kind, owner), amount in balances.items()]
    return _plain(said) | states


def _plain(figures: list[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> Figures:
    return {key: tuple(map(Decimal, row)) for key, row in figures if any(row)}
