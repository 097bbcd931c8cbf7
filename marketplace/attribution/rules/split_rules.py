"""Which versions of split rules may be recorded, and which holds for an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from kernel.errors import Invalid
from marketplace.attribution.models.split_rules import SplitBasis, SplitRule
from marketplace.errors.attribution import RuleBackdated
from registry.households.models.links import BenefitWay


def check_start(from_on: date, *, today: date) -> None:
    """Refuse a version for days that are over: what was agreed then stands (RuleBackdated)."""
    if from_on < today:
        raise RuleBackdated(pointer="/from_on", today=today)


def check_rate(basis: SplitBasis, rate_bp: int) -> None:
    """Refuse a rate beside the plain farm price, and a premium or part of nothing (Invalid)."""
    if (basis is SplitBasis.FARM_PRICE) is not (rate_bp == 0):
        reason = "仅溢价和比例需要费率 / a premium or a percentage has a rate, a farm price none"
        raise Invalid(reason=reason, pointer="/rate_bp")


def in_force(
    versions: Iterable[SplitRule], *, on: date, known_at: datetime
) -> Mapping[BenefitWay, SplitRule]:
    """Give the version of each way that held on a day, as it was known at an instant.

    The one that began last; of several of one day the newest.
    """
    found: dict[BenefitWay, SplitRule] = {}
    for one in sorted(versions, key=lambda rule: (rule.from_on, rule.version)):
        if one.from_on <= on and one.recorded_at <= known_at:
            found[one.way] = one
    return found
