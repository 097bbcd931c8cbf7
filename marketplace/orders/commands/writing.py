"""Writing a new order and its lines in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnClause,
    Table,
    Text,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy import cast as sql_cast

from kernel.arrays import array
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, OrderLine, OrderLineId, PurchaseOrder
from marketplace.orders.rules.orders import PricedLine

_ORDERS, _LINES = cast("Table", PurchaseOrder.__table__), cast("Table", OrderLine.__table__)
_LATER = ("escalated_", "extended_", "decided_", "confirmed_", "completed_", "close")
"""Columns that are empty at first."""
_NOTHING = (
    "accepted_",
    "pending_",
    "paid_",
    "refunded_",
    "shipped_",
    "rejected_",
    "substituted_",
    "prepaid_",
    "advance_",
)
"""Columns that are zero at first. psycopg keeps a statement parsed only up to 50 parameters, so
what is the same in every new order is part of the statement."""
_AT_FIRST = [one for one in _ORDERS.columns if not one.key.startswith(_LATER)]
_SAID = [one for one in _AT_FIRST if not one.key.startswith(_NOTHING)]
_SAID_OF_LINES = [one for one in _LINES.columns if not one.key.startswith(_NOTHING)]
_GIVEN = (
    func.unnest(
        *(
            sql_cast(bindparam(f"line_{one.key}", type_=Text), ARRAY(one.type))
            for one in _SAID_OF_LINES
        )
    )
    .table_valued(*(column(one.key, one.type) for one in _SAID_OF_LINES), name="given")
    .render_derived()
)
_ZERO: ColumnClause[Any] = literal_column("0")
_INSERT = (
    insert(_LINES)
    .from_select(
        [one.key for one in _LINES.columns],
        select(*(_GIVEN.c.get(one.key, _ZERO) for one in _LINES.columns)),
    )
    .add_cte(
        insert(_ORDERS)
        .values(
            {
                one.key: _ZERO
                if one.key.startswith(_NOTHING)
                else bindparam(f"order_{one.key}", type_=one.type)
                for one in _AT_FIRST
            }
        )
        .cte("placed")
    )
)


def insert_order(order: PurchaseOrder, lines: Sequence[OrderLine]) -> None:
    """Write an order and its lines in one statement."""
    bound = {f"order_{one.key}": getattr(order, one.key) for one in _SAID}
    for one in _SAID_OF_LINES:
        bound[f"line_{one.key}"] = array(getattr(line, one.key) for line in lines)
    db.session.execute(_INSERT, bound)


def line_of(order_id: OrderId, position: int, priced: PricedLine) -> OrderLine:
    """Write a line down as it is agreed; it never enters the session."""
    offer = priced.offer
    return OrderLine(
        id=OrderLineId(new_id()),
        order_id=order_id,
        position=position,
        listing_id=offer.listing_id,
        certificate_id=offer.certificate_id,
        capacity_id=offer.capacity_id,
        certificate_number=offer.certificate_number,
        certificate_unit=offer.certificate_unit,
        title=offer.title,
        unit=offer.unit,
        quantity=priced.quantity,
        unit_price_fen=priced.unit_price_fen,
        amount_fen=priced.amount_fen,
        origin_kind=offer.origin_kind,
        category_code=offer.category_code,
        origin_region_code=offer.origin_region_code,
        shipped_quantity=Decimal(0),
        accepted_quantity=Decimal(0),
        rejected_quantity=Decimal(0),
        substituted_quantity=Decimal(0),
        accepted_fen=Fen(0),
        prepaid_fen=Fen(0),
        advance_fen=Fen(0),
    )
