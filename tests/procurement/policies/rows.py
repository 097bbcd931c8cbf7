"""Policies that no database holds, and the question which of them holds."""

from __future__ import annotations

from typing import Any

from kernel.identity import new_id
from procurement.policies.models import (
    Denominator,
    OrderKind,
    PolicyId,
    Purchase,
    SharePolicy,
    Situation,
)
from procurement.policies.rules import resolutions
from procurement.policies.rules.resolutions import (
    Loss,
    Resolution,
    UnitFacts,
)
from registry.regions.models import OriginKind

ALL = [one.value for one in Situation]


def resolve(
    policies: list[SharePolicy],
    *,
    region_code: str,
    year: int,
    situation: Situation | None,
    **facts: Any,
) -> Resolution:
    return resolutions.resolve(
        policies, region_code=region_code, year=year, facts=UnitFacts(situation, **facts)
    )


def policy(code: str, region_code: str = "000000", **fields: Any) -> SharePolicy:
    values: dict[str, Any] = {
        "version": 1,
        "buyer_kinds": [],
        "year_from": 2021,
        "year_until": None,
        "carried_from": None,
        "situations": ALL,
        "denominator": Denominator.CANTEEN_FOOD_TOTAL,
        "floor_bp": 1000,
        "counting_origin_kinds": [OriginKind.NATIONAL_832],
        "counting_order_kinds": [OrderKind.RESERVED_SHARE],
        "counting_purchases": [one.value for one in Purchase],
        "filing_deadlines": {},
        "source": "test",
        "note_zh": "",
        "note_en": "",
    }
    return SharePolicy(
        id=PolicyId(new_id()), code=code, region_code=region_code, **(values | fields)
    )


NATION = policy("nation")
PROVINCE = policy("province", "440000", year_from=2022, year_until=2024, floor_bp=3000)


def losses(found: Resolution) -> dict[str, Loss]:
    return {f"{one.policy.code}/{one.policy.version}": one.reason for one in found.losing}
