"""Which version of a scheme may be adopted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from certification.criteria.models import ReviewLevel, Scheme
from certification.errors.criteria import SchemeOverlaps
from kernel.actor import Actor, Sight
from kernel.errors import Invalid, NotAllowed
from registry.accounts.models import Role

ORDER = (ReviewLevel.TOWN, ReviewLevel.COUNTY, ReviewLevel.CITY, ReviewLevel.PROVINCE)


def check_adopter(by: Actor) -> None:
    """Let a province or the platform adopt schemes (NotAllowed)."""
    if not by.has(Role.PLATFORM_ADMIN) and not (
        by.has(Role.PROVINCE_REVIEWER) and by.sight is Sight.REGION
    ):
        raise NotAllowed


def check_chain(chain: Sequence[ReviewLevel]) -> None:
    """Want levels that rise, each once, from the town to the province (Invalid)."""
    if not chain or list(chain) != [level for level in ORDER if level in chain]:
        raise Invalid(
            pointer="/review_chain", reason="须自下而上、不重复 / levels rise and come once"
        )


def check_price_band(low_bp: int, high_bp: int) -> None:
    """Want a band around the median, in basis points (Invalid)."""
    if not 0 < low_bp < high_bp:
        raise Invalid(pointer="/price_low_bp", reason="下限须低于上限 / low is below high")


def check_category_papers(needed: Collection[str], known: Collection[str]) -> None:
    """Want papers for categories that exist (Invalid)."""
    for code in needed:
        if code not in known:
            raise Invalid(
                pointer=f"/category_papers/{code}", reason="没有此类别 / no such category"
            )


def check_succession(before: Scheme | None, *, from_on: date, today: date) -> None:
    """Want a version that begins after today and after the one before it.

    What holds today is what people drafted under: it is not changed under their hands.
    """
    if from_on <= today:
        raise Invalid(
            pointer="/in_force_from_on", reason="须自明日或更晚起施行 / begins after today"
        )
    if before is not None and from_on <= before.in_force_from_on:
        raise SchemeOverlaps(
            pointer="/in_force_from_on",
            version=before.version,
            in_force_from_on=before.in_force_from_on,
        )
