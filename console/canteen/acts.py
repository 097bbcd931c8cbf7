"""What may be done with an order as a whole: by which door, when, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from console.widgets.words import N_

Order = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """An act that has a page of its own, with what is at stake above its button."""

    name: str
    door: str
    label: str
    consequence: str
    may_be_done: Callable[[Order], bool]


def _waits(order: Order) -> bool:
    return bool(order["order_status"] == "pending_approval")


def _is_untouched(order: Order) -> bool:
    """Say whether nothing is shipped or paid and the order stands."""
    stands = order["order_status"] in {"draft", "pending_approval", "placed", "confirmed"}
    unshipped = order["fulfilment_status"] == "unshipped"
    return stands and unshipped and order["payment_status"] == "unpaid"


def _waits_for_money(order: Order) -> bool:
    waits = order["order_status"] in {"placed", "confirmed"} and order["pay_mode"] == "pay_first"
    return waits and order["extended_at"] is None and order["payment_status"] == "unpaid"


APPROVE = Act(
    "approve", "orders.approve", N_("批准"),
    N_("批准后订单成立并通知供货方；额度、产量和库存继续为它占用。"), _waits,
)  # fmt: skip
REJECT = Act(
    "reject", "orders.reject", N_("不批准"),
    N_("订单作废，为它占用的额度、产量和库存全部释放，不能恢复。"), _waits,
)  # fmt: skip
SEND_BACK = Act(
    "send-back", "orders.send_back", N_("退回修改"),
    N_("订单退回下单人修改后重下；理由会显示给下单人。"), _waits,
)  # fmt: skip
CANCEL = Act(
    "cancel", "orders.cancel", N_("取消订单"),
    N_("订单作废，为它占用的额度、产量和库存全部释放，不能恢复。"), _is_untouched,
)  # fmt: skip
EXTEND = Act(
    "extend", "orders.extend", N_("延长付款期"),
    N_("付款期延长十五天，只能延长一次；到期仍未付款，订单自动取消。"), _waits_for_money,
)  # fmt: skip
ACTS = {one.name: one for one in (APPROVE, REJECT, SEND_BACK, CANCEL, EXTEND)}
DECISIONS = (APPROVE, REJECT, SEND_BACK)


def open_acts(order: Order, may: Callable[[str], bool]) -> list[Act]:
    """Give the acts that are open to who looks, as the order stands."""
    return [one for one in ACTS.values() if may(one.door) and one.may_be_done(order)]


def may_be_received(order: Order) -> bool:
    """Say whether goods of it are under way."""
    return any(left_of(line) for line in order["lines"])


def left_of(line: Mapping[str, Any]) -> str | None:
    """Give how much of a line was sent and not yet taken in or turned away, None for nothing."""
    names = ("shipped_quantity", "accepted_quantity", "rejected_quantity")
    sent, *received = (Decimal(line[name]) for name in names)
    left = sent - sum(received)
    return str(left) if left > 0 else None
