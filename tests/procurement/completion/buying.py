"""What units bought, and what completion says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds
from procurement.quotas.models import Fund, Quota
from procurement.quotas.rules import QuotaPart
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders.procurement import NOW, YEAR
from tests.procurement.flow import Flow

C832, VILLAGE = OriginKind.NATIONAL_832, OriginKind.PROVINCIAL_VILLAGE
APRIL = datetime(2026, 4, 20, 4, tzinfo=UTC)


def buys(
    unit: Organisation,
    paid: int,
    *,
    origin: OriginKind = C832,
    category: str = "grain",
    buyer: OrganisationKind = OrganisationKind.BUDGET_UNIT,
    fund: Fund = Fund.CANTEEN,
    at: datetime = NOW,
    paid_at: datetime | None = None,
) -> None:
    """Order at one instant and pay at another."""
    quota_id = db.session.execute(
        select(Quota.id).where(Quota.unit_id == unit.id, Quota.year == YEAR, Quota.fund == fund)
    ).scalar_one()
    order_id = new_id()
    part = QuotaPart(origin, OrderKind.RESERVED_SHARE, Fen(paid), category)
    holds.hold(
        order_id=order_id,
        quota_id=quota_id,
        parts=[part],
        expires_at=None,
        now=at,
        buyer_kind=buyer,
    )
    holds.post(order_id=order_id, amounts={part.heading: Fen(paid)}, now=paid_at or at)


def get(flow: Flow, door: str, token: str, **query: Any) -> dict[str, Any]:
    answer = flow.get(f"/completion/{door}", token, **({"year": YEAR} | query))
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())
