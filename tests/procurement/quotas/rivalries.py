"""Pairs of acts on quotas that may meet at any moment, and what to look at afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.quotas.commands import closings, holds, mergers
from procurement.quotas.commands.allocations import AllocationPart, NewAllocation, allocate
from procurement.quotas.commands.opening import revise_quota
from procurement.quotas.commands.transfers import transfer
from procurement.quotas.models import Fund, Quota, QuotaId
from procurement.quotas.rules import QuotaTerms
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.racing import Act

AFTER = datetime(2027, 1, 1, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Rivalry:
    """Two acts on something new, and the quotas to look at afterwards."""

    first: Act
    second: Act
    quotas: Sequence[QuotaId]


def reserve(quota_id: QuotaId, amount: int, order_id: UUID | None = None) -> Act:
    return partial(
        holds.hold,
        order_id=order_id or new_id(),
        quota_id=quota_id,
        parts=[procurement.part(amount)],
        expires_at=None,
        now=NOW,
    )


def allocation_and_reserve() -> Rivalry:
    people = procurement.cast_of()
    top = procurement.quota(people.superior, 100).id
    below = procurement.quota(people.unit, 100).id
    new = NewAllocation([AllocationPart(people.unit.id, Fen(60), Fen(0))], "分配")
    by = registry.actor_of(people.superior_admin)
    return Rivalry(partial(allocate, top, new, by=by, now=NOW), reserve(top, 60), [top, below])


def cut_and_reserve() -> Rivalry:
    people = procurement.cast_of()
    quota_id = procurement.quota(people.unit, 100).id
    terms = QuotaTerms(Fund.CANTEEN, Fen(50), Fen(0))
    by = registry.actor_of(people.supervisor)
    cut = partial(revise_quota, quota_id, terms, source="修订", by=by, now=NOW)
    return Rivalry(cut, reserve(quota_id, 60), [quota_id])


def merger_and_reserve() -> Rivalry:
    people = procurement.cast_of()
    gone = procurement.quota(people.unit, 100).id
    heir = procurement.quota(people.superior, 100).id
    reserve(gone, 30)()
    merge = partial(
        mergers.carry_to_successor, people.unit.id, successor_id=people.superior.id, now=NOW
    )
    return Rivalry(merge, reserve(gone, 60), [gone, heir])


def merger_and_release() -> Rivalry:
    people = procurement.cast_of()
    gone = procurement.quota(people.unit, 100).id
    heir = procurement.quota(people.superior, 100).id
    order_id = new_id()
    reserve(gone, 30, order_id)()
    merge = partial(
        mergers.carry_to_successor, people.unit.id, successor_id=people.superior.id, now=NOW
    )
    release = partial(holds.release, order_id=order_id, amounts=None, now=NOW)
    return Rivalry(merge, release, [gone, heir])


def close_and_late_payment() -> Rivalry:
    people = procurement.cast_of()
    quota_id = procurement.quota(people.unit, 100).id
    order_id = new_id()
    reserve(quota_id, 60, order_id)()
    office = registry.actor_of(people.supervisor)
    close = partial(closings.close_year, 2026, by=office, now=AFTER)
    return Rivalry(close, payment(order_id, AFTER), [quota_id])


def expiry(order_id: UUID, now: datetime = NOW) -> Act:
    amounts = {"national_832": Fen(60)}
    return partial(holds.release, order_id=order_id, amounts=amounts, now=now, expired=True)


def payment(order_id: UUID, now: datetime = NOW) -> Act:
    return partial(holds.post, order_id=order_id, amounts={"national_832": Fen(60)}, now=now)


def payment_and_expiry() -> Rivalry:
    quota_id = procurement.quota(procurement.cast_of().unit, 100).id
    order_id = new_id()
    reserve(quota_id, 60, order_id)()
    return Rivalry(payment(order_id), expiry(order_id), [quota_id])


def refund(order_id: UUID) -> Act:
    return partial(holds.refund, order_id=order_id, amounts={"national_832": Fen(40)}, now=NOW)


def refund_and_refund() -> Rivalry:
    quota_id = procurement.quota(procurement.cast_of().unit, 100).id
    order_id = new_id()
    reserve(quota_id, 60, order_id)()
    payment(order_id)()
    return Rivalry(refund(order_id), refund(order_id), [quota_id])


def close_and_expiry() -> Rivalry:
    people = procurement.cast_of()
    quota_id = procurement.quota(people.unit, 100).id
    order_id = new_id()
    reserve(quota_id, 60, order_id)()
    office = registry.actor_of(people.supervisor)
    close = partial(closings.close_year, 2026, by=office, now=AFTER)
    return Rivalry(close, expiry(order_id, AFTER + timedelta(seconds=1)), [quota_id])


def rebinding_and_payment() -> Rivalry:
    people = procurement.cast_of()
    here = procurement.quota(people.unit, 100).id
    there = procurement.quota(people.superior, 100).id
    order_id = new_id()
    reserve(here, 60, order_id)()
    by, to_id = registry.actor_of(people.superior_admin), people.superior.id
    rebind = partial(transfer, order_id=order_id, to_unit_id=to_id, source="改绑", by=by, now=NOW)
    return Rivalry(rebind, payment(order_id), [here, there])


RIVALRIES = (
    allocation_and_reserve,
    cut_and_reserve,
    merger_and_reserve,
    merger_and_release,
    close_and_late_payment,
    payment_and_expiry,
    refund_and_refund,
    close_and_expiry,
    rebinding_and_payment,
)


def look(quotas: Sequence[QuotaId]) -> list[tuple[int, ...]]:
    """Give ceiling, floor, held and spent of each, and whether it is closed."""
    rows = [db.session.get_one(Quota, one, populate_existing=True) for one in quotas]
    return [
        (
            int(row.ceiling_fen),
            int(row.floor_fen),
            int(row.held_fen),
            int(row.spent_fen),
            int(row.closed_at is not None),
        )
        for row in rows
    ]
