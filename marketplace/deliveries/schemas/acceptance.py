"""The form of an acceptance on paper (验收单), to be signed at the door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from kernel.calendar import SHANGHAI
from kernel.printing import print_sheet
from kernel.quantity import UNIT_LABELS
from marketplace.deliveries.models.goods import ReceiptLine, RejectReason
from marketplace.deliveries.queries.goods import AcceptanceView
from marketplace.orders.models.orders import OrderLine, OrderLineId

TITLE = "验收单"
HEAD = ("商品", "单位", "称重", "验收", "拒收", "拒收原因", "照片")
REASONS: Mapping[RejectReason, str] = MappingProxyType(
    {
        RejectReason.SPOILED: "变质",
        RejectReason.DAMAGED: "破损",
        RejectReason.WRONG_GOODS: "货不对板",
        RejectReason.WEIGHT: "重量不符",
        RejectReason.TEMPERATURE: "温度超限",
        RejectReason.EXPIRED: "过期",
        RejectReason.PAPERS_MISSING: "证票不全",
        RejectReason.OTHER: "其他",
    }
)


@dataclass
class _Sum:
    """What a receipt says of an order line, all its lots together."""

    accepted: Decimal = Decimal(0)
    rejected: Decimal = Decimal(0)
    reason: str = "—"

    def add(self, row: ReceiptLine) -> None:
        self.accepted += row.accepted_quantity
        self.rejected += row.rejected_quantity
        if row.rejected_quantity:
            code = REASONS[row.reason_code or RejectReason.OTHER]
            self.reason = "：".join(filter(None, (code, row.reason)))


def print_acceptance(view: AcceptanceView) -> bytes:
    """Print what a receipt took in and turned away; the same receipt is the same bytes."""
    receipt = view.receipt.receipt
    sums: dict[OrderLineId, _Sum] = defaultdict(_Sum)
    for row in view.receipt.lines:
        sums[row.order_line_id].add(row)
    rows = [_row(line, sums[line.id], view) for line in view.lines if line.id in sums]
    at = f"{receipt.received_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    said = (
        f"订单编号 {view.receipt.order.number}　验收时间 {at}",
        f"采购单位：{view.unit}",
        f"供货单位：{view.supplier}",
    )
    places = ("验收人签字：＿＿＿＿＿＿＿＿", "送货人签字：＿＿＿＿＿＿＿＿")
    return print_sheet(TITLE, said, (HEAD, rows), after=places, made_at=receipt.received_at)


def _row(line: OrderLine, found: _Sum, view: AcceptanceView) -> tuple[str, ...]:
    scales = [one for one in view.receipt.weighings if one.order_line_id == line.id]
    photos = sum(one.order_line_id == line.id for one in view.receipt.photos)
    return (
        line.title,
        UNIT_LABELS[line.unit][0],
        f"{scales[0].weighed_quantity}" if scales else "—",
        f"{found.accepted}",
        f"{found.rejected}",
        found.reason,
        f"{photos} 张" if photos else "—",
    )
