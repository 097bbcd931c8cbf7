"""What may be done with an order as a whole: by which door, when, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from console.widgets.acts import Act, Entry
from console.widgets.words import N_

Order = Mapping[str, Any]
REASON = (Entry("reason", N_("理由"), rows=3),)
VOID = N_("订单作废，为它占用的额度、产量和库存全部释放，不能恢复。")
ACTS = {
    "approve": Act(
        "orders.approve", N_("批准"), N_("订单已批准。"),
        N_("批准后订单成立并通知供货方；额度、产量和库存继续为它占用。"),
    ),
    "reject": Act("orders.reject", N_("不批准"), N_("订单未获批准，已作废。"), VOID, REASON),
    "send-back": Act(
        "orders.send_back", N_("退回修改"), N_("订单已退回。"),
        N_("订单退回下单人修改后重下；理由会显示给下单人。"), REASON,
    ),
    "cancel": Act("orders.cancel", N_("取消订单"), N_("订单已取消。"), VOID, REASON),
    "extend": Act(
        "orders.extend", N_("延长付款期"), N_("付款期已延长。"),
        N_("付款期延长十五天，只能延长一次；到期仍未付款，订单自动取消。"),
    ),
}  # fmt: skip
DECISIONS = ("approve", "reject", "send-back")


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


WHEN: Mapping[str, Callable[[Order], bool]] = {
    **dict.fromkeys(DECISIONS, _waits),
    "cancel": _is_untouched,
    "extend": _waits_for_money,
}
"""As which an order stands when an act is open."""


def open_acts(order: Order, may: Callable[[str], bool]) -> list[tuple[str, Act]]:
    """Give the acts that are open to who looks, as the order stands."""
    return [(one, act) for one, act in ACTS.items() if may(act.door) and WHEN[one](order)]


def may_be_received(order: Order) -> bool:
    """Say whether goods of it are under way."""
    return any(left_of(line) for line in order["lines"])


def left_of(line: Mapping[str, Any]) -> str | None:
    """Give how much of a line was sent and not yet taken in or turned away, None for nothing."""
    names = ("shipped_quantity", "accepted_quantity", "rejected_quantity")
    sent, *received = (Decimal(line[name]) for name in names)
    left = sent - sum(received)
    return str(left) if left > 0 else None
