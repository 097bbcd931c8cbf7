"""How far a promise is kept: what counts, the rate, what is owed, and where the year may end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from kernel.actor import Actor, Sight
from kernel.calendar import shanghai_day
from kernel.errors import NotFound
from kernel.money import Fen
from procurement.completion.models import Sum
from procurement.policies.models import OrderKind, PolicyId, SharePolicy
from procurement.policies.rules import NotCounted, Words, why_not_counted
from registry.regions.models import OriginKind
from registry.regions.rules import subtree_prefix

FOUR_PLACES = Decimal("0.0001")
NO_DUTY = Words("无预留任务", "no duty")


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Money that was paid and does not count, and why."""

    origin_kind: OriginKind
    order_kind: OrderKind
    amount_fen: Fen
    reason: NotCounted
    why: Words


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the year ends if it goes on at the pace so far."""

    counted_fen: Fen
    rate: Decimal | None
    reaches: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The completion of a unit, a tree of units or a region, as of an instant (fen)."""

    reserved_fen: Fen
    ordered_fen: Fen
    accepted_fen: Fen
    paid_fen: Fen
    counted_fen: Fen
    owed_fen: Fen
    paid_elsewhere_fen: Fen
    rate: Decimal | None
    rate_note: Words | None
    forecast: Forecast | None
    not_counted: tuple[Uncounted, ...]


def completion_rate(counted: Fen, reserved: Fen) -> Decimal | None:
    """Divide what counts by what was promised: four places, half up; None without a promise.

    Always from the amounts, never from a stored rate.
    """
    if reserved <= 0:
        return None
    return (Decimal(counted) / Decimal(reserved)).quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)


def figures_of(
    sums: Sequence[Sum],
    *,
    policies: Mapping[PolicyId, SharePolicy],
    year: int,
    as_of: datetime,
) -> Figures:
    """Add sums up to figures; `paid_fen` less `counted_fen` is exactly what `not_counted` says."""
    not_counted = _uncounted(sums, policies)
    reserved = Fen(sum(one.reserved_fen for one in sums))
    paid = Fen(sum(one.paid_fen for one in sums))
    counted = Fen(paid - sum(one.amount_fen for one in not_counted))
    rate = completion_rate(counted, reserved)
    return Figures(
        reserved_fen=reserved,
        ordered_fen=Fen(sum(one.ordered_fen for one in sums)),
        accepted_fen=Fen(sum(one.accepted_fen for one in sums)),
        paid_fen=paid,
        counted_fen=counted,
        owed_fen=Fen(max(0, reserved - counted)),
        paid_elsewhere_fen=Fen(sum(one.paid_elsewhere_fen for one in sums)),
        rate=rate,
        rate_note=NO_DUTY if rate is None else None,
        forecast=forecast(counted=counted, paid=paid, reserved=reserved, year=year, as_of=as_of),
        not_counted=not_counted,
    )


def forecast(
    *, counted: Fen, paid: Fen, reserved: Fen, year: int, as_of: datetime
) -> Forecast | None:
    """Carry the pace so far on to the end of the year: counted × days of the year ÷ days gone.

    Shanghai days, the day of `as_of` among those gone; half a fen goes up. None before any
    payment and before the year begins; after its end the forecast is what was counted.
    """
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    whole = (after - first).days
    gone = min(whole, (shanghai_day(as_of) - first).days + 1)
    if paid <= 0 or gone <= 0:
        return None
    expected = Fen((counted * whole * 2 + gone) // (gone * 2))
    return Forecast(expected, completion_rate(expected, reserved), expected >= reserved)


def check_region_reach(region_code: str, *, by: Actor) -> None:
    """Refuse the figures of a region that the actor does not see as a whole (NotFound)."""
    inside = subtree_prefix(region_code).startswith(by.region_prefix)
    if by.sight is not Sight.ALL and not (by.sight is Sight.REGION and inside):
        raise NotFound


ORIGIN_WORDS: Mapping[OriginKind, Words] = MappingProxyType(
    {
        OriginKind.NATIONAL_832: Words("832 个脱贫县", "the 832 counties"),
        OriginKind.PROVINCIAL_VILLAGE: Words("省级贫困村", "provincial poor villages"),
        OriginKind.PAIRED_REGION: Words("结对帮扶地区", "paired regions"),
        OriginKind.OTHER: Words("其他地区", "other places"),
    }
)
ORDER_WORDS: Mapping[OrderKind, Words] = MappingProxyType(
    {
        OrderKind.RESERVED_SHARE: Words("预留份额采购", "reserved share"),
        OrderKind.PRIORITY: Words("优先采购", "priority purchase"),
        OrderKind.PURCHASE_INSTEAD_OF_DONATION: Words("以购代捐", "purchase instead of donation"),
        OrderKind.PURCHASE_INSTEAD_OF_SALE: Words("以购代销", "purchase instead of sale"),
        OrderKind.COMMISSIONED_FARMING: Words("代耕代种", "commissioned farming"),
    }
)


def _uncounted(
    sums: Sequence[Sum], policies: Mapping[PolicyId, SharePolicy]
) -> tuple[Uncounted, ...]:
    amounts: dict[tuple[OriginKind, OrderKind, NotCounted], int] = {}
    for one in sums:
        if one.origin_kind is None or one.order_kind is None:
            continue
        policy = None if one.policy_id is None else policies[one.policy_id]
        reason = why_not_counted(policy, origin_kind=one.origin_kind, order_kind=one.order_kind)
        if reason is not None and one.paid_fen:
            key = (one.origin_kind, one.order_kind, reason)
            amounts[key] = amounts.get(key, 0) + one.paid_fen
    return tuple(
        Uncounted(origin, kind, Fen(amount), reason, _words(origin, kind, reason))
        for (origin, kind, reason), amount in sorted(amounts.items())
    )


def _words(origin_kind: OriginKind, order_kind: OrderKind, reason: NotCounted) -> Words:
    if reason is NotCounted.NO_POLICY:
        return Words("没有生效的份额政策", "no share policy is in force")
    if reason is NotCounted.ORIGIN_KIND:
        place = ORIGIN_WORDS[origin_kind]
        return Words(
            f"{place.zh}产品不计入生效政策的预留份额",
            f"goods of {place.en} do not count toward the share of the policy in force",
        )
    kind = ORDER_WORDS[order_kind]
    return Words(
        f"生效政策未将{kind.zh}列入预留份额",
        f"the policy in force does not count orders of the kind {kind.en}",
    )
