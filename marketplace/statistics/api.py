"""Doors to indicators of trade."""

from __future__ import annotations

from typing import Any

from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page
from marketplace.statistics import queries
from marketplace.statistics.models import ChannelSales, SalesQuestion
from marketplace.statistics.schemas import CHANNEL_SALES, CHANNEL_SALES_PAGE, ChannelSalesQuery

statistics = Blueprint("statistics", __name__, url_prefix="/api/v1/statistics")


@statistics.get("/channels")
@endpoint(
    statistics,
    allow=SIGNED_IN,
    accepts=ChannelSalesQuery(),
    location="query",
    returns=CHANNEL_SALES_PAGE,
    report=True,
)
def channel_sales(query: dict[str, Any]) -> Page[ChannelSales]:
    """List what each channel brought, of the orders in sight, and its share."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    wanted = SalesQuestion(**query)
    return queries.list_channel_sales(current_actor(), wanted, limit=limit, cursor=cursor)


export_door(statistics, "/channels/export", of=channel_sales, sheet=CHANNEL_SALES)
