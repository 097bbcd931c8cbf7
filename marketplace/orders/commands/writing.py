"""Writing a new order and its lines in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import ARRAY, Table, Text, bindparam, column, func, insert, select
from sqlalchemy import cast as sql_cast

from kernel.arrays import array
from kernel.database import db
from marketplace.orders.models.orders import OrderLine, PurchaseOrder

_ORDERS, _LINES = cast("Table", PurchaseOrder.__table__), cast("Table", OrderLine.__table__)
_LATER = ("escalated_", "decided_", "confirmed_", "completed_", "close")
"""Columns that are empty at first; psycopg keeps a statement parsed only up to 50 parameters."""
_AT_FIRST = [one for one in _ORDERS.columns if not one.key.startswith(_LATER)]
_GIVEN = (
    func.unnest(
        *(
            sql_cast(bindparam(f"line_{one.key}", type_=Text), ARRAY(one.type))
            for one in _LINES.columns
        )
    )
    .table_valued(*(column(one.key, one.type) for one in _LINES.columns), name="given")
    .render_derived()
)
_INSERT = (
    insert(_LINES)
    .from_select([one.key for one in _LINES.columns], select(*_GIVEN.c))
    .add_cte(
        insert(_ORDERS)
        .values({one.key: bindparam(f"order_{one.key}", type_=one.type) for one in _AT_FIRST})
        .cte("placed")
    )
)


def insert_order(order: PurchaseOrder, lines: Sequence[OrderLine]) -> None:
    """Write an order and its lines in one statement."""
    bound = {f"order_{one.key}": getattr(order, one.key) for one in _AT_FIRST}
    for one in _LINES.columns:
        bound[f"line_{one.key}"] = array(getattr(line, one.key) for line in lines)
    db.session.execute(_INSERT, bound)
