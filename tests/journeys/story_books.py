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
SELECT 'quota' AS what, id AS one, NULL::uuid AS other,
  ARRAY[ceiling_fen, held_fen, spent_fen]::numeric[]
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
UNION ALL SELECT 'bank', account_id, NULL, ARRAY[count(*), sum(amount_fen), sum(matched_fen)]
FROM bank_line WHERE account_id = ANY(:accounts) GROUP BY account_id
""")
_STATES = text("""
SELECT 'states', id, ARRAY[order_status, fulfilment_status, payment_status] FROM purchase_order
WHERE id = ANY(:orders)
UNION ALL SELECT 'payment', id, ARRAY[status, amount_fen::text, refunded_fen::text] FROM payment
WHERE order_id = ANY(:orders)
UNION ALL SELECT 'card', i.payment_id, ARRAY[i.status, i.received_fen::text] FROM stripe_intent i
JOIN payment p ON p.id = i.payment_id WHERE p.order_id = ANY(:orders)
""")
_AT_STRIPE = {"pending": "open", "confirmed": "succeeded", "cancelled": "cancelled"}


def books(there: Stage, model: Market) -> Figures:
    """Read everything that the model has an opinion on; figures of nothing are left out."""
    db.session.rollback()
    orders = [order.id for order in model.orders]
    bound = {
        "quotas": list(there.quotas),
        "certificates": list(there.certificates),
        "listings": list(there.listings),
        "orders": orders,
        "accounts": [one.id for one in there.accounts],
        "owners": [*there.units, *there.cooperatives, *there.households, *orders],
    }
    figures = [
        ((what, *keys), tuple(row)) for what, *keys, row in db.session.execute(_FIGURES, bound)
    ]
    states = db.session.execute(_STATES, {"orders": orders})
    return _plain(figures) | {(what, key): tuple(row) for what, key, row in states}


def opinion(there: Stage, model: Market) -> Figures:
    """Say what the books must say."""
    said: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = []
    states: Figures = {}
    balances: dict[tuple[str, UUID], int] = defaultdict(int)
    for unit, quota_id in enumerate(there.quotas):
        held, spent = model.money(unit)
        said.append((("quota", quota_id, None), (model.ceilings[unit], held, spent)))
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
        for one in order.payments:
            states["payment", one.id] = (one.status, str(one.amount), str(one.refunded))
            if one.by_card:
                came = one.amount if one.status == "confirmed" else 0
                states["card", one.id] = (_AT_STRIPE[one.status], str(came))
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
    for account, lines in model.statements.items():
        sums = (len(lines), sum(came for came, _ in lines), sum(placed for _, placed in lines))
        said.append((("bank", there.accounts[account].id, None), sums))
    said += [((kind, owner, None), (amount,)) for (kind, owner), amount in balances.items()]
    return _plain(said) | states


def apart(found: Figures, meant: Figures) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Show what is found beside what was meant, where they differ."""
    keys = found.keys() | meant.keys()
    both = {key: (found.get(key), meant.get(key)) for key in keys}
    return {key: pair for key, pair in both.items() if pair[0] != pair[1]}


def _plain(figures: list[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> Figures:
    return {key: tuple(map(Decimal, row)) for key, row in figures if any(row)}
