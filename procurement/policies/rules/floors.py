"""How much a policy demands of a unit, and what it lets count."""

from __future__ import annotations

from enum import StrEnum

from kernel.money import Fen, share
from procurement.policies.models import Denominator, OrderKind, Purchase, SharePolicy
from registry.regions.models import OriginKind

NOTHING = Fen(0)


class NotCounted(StrEnum):
    """Why paid money does not count toward the reserved share."""

    ORIGIN_KIND = "origin_kind"
    ORDER_KIND = "order_kind"
    PURCHASE = "purchase"
    """The policy does not count whose purchase it is."""
    NO_POLICY = "no_policy"


def floor_of(
    policy: SharePolicy,
    *,
    canteen_total: Fen,
    union_total: Fen,
    farm_total: Fen = NOTHING,
    floor_bp: int | None = None,
) -> Fen:
    """Give the least a unit must reserve (fen, half up); `floor_bp` is a waiver's."""
    measured = _measured(policy, canteen=canteen_total, union=union_total, farm=farm_total)
    return share(measured, policy.floor_bp if floor_bp is None else floor_bp)


def promise_of(policy: SharePolicy, *, canteen_reserved: Fen, union_reserved: Fen) -> Fen:
    """Give what of a promise is held against the floor: the same funds as the denominator."""
    return _measured(policy, canteen=canteen_reserved, union=union_reserved, farm=canteen_reserved)


def why_not_counted(
    policy: SharePolicy | None,
    *,
    origin_kind: OriginKind,
    order_kind: OrderKind,
    purchase: Purchase,
) -> NotCounted | None:
    """Say why paid money of these kinds does not count toward the share; None where it does."""
    if policy is None:
        return NotCounted.NO_POLICY
    if origin_kind not in policy.counting_origin_kinds:
        return NotCounted.ORIGIN_KIND
    if order_kind not in policy.counting_order_kinds:
        return NotCounted.ORDER_KIND
    if purchase not in policy.counting_purchases:
        return NotCounted.PURCHASE
    return None


def _measured(policy: SharePolicy, *, canteen: Fen, union: Fen, farm: Fen) -> Fen:
    return {
        Denominator.CANTEEN_FOOD_TOTAL: canteen,
        Denominator.FARM_PRODUCE_TOTAL: farm,
        Denominator.UNION_TOTAL: union,
        Denominator.CANTEEN_AND_UNION_TOTAL: Fen(canteen + union),
    }[policy.denominator]
