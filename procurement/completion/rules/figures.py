"""How far a promise is kept: what counts, the rate, and what is owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kernel.actor import Actor, Sight
from kernel.errors import NotFound
from kernel.money import Fen
from procurement.completion.models import Counting, Ranked, Reach, Sum, UnitRow
from procurement.completion.rules.words import uncounted_words, why_no_rate
from procurement.policies.models import OrderKind, PolicyId, Purchase, SharePolicy
from procurement.policies.rules.floors import NotCounted, why_not_counted
from procurement.policies.rules.words import Words
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.models import OriginKind
from registry.regions.rules import subtree_prefix

FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Money that was paid and does not count, and why; `purchase` where that is the reason."""

    origin_kind: OriginKind
    order_kind: OrderKind
    purchase: Purchase | None
    amount_fen: Fen
    reason: NotCounted
    why: Words


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
    not_counted: tuple[Uncounted, ...]


def completion_rate(counted: Fen, reserved: Fen) -> Decimal | None:
    """Divide what counts by what was promised: four places, half up; None without a promise.

    Always from the amounts, never from a stored rate.
    """
    if reserved <= 0:
        return None
    return (Decimal(counted) / Decimal(reserved)).quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)


def figures_of(
    sums: Sequence[Sum], *, policies: Mapping[PolicyId, SharePolicy], unit: UnitRow | None = None
) -> Figures:
    """Add sums up to figures; `paid_fen` less `counted_fen` is exactly what `not_counted` says.

    Where there is no rate, the words say why: of a unit, whether it has ended or has no canteen.
    """
    not_counted = _uncounted(sums, policies)
    reserved = Fen(sum(one.reserved_fen for one in sums))
    ruled = Fen(sum(one.reserved_fen for one in sums if one.policy_id is not None))
    paid = Fen(sum(one.paid_fen for one in sums))
    counted = Fen(paid - sum(one.amount_fen for one in not_counted))
    note = why_no_rate(reserved=reserved, ruled=ruled, unit=unit)
    return Figures(
        reserved_fen=reserved,
        ordered_fen=Fen(sum(one.ordered_fen for one in sums)),
        accepted_fen=Fen(sum(one.accepted_fen for one in sums)),
        paid_fen=paid,
        counted_fen=counted,
        owed_fen=Fen(max(0, reserved - counted)),
        paid_elsewhere_fen=Fen(sum(one.paid_elsewhere_fen for one in sums)),
        rate=None if note else completion_rate(counted, reserved),
        rate_note=note,
        not_counted=not_counted,
    )


def ranked_figures(one: Ranked) -> Figures:
    """Give the figures of a ranked unit; what does not count is told by the unit's own report."""
    note = why_no_rate(reserved=one.reserved_fen, ruled=one.ruled_fen, unit=one.row)
    return Figures(
        reserved_fen=one.reserved_fen,
        ordered_fen=one.ordered_fen,
        accepted_fen=one.accepted_fen,
        paid_fen=one.paid_fen,
        counted_fen=one.counted_fen,
        owed_fen=Fen(max(0, one.reserved_fen - one.counted_fen)),
        paid_elsewhere_fen=Fen(0),
        rate=None if note else completion_rate(one.counted_fen, one.reserved_fen),
        rate_note=note,
        not_counted=(),
    )


def counting_of(policies: Iterable[SharePolicy]) -> Counting:
    """Give whose paid money counts under each policy, and what of which kinds."""
    found = list(policies)
    return Counting(
        frozenset(
            (policy.id, OriginKind(origin_kind), OrderKind(order_kind))
            for policy in found
            for origin_kind in policy.counting_origin_kinds
            for order_kind in policy.counting_order_kinds
        ),
        frozenset(
            (policy.id, purchase)
            for policy in found
            for purchase in Purchase
            if purchase not in policy.counting_purchases
        ),
    )


def region_reach(region_code: str) -> Reach:
    """Give all units inside a region as what is asked about."""
    return Reach(None, None, region_code, subtree_prefix(region_code))


def tree_reach(unit: Organisation, places: Iterable[tuple[OrganisationId, str, str]]) -> Reach:
    """Give a unit and what stood under it; `places` are (who, lineage then, lineage now)."""
    moved = {one: (then, now) for one, then, now in places}
    root_then, root_now = moved.get(unit.id, (unit.lineage, unit.lineage))
    under = {
        one: (then.startswith(root_then), now.startswith(root_now))
        for one, (then, now) in moved.items()
    }
    return Reach(
        unit.id,
        unit.lineage,
        unit.region_code,
        unit.region_prefix,
        joined=tuple(sorted(one for one, at in under.items() if at == (True, False))),
        left=tuple(sorted(one for one, at in under.items() if at == (False, True))),
    )


def check_region_reach(region_code: str, *, by: Actor) -> None:
    """Refuse the figures of a region that the actor does not see as a whole (NotFound)."""
    inside = subtree_prefix(region_code).startswith(by.region_prefix)
    if by.sight is not Sight.ALL and not (by.sight is Sight.REGION and inside):
        raise NotFound


def _uncounted(
    sums: Sequence[Sum], policies: Mapping[PolicyId, SharePolicy]
) -> tuple[Uncounted, ...]:
    amounts: dict[tuple[OriginKind, OrderKind, NotCounted, Purchase | None], int] = {}
    for one in sums:
        if one.origin_kind is None or one.order_kind is None:
            continue
        policy = None if one.policy_id is None else policies[one.policy_id]
        reason = why_not_counted(
            policy,
            origin_kind=one.origin_kind,
            order_kind=one.order_kind,
            purchase=one.purchase,
        )
        if reason is not None and one.paid_fen:
            whose = one.purchase if reason is NotCounted.PURCHASE else None
            key = (one.origin_kind, one.order_kind, reason, whose)
            amounts[key] = amounts.get(key, 0) + one.paid_fen
    return tuple(
        Uncounted(
            origin,
            kind,
            whose,
            Fen(amount),
            reason,
            uncounted_words(origin, kind, reason, purchase=whose),
        )
        for (origin, kind, reason, whose), amount in sorted(amounts.items(), key=_in_order)
    )


def _in_order(
    item: tuple[tuple[OriginKind, OrderKind, NotCounted, Purchase | None], int],
) -> tuple[str, ...]:
    return tuple(one or "" for one in item[0])
