"""Whether an order keeps to the terms of what it wants, and what bringing it costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from kernel.money import Fen
from marketplace.catalogue.models.listings import Channel
from marketplace.catalogue.rules import terms
from marketplace.catalogue.rules.freight import Load, freight, weight_of, zones_of
from marketplace.errors.orders import PaymentTermTooLong
from marketplace.orders.models.orders import PayMode
from marketplace.orders.rules.orders import PricedLine


def check_terms(
    lines: Sequence[PricedLine],
    *,
    pay_mode: PayMode,
    on: date | None,
    today: date,
    adopted: bool = False,
) -> None:
    """Refuse what a line's terms do not allow, of the first line at fault.

    What is still to grow on an `adopted` plot comes when it is harvested. Refuses
    PayModeNotOffered, DeliveryOutsideWindow, OutOfSeason.
    """
    for line in lines:
        offer = line.offer
        if adopted:
            terms.check_pay_mode(offer.terms, title=offer.title, pay_mode=pay_mode)
            continue
        terms.check_wanted(offer.terms, title=offer.title, pay_mode=pay_mode, on=on, today=today)


def check_channel(lines: Sequence[PricedLine], channel: Channel | None) -> None:
    """Refuse a channel that a line is not sold through now (ChannelNotUsed)."""
    for line in lines:
        offer = line.offer
        terms.check_channel(offer.terms, title=offer.title, channel=channel)


def payment_term_of(agreed: int | None, lawful: Sequence[Any] | None) -> int | None:
    """Give the days from acceptance in which an order is paid: those agreed, else the law's.

    `lawful` are standard and longest days with their source; without a law in force there are
    only those agreed. Refuses more than the law lets be agreed (PaymentTermTooLong).
    """
    if lawful is None:
        return agreed
    standard, longest, source = lawful
    if agreed is not None and agreed > longest:
        pointer = "/payment_term_days"
        raise PaymentTermTooLong(
            wanted_days=agreed, longest_days=longest, source=source, pointer=pointer
        )
    return agreed or int(standard)


def freight_of(lines: Sequence[PricedLine], *, region_code: str) -> Fen:
    """Add up an order's freight to a region; what has no plan is brought for nothing.

    Refuses NotDeliveredThere, WeightMissing.
    """
    loads = [
        Load(
            plan_id=line.offer.terms.freight_plan_id,
            zones=zones_of(line.offer.freight_zones),
            title=line.offer.title,
            amount_fen=line.amount_fen,
            weight_kg=weight_of(
                line.quantity,
                unit=line.offer.unit,
                unit_weight_kg=line.offer.terms.unit_weight_kg,
            ),
        )
        for line in lines
        if line.offer.terms.freight_plan_id is not None and line.offer.freight_zones is not None
    ]
    return freight(loads, region_code=region_code)
