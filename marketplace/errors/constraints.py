"""What the database refuses, said as the rule would have said it."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Refusal
from marketplace.errors import (
    attribution,
    campaigns,
    catalogue,
    deliveries,
    lots,
    orders,
    oversight,
    settlement,
    stripe,
)

CONSTRAINTS: Mapping[str, type[Refusal]] = {
    **attribution.CONSTRAINTS,
    **campaigns.CONSTRAINTS,
    **catalogue.CONSTRAINTS,
    **deliveries.CONSTRAINTS,
    **lots.CONSTRAINTS,
    **orders.CONSTRAINTS,
    **oversight.CONSTRAINTS,
    **settlement.CONSTRAINTS,
    **stripe.CONSTRAINTS,
}
