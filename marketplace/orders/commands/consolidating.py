"""Several units buy as one: their demands are one purchase, split back into an order for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.actor import Actor
from marketplace.orders.commands.placing import LineWish, NewOrder, place_consolidated
from marketplace.orders.models.orders import PayMode
from marketplace.orders.queries.showing import Delivery, OrderView
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class UnitDemand:
    """What one unit wants, and where it goes."""

    bound_unit_id: OrganisationId
    lines: Sequence[LineWish]
    delivery: Delivery


@dataclass(frozen=True)
class ConsolidatedPurchase:
    """What several units buy at once, for the same reason, year, fund and way of paying."""

    kind: OrderKind
    year: int
    fund: Fund
    pay_mode: PayMode
    demands: Sequence[UnitDemand]


def consolidate(new: ConsolidatedPurchase, *, by: Actor, now: datetime) -> list[OrderView]:
    """Place an order for each unit with each supplier, all of them or none.

    Tiers are reached by what all want together; money, capacity, stock, approval, delivery,
    invoice and completion are each unit's own. Refuses what placing refuses.
    """
    orders = [
        NewOrder(
            kind=new.kind,
            bound_unit_id=one.bound_unit_id,
            year=new.year,
            fund=new.fund,
            pay_mode=new.pay_mode,
            lines=one.lines,
            delivery=one.delivery,
        )
        for one in new.demands
    ]
    return place_consolidated(orders, by=by, now=now)
