"""When a year that is over is looked through, of whom a matter is proposed, and to whom.

The summoned talk with who did not fulfil the yearly task is `domain.md` B157; no document names
a day for it, so the day is data of `supervision_rule`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from kernel.money import yuan
from procurement.supervision.models.standings import Standing, UnitStanding
from procurement.supervision.models.terms import SupervisionRule
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.rules import subtree_prefix

UNKEPT = frozenset({Standing.UNMET, Standing.BOUGHT_NOTHING})
"""How a unit stands after the year's end whose promise was not kept."""


def is_due(rule: SupervisionRule | None, *, year: int, today: date) -> bool:
    """Say whether a place is looked through: never without a rule that names a day."""
    if rule is None or rule.unmet_days is None:
        return False
    return today >= date(year + 1, 1, 1) + timedelta(days=rule.unmet_days)


def is_unkept(one: UnitStanding) -> bool:
    """Say whether a unit promised something and the year ended short of it."""
    return one.standing in UNKEPT


def demand_of(one: UnitStanding, *, year: int) -> str:
    """Write what is proposed to be demanded of a unit, with the figures it follows from."""
    reserved, counted, owed = map(yuan, (one.reserved_fen, one.counted_fen, one.owed_fen))
    return (
        f"{year}年度预留份额未完成：预留 {reserved} 元，计入 {counted} 元，尚欠 {owed} 元。"
        "建议约谈单位负责人并限期整改。"
        f" / The promise of {year} was not kept: reserved {reserved}, counted {counted},"
        f" owed {owed} yuan. A summoned talk and a rectification are proposed."
    )


def supervisor_of(unit: Organisation, bureaus: Sequence[Organisation]) -> OrganisationId | None:
    """Choose who takes a proposal up or drops it: the nearest finance bureau, else the superior.

    Of two bureaus in one place the elder is asked.
    """
    nearest = min(
        bureaus, key=lambda one: (-len(subtree_prefix(one.region_code)), one.id), default=None
    )
    return unit.supervising_id if nearest is None else nearest.id
