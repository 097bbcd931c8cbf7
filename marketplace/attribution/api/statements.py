"""The doors through which one sees whose the money is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from marketplace.attribution.queries import splits, statements
from marketplace.attribution.queries.splits import OrderSplit
from marketplace.attribution.queries.statements import Statement
from marketplace.attribution.schemas.statements import OrderSplitOut, StatementIn, StatementOut
from marketplace.orders.models.orders import OrderId

attribution = Blueprint("attribution", __name__, url_prefix="/api/v1")


@attribution.get("/orders/<uuid:order_id>/attribution")
@endpoint(attribution, allow=SIGNED_IN, returns=OrderSplitOut())
def show(order_id: UUID) -> OrderSplit:
    """Show how an order's money is split over households and the cooperative."""
    return splits.get_order_split(current_actor(), OrderId(order_id))


@attribution.get("/attribution/statements")
@endpoint(
    attribution,
    allow=SIGNED_IN,
    accepts=StatementIn(),
    location="query",
    returns=StatementOut(),
    report=True,
)
def statement(query: dict[str, Any]) -> Statement:
    """Show what a party was given, with entries that add up to the totals."""
    return statements.get_statement(current_actor(), **query)
