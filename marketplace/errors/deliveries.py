"""Refusals of deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Refusal, Unacceptable


class OverShipped(Unacceptable):
    """More than the line has left to ship."""

    zh = "超出未发货数量：剩余 {left}，本次 {wanted}。"
    en = "Over what is left to ship: {left} left, {wanted} given."


class OverReceived(Unacceptable):
    """More than was shipped and not yet received."""

    zh = "超出已发未收数量：剩余 {left}，本次 {wanted}。"
    en = "Over what was shipped and not yet received: {left} left, {wanted} given."


class ReasonMissing(Unacceptable):
    """A rejection says why."""

    zh = "拒收必须说明原因。"
    en = "A rejection needs a reason."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_order_line_shipped": OverShipped,
    "ck_order_line_received": OverReceived,
}
