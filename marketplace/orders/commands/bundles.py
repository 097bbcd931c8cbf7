"""What each supplier is asked for of one purchase, what bringing it costs, the band it passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.money import Fen
from marketplace.orders.queries.ground import BoundUnit
from marketplace.orders.rules import orders as rules
from marketplace.orders.rules.orders import PricedLine
from marketplace.orders.rules.terms import freight_of
from procurement.approvals.rules import Band, strictest
from procurement.quotas.models import Fund


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one supplier is asked for, and what bringing it costs."""

    lines: Sequence[PricedLine]
    goods_fen: Fen
    freight_fen: Fen


def bundle_of(lines: Sequence[PricedLine], unit: BoundUnit) -> Bundle:
    """Add up what a supplier is asked for, and the freight to the unit's region."""
    goods = Fen(sum(line.amount_fen for line in lines))
    return Bundle(lines, goods, freight_of(lines, region_code=unit.region_code))


def band_of(bundles: Sequence[Bundle], unit: BoundUnit, *, fund: Fund) -> Band | None:
    """Find the strictest band of all that is bought at once; freight goes with the first line."""
    amounts = rules.amounts_of(line for bundle in bundles for line in bundle.lines)
    for bundle in bundles:
        category = bundle.lines[0].offer.category_code
        amounts[category] = Fen(amounts[category] + bundle.freight_fen)
    bands = [Band(*made) for made in (unit.bands or {}).values()]
    return strictest(bands, amounts=amounts, fund=fund)
