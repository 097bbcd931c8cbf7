"""The contract of an order, for whoever sees the order."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import WrongState
from marketplace.orders.models.contracts import OrderContract
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.orders.queries.finding import get_order
from registry.accounts.models import AppUser


@dataclass(frozen=True)
class ContractView:
    """A contract as it was signed, and by which accounts."""

    order_id: OrderId
    statement: str
    digest: str
    key_id: str
    signature: str
    """Base64 of an Ed25519 signature over the UTF-8 bytes of `statement`."""
    signed_at: datetime
    accounts: Mapping[str, str]
    """The names of the signing accounts by their keys."""

    @property
    def said(self) -> dict[str, Any]:
        """Read the statement."""
        fields: dict[str, Any] = orjson.loads(self.statement)
        return fields


def get_contract(actor: Actor, order_id: OrderId) -> ContractView:
    """Get the contract of an order in the actor's sight (NotFound; WrongState until it is signed).

    An order that was called off after both had signed keeps its contract.
    """
    order = get_order(actor, order_id)
    found = db.session.scalar(select(OrderContract).where(OrderContract.order_id == order.id))
    if found is None:
        raise WrongState(state=order.order_status, wanted=OrderStatus.CONFIRMED)
    keys = [one["user_id"] for one in orjson.loads(found.statement)["signatures"]]
    rows = db.session.execute(select(AppUser.id, AppUser.username).where(AppUser.id.in_(keys)))
    return ContractView(
        order_id=order.id,
        statement=found.statement,
        digest=found.digest,
        key_id=found.key_id,
        signature=b64encode(found.signature).decode(),
        signed_at=found.signed_at,
        accounts={str(user_id): username for user_id, username in rows},
    )
