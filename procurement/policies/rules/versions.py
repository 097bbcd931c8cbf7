"""Which version of a rule may be adopted."""

from __future__ import annotations

from kernel.errors import Invalid
from procurement.errors.policies import PolicyRegionFixed, PolicyVersionTaken
from procurement.policies.models import DatedRule


def check_version_named(replaces: int | None, *, former: DatedRule | None) -> None:
    """Want the newest version named, or none of a new code (PolicyVersionTaken)."""
    newest = None if former is None else former.version
    if replaces != newest:
        raise PolicyVersionTaken(pointer="/replaces_version", newest=newest or 0)


def check_region_kept(region_code: str, *, former: DatedRule | None) -> None:
    """Refuse to move a rule to another region (PolicyRegionFixed)."""
    if former is not None and former.region_code != region_code:
        raise PolicyRegionFixed(pointer="/region_code", region_code=former.region_code)


def check_years(*, year_from: int, year_until: int | None) -> None:
    """Want half-open years that hold one (Invalid)."""
    if year_until is not None and year_until <= year_from:
        raise Invalid(
            pointer="/year_until", reason="须晚于起始年 / the end lies after the first year"
        )
