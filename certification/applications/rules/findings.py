"""What a reviewer should look at before deciding: a finding is told, never a refusal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from certification.applications.models import Application
from certification.applications.rules.prices import PriceTest
from kernel.quantity import GRAMS, Unit, convert

ORGANISATION_PAPERS = frozenset(
    {
        "business_licence",
        "food_production_licence",
        "small_workshop_record",
        "slaughter_licence",
        "breeding_record",
        "product_standard",
        "benefit_contract",
    }
)
"""Papers of the organisation, not of one product: the holder rightly uses them again."""


@dataclass(frozen=True)
class Finding:
    """Something odd: its code, the field it is about, and the figures behind it."""

    code: str
    pointer: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def product_key(name: str) -> str:
    """Give what two names of one product share: width, case and blanks do not tell them apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def price_findings(test: PriceTest) -> list[Finding]:
    """Tell of too few comparisons, of other specifications, and of a price outside the band."""
    found = []
    if test.counted < test.wanted:
        counts = {"wanted": test.wanted, "counted": test.counted}
        found.append(Finding("comparisons_few", "/comparison_prices", counts))
    for position, one in enumerate(test.compared):
        if not one.counts:
            pointer = f"/comparison_prices/{position}/specification"
            found.append(Finding("other_specification", pointer))
    if test.is_outside:
        figures: dict[str, Any] = {
            "median_fen": test.median_fen,
            "deviation_bp": test.deviation_bp,
            "low_bp": test.low_bp,
            "high_bp": test.high_bp,
        }
        found.append(Finding("price_outside_band", "/unit_price_fen", figures))
    return found


def roster_findings(quantities: Sequence[Decimal | None], *, declared: Decimal) -> list[Finding]:
    """Tell of households without a quantity, and of a sum below the declared quantity."""
    pointer = "/household_quantities"
    if any(one is None for one in quantities):
        missing = sum(one is None for one in quantities)
        return [Finding("household_quantity_missing", pointer, {"households": missing})]
    total = sum((one for one in quantities if one is not None), Decimal())
    if total < declared:
        figures = {"linked": str(total), "declared": str(declared)}
        return [Finding("households_below_declared", pointer, figures)]
    return []


def product_findings(application: Application, like: Sequence[Application]) -> list[Finding]:
    """Tell where the holder's same product runs or is certified already."""
    key = product_key(application.product_name)
    same = [one.number for one in like if product_key(one.product_name) == key]
    return [Finding("same_product", "/product_name", {"numbers": same})] if same else []


def paper_findings(kinds: Sequence[str]) -> list[Finding]:
    """Tell which kinds of papers support another application too."""
    if not kinds:
        return []
    return [Finding("same_paper", "/document_ids", {"kinds": sorted(set(kinds))})]


def household_findings(same_quantity: Sequence[bool]) -> list[Finding]:
    """Tell how many households another holder counts too, and for how many the same quantity."""
    if not same_quantity:
        return []
    figures = {"households": len(same_quantity), "same_quantity": sum(same_quantity)}
    return [Finding("household_elsewhere", "/benefit_link_ids", figures)]


def production_unit(unit: Unit) -> Unit:
    """Give the unit in which a production is kept: kg for weights, the unit itself else."""
    return Unit.KG if unit in GRAMS else unit


def in_production_unit(quantity: Decimal, unit: Unit) -> Decimal:
    """Give a quantity in the unit of its production (Invalid: below a gram)."""
    return convert(quantity, from_unit=unit, to_unit=production_unit(unit))


def production_findings(
    wanted: Decimal, *, declared: Decimal | None, certified: Decimal | int
) -> list[Finding]:
    """Tell where nothing is declared, or where this would pass what is."""
    pointer = "/yearly_quantity"
    if declared is None:
        return [Finding("production_undeclared", pointer)]
    if certified + wanted > declared:
        figures = {
            "declared": str(declared),
            "certified": str(certified),
            "wanted": str(wanted),
        }
        return [Finding("production_exceeded", pointer, figures)]
    return []
