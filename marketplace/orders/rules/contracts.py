"""What the contract of an order says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from marketplace.campaigns.models.commissions import FarmingCommission, FarmingMilestone
from marketplace.orders.models.orders import OrderLine, PurchaseOrder
from registry.organisations.models import Organisation

FORMAT = "bangfu-contract/1"


@dataclass(frozen=True)
class Signing:
    """Who signed for a side, by which act, and when."""

    side: str
    act: str
    user_id: UUID
    at: datetime


@dataclass(frozen=True)
class Parties:
    """Who buys, for whom, and who sells."""

    buyer: Organisation
    unit: Organisation
    supplier: Organisation


@dataclass(frozen=True)
class Farming:
    """The adopted plot that an order pays for, and its milestones in their order."""

    plot: FarmingCommission
    milestones: Sequence[FarmingMilestone]


def contract_of(
    order: PurchaseOrder,
    *,
    parties: Parties,
    lines: Sequence[OrderLine],
    signings: Sequence[Signing],
    farming: Farming | None = None,
) -> bytes:
    """Give what is signed: canonical JSON (sorted keys, no spaces, UTF-8; RFC 8785).

    People stand in it by their accounts' keys; the contact of the delivery does not.
    """
    fields: dict[str, Any] = {
        "format": FORMAT,
        "number": order.number,
        "kind": order.kind.value,
        "year": order.year,
        "fund": order.fund.value,
        "buyer": _party(parties.buyer),
        "bound_unit": _party(parties.unit),
        "supplier": _party(parties.supplier),
        "lines": [_line(line) for line in lines],
        "goods_fen": order.goods_fen,
        "freight_fen": order.freight_fen,
        "total_fen": order.total_fen,
        "pay_mode": order.pay_mode.value,
        "payment_term_days": order.payment_term_days,
        "pay_by": None if order.expires_at is None else _instant(order.expires_at),
        "delivery_address": order.delivery_address,
        "delivery_on": None if order.delivery_on is None else order.delivery_on.isoformat(),
        "signatures": [
            {
                "side": one.side,
                "act": one.act,
                "user_id": str(one.user_id),
                "at": _instant(one.at),
            }
            for one in signings
        ],
    }
    if farming is not None:
        fields["farming"] = _farming(farming)
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def _party(one: Organisation) -> dict[str, str | None]:
    return {"name": one.name, "credit_code": one.credit_code}


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "title": line.title,
        "certificate_number": line.certificate_number,
        "unit": line.unit.value,
        "quantity": f"{line.quantity:.3f}",
        "unit_price_fen": line.unit_price_fen,
        "amount_fen": line.amount_fen,
    }


def _farming(farming: Farming) -> dict[str, Any]:
    plot = farming.plot
    return {
        "number": plot.number,
        "village_code": plot.village_code,
        "area_mu": f"{plot.area_mu:f}",
        "harvest_by_on": plot.harvest_by_on.isoformat(),
        "on_failure": plot.on_failure.value,
        "prepaid_fen": plot.prepaid_fen,
        "milestones": [
            {"title": one.title, "due_on": one.due_on.isoformat(), "amount_fen": one.amount_fen}
            for one in farming.milestones
        ],
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
