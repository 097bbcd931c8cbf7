"""Odd amounts and parties, each with what is nearly one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from kernel.calendar import SHANGHAI
from kernel.identity import new_id
from marketplace.oversight.models import FlagRule
from tests.marketplace.oversight.field import NOW, Field, Plant

BAND = 1_000_037


def near_threshold(field: Field, number: int, *, near: bool) -> UUID:
    """Plant three orders a little below the unit's band; nearly: two of them."""
    unit, supplier = field.pair()
    field.rows.add(
        "approval_threshold", unit_id=unit, amount_fen=BAND, approvers=1, from_on=date(2021, 1, 1)
    )
    amounts = [BAND - 13 - number, BAND - 20_011, BAND // 2 if near else BAND - 40_007]
    orders = [field.order(unit, supplier, fen, at=field.day()) for fen in amounts]
    return orders[0]


def split_orders(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a signal of split orders; nearly: one of long ago."""
    unit, supplier = field.pair()
    at = NOW - timedelta(days=500 if near else 10 + number)
    orders = [field.order(unit, supplier, 600_011, at=at) for _ in range(2)]
    signal = field.rows.add(
        "split_signal", unit_id=unit, buyer_id=unit, supplier_id=supplier, amount_fen=BAND,
        sum_fen=1_200_022, from_on=at.date(), until_on=at.date() + timedelta(days=3),
        completed_by=orders[1], created_at=at,
    )  # fmt: skip
    for one in orders:
        field.rows.add("split_order", signal_id=signal, order_id=one, amount_fen=600_011)
    return orders[0]


def round_amounts(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a pair whose orders come to whole thousands of yuan; nearly: every other does."""
    unit, supplier = field.pair()
    odd = 17 if near else 0
    amounts = [100_000 * (1 + each + number % 3) + odd * (each % 2) for each in range(4)]
    orders = [field.order(unit, supplier, fen, at=field.day()) for fen in amounts]
    return orders[0]


def concentration(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a unit that buys nearly all of one supplier; nearly: three quarters."""
    unit, supplier = field.pair()
    fen = 900_001 + number
    orders = [field.order(unit, supplier, fen, at=field.day()) for _ in range(6)]
    rest = fen * 2 if near else fen // 2
    field.order(unit, field.organisation(), rest, at=field.day())
    return orders[0]


def new_supplier(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a large first order of a new supplier; nearly: of one who is known."""
    at = field.day()
    supplier = field.organisation(at=at - timedelta(days=45 if near else 1 + number % 25))
    return field.order(field.organisation(), supplier, 5_000_017 + number, at=at)


def year_end_rush(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a unit that spends most of its year in December; nearly: just half."""
    unit = field.organisation()
    late = datetime(2025, 12, 1 + number % 28, 12, tzinfo=SHANGHAI)
    early = datetime(2025, 6, 15, 12, tzinfo=SHANGHAI)
    fen = 900_003
    order = field.order(unit, field.organisation(), fen, at=late, completed_at=late)
    field.order(unit, field.organisation(), fen if near else fen // 3, at=early)
    return order


def shared_account(field: Field, number: int, *, near: bool) -> UUID:
    """Plant two suppliers paid to one account; nearly: one supplier's two accounts."""
    index = number.to_bytes(8, "big") + new_id().bytes
    suppliers = list(field.pair())
    for each, one in enumerate(suppliers):
        field.rows.add(
            "bank_account", organisation_id=one, number_index=index + bytes([each * near]),
            closed_at=field.day() if each else None,
        )  # fmt: skip
    return suppliers[0]


def related_parties(field: Field, number: int, *, near: bool) -> UUID:
    """Plant one person's accounts on both sides of an order; nearly: two persons'."""
    unit, supplier = field.pair()
    person = number.to_bytes(8, "big") + new_id().bytes
    for each, one in enumerate((unit, supplier)):
        user = field.rows.add(
            "app_user", username=new_id().hex, organisation_id=one,
            person_index=person + bytes([each * near]),
        )  # fmt: skip
        field.rows.add("membership", user_id=user, organisation_id=one, role="unit_admin")
    return field.order(unit, supplier, field.fen(), at=field.day())


def circular_trade(field: Field, number: int, *, near: bool) -> UUID:
    """Plant two who buy of each other; nearly: one of them twice."""
    one, other = field.pair()
    field.order(one, other, field.fen() + number, at=field.day())
    back = (one, other) if near else (other, one)
    return field.order(*back, field.fen(), at=field.day())


PLANTS: Mapping[FlagRule, Plant] = MappingProxyType(
    {
        FlagRule.NEAR_THRESHOLD: near_threshold,
        FlagRule.SPLIT_ORDERS: split_orders,
        FlagRule.ROUND_AMOUNTS: round_amounts,
        FlagRule.CONCENTRATION: concentration,
        FlagRule.NEW_SUPPLIER: new_supplier,
        FlagRule.YEAR_END_RUSH: year_end_rush,
        FlagRule.SHARED_ACCOUNT: shared_account,
        FlagRule.RELATED_PARTIES: related_parties,
        FlagRule.CIRCULAR_TRADE: circular_trade,
    }
)
